"""A whole set: bytes in, LiveSet out."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from app.liveset.capture import Element, Ledger, Rule, leaves
from app.liveset.container import ignore
from app.liveset.errors import Limits, LiveSetRefused, RefusalCode
from app.liveset.model.devices import DeviceKind
from app.liveset.model.inventory import PluginUse, Sample
from app.liveset.model.live_set import LiveSet, SkippedClips
from app.liveset.model.song import Locator, Scene, SignaturePoint, TempoPoint
from app.liveset.model.tracks import Track, TrackKind
from app.liveset.reader import read_elements
from app.liveset.roles import guess_role
from app.liveset.scales import FOUR_FOUR, scale_of, time_signature
from app.liveset.tempo import MAX_BPM, MIN_BPM, TempoMap
from app.liveset.tracks import MAIN_TRACK, SKIPPED_CLIPS, TRACK, MainTrack
from app.liveset.values import claim, is_true, name, number
from app.liveset.vocabulary import SET_TAGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.liveset.container import OnPart, Source
    from app.liveset.model.devices import Device

DEFAULT_TEMPO_BPM = 120.0
ROUTED_TRACK = re.compile(r"Track\.(\d{1,9})(?:/|$)")


def read_live_set(source: Source, *, limits: Limits | None = None, on_part: OnPart = ignore) -> LiveSet:
    """Read a Live set of version 8 to 12, tolerant of later ones.

    Parameters
    ----------
    source
        An open descriptor, a path or the bytes of an .als file, packed or plain XML.
    limits
        The budget; the usual one if not given.
    on_part
        Told how much of the file has been read, between 0 and 1.
    """
    root, ledger = read_elements(source, DOCUMENT, limits or Limits(), on_part)
    document = root.child("Ableton")
    body = document.child("LiveSet") if document else None
    if document is None or body is None:
        raise LiveSetRefused(
            RefusalCode.NOT_A_LIVE_SET,
            "This is XML, but no Ableton Live set. Drop the .als file of the set, not a preset, a clip or an export.",
        )
    return _live_set(document, body, ledger)


def _live_set(document: Element, body: Element, ledger: Ledger) -> LiveSet:
    main = next((child.value for child in body.children if isinstance(child.value, MainTrack)), None)
    tempo_map, tempo_field_bpm = _tempo(main)
    signatures = _signatures(main)
    samples = samples_of(ledger)
    tracks = tuple(replace(track, role=guess_role(track, samples)) for track in _tracks(body, main))
    ends = (clip.end_beat for track in tracks for clip in track.clips if clip.end_beat is not None)
    arrangement_beats = max(ends, default=0.0)
    creator, scale = name(document.get("Creator")), body.child("ScaleInformation")
    return LiveSet(
        creator=creator,
        version=creator.removeprefix("Ableton Live ").strip(),
        schema=name(document.get("MinorVersion")),
        tempo_bpm=tempo_map.start_bpm,
        tempo_field_bpm=tempo_field_bpm,
        tempo_is_automated=any(point.tempo_bpm != tempo_map.start_bpm for point in tempo_map.points),
        tempo_points=tempo_map.points,
        time_signature=signatures[0].time_signature,
        signature_points=signatures,
        scale=scale_of(scale) if scale else None,
        in_key=claim(body.text("InKey")),
        loop_is_on=is_true(body.text("Transport", "LoopOn")),
        loop_start_beat=number(body.text("Transport", "LoopStart")) or 0.0,
        loop_beats=number(body.text("Transport", "LoopLength")) or 0.0,
        arrangement_beats=arrangement_beats,
        arrangement_s=tempo_map.seconds_as_played(arrangement_beats),
        tracks=tracks,
        locators=tuple(_locators(body, tempo_map)),
        scenes=tuple(_scenes(body)),
        plugins=_plugins(tracks),
        samples=samples,
        skipped_clips=SkippedClips(
            take_lanes=ledger.skipped_clips["TakeLanes"],
            freezes=ledger.skipped_clips["FreezeSequencer"],
            grooves=ledger.skipped_clips["GroovePool"],
        ),
        unknown=dict(ledger.unknown.most_common()),
    )


def _tempo(main: MainTrack | None) -> tuple[TempoMap, float]:
    """Return the tempo map and the tempo field: with automation, the field says nothing about the start."""
    field_bpm = main.tempo.value if main else None
    if field_bpm is None or not MIN_BPM <= field_bpm <= MAX_BPM:
        field_bpm = DEFAULT_TEMPO_BPM
    points = main.tempo_points if main else None
    if points is None or points.low == points.high:
        return TempoMap.of([TempoPoint(0.0, field_bpm)]), field_bpm
    valid = [
        TempoPoint(beat, bpm)
        for beat, bpm in zip(points.times, points.values, strict=True)
        if MIN_BPM <= bpm <= MAX_BPM
    ]
    return TempoMap.of(valid or [TempoPoint(0.0, field_bpm)]), field_bpm


def _signatures(main: MainTrack | None) -> tuple[SignaturePoint, ...]:
    """Return the signature at beat 0 and its changes behind it."""
    first = (time_signature(main.signature.value) if main else None) or FOUR_FOUR
    changes: list[SignaturePoint] = []
    points = main.signature_points if main else None
    for beat, value in zip(points.times, points.values, strict=True) if points else ():
        signature = time_signature(value)
        if signature is not None and beat <= 0:
            first = signature
        elif signature is not None:
            changes.append(SignaturePoint(beat, signature))
    return (SignaturePoint(0.0, first), *sorted(changes, key=lambda point: point.beat))


def _tracks(body: Element, main: MainTrack | None) -> Iterator[Track]:
    """Give the tracks in the order of the screen, the main track last, numbers resolved to indices."""
    listed = body.child("Tracks")
    drafts = [child.value for child in listed.children if isinstance(child.value, Track)] if listed else []
    if main is not None:
        drafts.append(main.track)
    indices = {track.id: index for index, track in enumerate(drafts) if track.kind is not TrackKind.MASTER}
    groups = [indices.get(track.group, -1) if track.group is not None else -1 for track in drafts]
    depths = _depths(groups)
    for index, track in enumerate(drafts):
        group = groups[index] if groups[index] >= 0 and drafts[groups[index]].kind is TrackKind.GROUP else None
        yield replace(
            track,
            index=index,
            group=group if group != index else None,
            depth=depths[index],
            routing=replace(track.routing, output_track=_routed(track.routing.audio_out, indices)),
            devices=tuple(_resolved(device, indices) for device in track.devices),
        )


def _depths(groups: list[int]) -> list[int]:
    """Count the groups round each track, once for each group however deep a hostile set stacks them.

    A circle, which no real set has, ends the count where it closes.
    """
    depths = {-1: -1}
    for start in range(len(groups)):
        way: list[int] = []
        index = start
        while index not in depths:
            depths[index] = -1
            way.append(index)
            index = groups[index]
        depths |= {inner: depth for depth, inner in enumerate(reversed(way), depths[index] + 1)}
    return [depths[index] for index in range(len(groups))]


def _routed(target: str, indices: dict[int, int]) -> int | None:
    found = ROUTED_TRACK.search(target)
    return indices.get(int(found[1])) if found else None


def _resolved(device: Device, indices: dict[int, int]) -> Device:
    """Name the tracks that drive a device and those in its chains."""
    if device.sidechain is None and not device.chains:
        return device
    side = device.sidechain
    chains = (
        replace(chain, devices=tuple(_resolved(inner, indices) for inner in chain.devices)) for chain in device.chains
    )
    return replace(
        device,
        sidechain=replace(side, track=_routed(side.target, indices)) if side else None,
        chains=tuple(chains),
    )


def _locators(body: Element, tempo_map: TempoMap) -> Iterator[Locator]:
    """Give the locators by their time; the set has them in the order of their making."""
    found = [
        (beat, name(element.text("Name")))
        for element in body.all("Locators", "Locators", "Locator")
        if (beat := number(element.text("Time"))) is not None
    ]
    for beat, label in sorted(found, key=lambda pair: pair[0]):
        yield Locator(beat, tempo_map.seconds_as_played(beat), label)


def _scenes(body: Element) -> Iterator[Scene]:
    """Give the scenes: `Scenes` since Live 11, `SceneNames` before."""
    for element in body.all("Scenes", "Scene"):
        has_tempo = is_true(element.text("IsTempoEnabled"))
        has_signature = is_true(element.text("IsTimeSignatureEnabled"))
        yield Scene(
            name=name(element.text("Name")),
            tempo_bpm=number(element.text("Tempo")) if has_tempo else None,
            time_signature=time_signature(number(element.text("TimeSignatureId"))) if has_signature else None,
        )
    for element in body.all("SceneNames", "Scene"):
        yield Scene(name(element.get("Value")).strip())


def every_device(devices: tuple[Device, ...]) -> Iterator[Device]:
    """Give devices and those in their chains, in order."""
    for device in devices:
        yield device
        for chain in device.chains:
            yield from every_device(chain.devices)


def _plugins(tracks: tuple[Track, ...]) -> tuple[PluginUse, ...]:
    """List what a collaborator must own, by name."""
    counts: dict[tuple[str, str, DeviceKind], int] = defaultdict(int)
    places: dict[tuple[str, str, DeviceKind], dict[int, None]] = defaultdict(dict)
    for track in tracks:
        for device in every_device(track.devices):
            if device.kind in {DeviceKind.VST2, DeviceKind.VST3, DeviceKind.AU}:
                key = (device.name, device.maker, device.kind)
                counts[key] += 1
                places[key][track.index] = None
    ordered = sorted(counts, key=lambda key: (key[0].casefold(), key))
    return tuple(PluginUse(*key, counts[key], tuple(places[key])) for key in ordered)


def samples_of(ledger: Ledger) -> tuple[Sample, ...]:
    """Return the sound files with how often each is used."""
    return tuple(replace(sample, uses=uses) for sample, (_index, uses) in ledger.samples.values())


_SCENE = Rule(children=leaves("Name", "Tempo", "IsTempoEnabled", "TimeSignatureId", "IsTimeSignatureEnabled"))
_LOCATOR = Rule(children=leaves("Time", "Name"))
_TRACK_TAGS = ("AudioTrack", "MidiTrack", "GroupTrack", "ReturnTrack")
_BODY = Rule(
    children={
        "Tracks": Rule(children=dict.fromkeys(_TRACK_TAGS, TRACK), known=frozenset(_TRACK_TAGS)),
        "MasterTrack": MAIN_TRACK,
        "MainTrack": MAIN_TRACK,
        "Locators": Rule(children={"Locators": Rule(children={"Locator": _LOCATOR})}),
        "Scenes": Rule(children={"Scene": _SCENE}),
        "SceneNames": Rule(children={"Scene": _SCENE}),
        "Transport": Rule(children=leaves("LoopOn", "LoopStart", "LoopLength")),
        "ScaleInformation": Rule(children=leaves("Root", "RootNote", "Name")),
        "GroovePool": SKIPPED_CLIPS,
        **leaves("InKey"),
    },
    known=SET_TAGS,
)
DOCUMENT = Rule(children={"Ableton": Rule(children={"LiveSet": _BODY}, known=frozenset({"LiveSet"}))})
