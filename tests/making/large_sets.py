"""Live sets as large as songs get, as the documents that a report has of them."""

from __future__ import annotations

import gzip
from functools import cache
from typing import TYPE_CHECKING, Any

from app.liveset.document import live_set_document
from app.liveset.model.clips import Clip, Loop
from app.liveset.model.devices import Device, DeviceKind, DeviceTask, Sidechain
from app.liveset.model.inventory import Place, PluginUse, Sample
from app.liveset.model.live_set import LiveSet, SkippedClips
from app.liveset.model.song import Locator, Scene, SignaturePoint, TempoPoint
from app.liveset.model.tracks import Delay, Lane, Role, RoleGuess, Routing, Send, Track, TrackKind
from tests.making_sets.xml import tag

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = '<img src=x onerror=alert(1)> {{ 7 * 7 }} {% include "x" %} & "quoted"'
END_BEATS = 640.0
_SONGS = ("Kick", "Snare", "Hats", "Sub", "Reese", "Pads", "Lead", "Vox", "Riser", "Stab")


def _clips(place: int) -> tuple[Clip, ...]:
    """Clips of four bars, with gaps that differ from track to track, and one that is muted."""
    starts = [16.0 * step for step in range(int(END_BEATS // 16)) if (step + place) % (2 + place % 3)]
    return tuple(
        Clip(
            name=f"Clip {step}",
            slot=None,
            start_beat=start,
            end_beat=start + 16.0,
            length_beats=16.0,
            is_muted=step == 3,
            colour=place % 60,
            loop=Loop(is_on=True, start=0.0, end=16.0),
            scale=None,
            audio=None,
            notes=None,
        )
        for step, start in enumerate(starts)
    )


def _devices(place: int) -> tuple[Device, ...]:
    side = Sidechain("AudioIn/Track.20/PostFxOut", track=1) if place % 9 == 4 else None
    effect = DeviceTask.AUDIO_EFFECT
    return (
        Device("PluginDevice", "Serum", DeviceKind.VST3, DeviceTask.INSTRUMENT, is_on=True, maker="Xfer Records"),
        Device("Eq8", "EQ Eight", DeviceKind.NATIVE, effect, is_on=place % 5 != 0),
        Device("Compressor2", "Compressor", DeviceKind.NATIVE, effect, is_on=True, sidechain=side),
    )


def _track(place: int, kind: TrackKind, **other: Any) -> Track:
    given: dict[str, Any] = {
        "index": place,
        "id": 20 + place,
        "kind": kind,
        "name": f"{_SONGS[place % 10]} {place}",
        "given_name": "",
        "group": None,
        "depth": 0,
        "is_folded": False,
        "colour": place % 60,
        "volume_db": -0.5 * (place % 40) if place % 17 else None,
        "pan": (place % 21 - 10) / 20,
        "sends": (Send(-12.0, is_on=True), Send(None, is_on=True)),
        "is_muted": place % 13 == 5,
        "is_soloed": False,
        "is_armed": place % 31 == 3,
        "is_frozen": place % 11 == 7,
        "delay": Delay(-4.5 if place % 19 == 2 else 0.0, is_in_samples=False),
        "routing": Routing(),
        "devices": (),
        "clips": (),
        "lanes": (Lane(None, "Volume", 4, 0.1, 1.0, 0.0, 64.0),) if place % 6 == 1 else (),
        "role": RoleGuess(Role.KICK, 0.86, ("its name",)) if place % 10 == 0 else None,
    }
    return Track(**{**given, **other})


def _sample(place: int) -> Sample:
    where = (Place.PROJECT, Place.OUTSIDE, Place.PACK)[place % 3]
    pack = "Core Library" if where is Place.PACK else ""
    return Sample(f"sound {place}.wav", where, pack, 264_600, 66_150, 44_100, 1.5, 1)


@cache
def large_set(count: int = 200) -> LiveSet:
    """Return a set of so many tracks with clips, in groups of ten, two returns and the main track."""
    tracks: list[Track] = []
    for place in range(count):
        if place % 10 == 0:
            tracks.append(_track(len(tracks), TrackKind.GROUP, name=f"Group {place // 10}", clips=()))
            group = len(tracks) - 1
        index = len(tracks)
        inside = {"group": group, "depth": 1, "clips": _clips(index), "devices": _devices(index)}
        tracks.append(_track(index, TrackKind.MIDI if place % 2 else TrackKind.AUDIO, **inside))
    tracks[1] = _track(1, TrackKind.AUDIO, name=HOSTILE, group=0, depth=1, clips=_clips(1), devices=_devices(1))
    tracks += [_track(len(tracks) + place, TrackKind.RETURN, name=f"Return {place}") for place in range(2)]
    tracks.append(_track(len(tracks), TrackKind.MASTER, name="Main", id=0))
    return LiveSet(
        creator="Ableton Live 12.1.5",
        version="12.1.5",
        schema="12.0_12117",
        tempo_bpm=128.0,
        tempo_field_bpm=128.0,
        tempo_is_automated=True,
        tempo_points=(TempoPoint(0.0, 128.0), TempoPoint(320.0, 128.0), TempoPoint(384.0, 132.0)),
        time_signature="4/4",
        signature_points=(SignaturePoint(0.0, "4/4"), SignaturePoint(512.0, "7/8")),
        scale=None,
        in_key=None,
        loop_is_on=False,
        loop_start_beat=0.0,
        loop_beats=16.0,
        arrangement_beats=END_BEATS,
        arrangement_s=298.0,
        tracks=tuple(tracks),
        locators=tuple(Locator(64.0 * place, 30.0 * place, f"{HOSTILE} {place}") for place in range(10)),
        scenes=(Scene("Intro"),),
        plugins=(PluginUse("Serum", "Xfer Records", DeviceKind.VST3, count, tuple(range(1, count))),),
        samples=tuple(_sample(place) for place in range(300)),
        skipped_clips=SkippedClips(),
        unknown={},
    )


def large_document(count: int = 200) -> dict[str, Any]:
    """Return the same as a report has it."""
    return {"file": {"name": "Night Bus.als", "sha256": "0" * 64}, **live_set_document(large_set(count))}


def write_heavy_set(path: Path, unpacked_bytes: int) -> int:
    """Write a set that unpacks to nearly so many bytes; return how many they are.

    Its tracks are made as Live 9 writes plug-ins: each of many parameters with its name, its
    automation and its ranges, which is what the heaviest real sets are full of.
    """
    parameter = tag(
        "PluginFloatParameter",
        tag("ParameterName", Value="Cutoff &amp; resonance"),
        tag("ParameterId", Value=12),
        tag("VisualIndex", Value=3),
        tag(
            "ParameterValue",
            tag("LomId", Value=0),
            tag("ArrangerAutomation", tag("Events", tag("FloatEvent", Id=0, Time="-63072000", Value=0.5))),
            tag("Manual", Value=0.5),
            tag("MidiControllerRange", tag("Min", Value=0), tag("Max", Value=1)),
            tag("AutomationTarget", tag("LockEnvelope", Value=0), Id=4711),
            tag("ModulationAutomation", tag("Events")),
            tag("ModulationTarget", tag("LockEnvelope", Value=0), Id=4712),
        ),
    ).replace("><", ">\n\t\t\t\t\t\t\t\t\t\t<")
    info = tag(
        "VstPluginInfo", tag("PlugName", Value="Serum"), tag("Preset", tag("Buffer", Value="0123456789ABCDEF" * 200))
    )
    device = tag("PluginDevice", tag("PluginDesc", info), tag("ParameterList", parameter * 200))
    note = tag("MidiNoteEvent", Time=1.5, Duration=0.25, Velocity=100, OffVelocity=64, IsEnabled="true")
    keys = tag("KeyTracks", tag("KeyTrack", tag("Notes", note * 60), tag("MidiKey", Value=60)))
    clip = tag("MidiClip", tag("CurrentStart", Value=0), tag("CurrentEnd", Value=16), tag("Notes", keys))
    events = tag("MainSequencer", tag("ClipTimeable", tag("ArrangerAutomation", tag("Events", clip * 4))))
    chain = tag("DeviceChain", events, tag("DeviceChain", tag("Devices", device * 3)))
    track = tag("MidiTrack", tag("Name", tag("EffectiveName", Value="Reese")), chain, Id=8).encode()
    head, tail = b'<Ableton Creator="Ableton Live 9.7.1"><LiveSet><Tracks>', b"</Tracks></LiveSet></Ableton>"
    count = (unpacked_bytes - len(head) - len(tail)) // len(track)
    with gzip.open(path, "wb", 1) as file:
        file.write(head)
        for _ in range(count):
            file.write(track)
        file.write(tail)
    return len(head) + count * len(track) + len(tail)
