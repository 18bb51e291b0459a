"""Tracks: mixer, routing, clips and automation, with the set's own numbers still in them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from app.liveset.automation import ENVELOPES, PARAMETER, envelopes_of, parameter_of
from app.liveset.capture import Element, Ledger, Rule, leaves
from app.liveset.clips import CLIPS
from app.liveset.devices import DEVICES, devices_of
from app.liveset.model.clips import Clip
from app.liveset.model.devices import Device
from app.liveset.model.tracks import Delay, Routing, Send, Track, TrackKind
from app.liveset.values import claim, decibels, is_true, name, number, whole
from app.liveset.vocabulary import CHAIN_TAGS, MIXER_TAGS, SEQUENCER_TAGS, TRACK_TAGS

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Iterator, Mapping

    from app.liveset.automation import Parameter, Points
    from app.liveset.model.tracks import Lane

KINDS: Mapping[str, TrackKind] = MappingProxyType(
    {
        "AudioTrack": TrackKind.AUDIO,
        "MidiTrack": TrackKind.MIDI,
        "GroupTrack": TrackKind.GROUP,
        "ReturnTrack": TrackKind.RETURN,
        "MasterTrack": TrackKind.MASTER,
        "MainTrack": TrackKind.MASTER,
    }
)


@dataclass(frozen=True, slots=True)
class MainTrack:
    """The main track, and the tempo and the time signature that stand in its mixer."""

    track: Track
    tempo: Parameter
    tempo_points: Points | None
    signature: Parameter
    signature_points: Points | None


MIXER_LANES = ("Volume", "Pan", "Speaker", "Tempo", "TimeSignature", "CrossFade", "CrossFadeState", "On")


def chain_of(track: Element) -> Element:
    """Return a track's device chain; Live 8's main track calls it by another name."""
    return track.child("DeviceChain") or track.child("MasterChain") or Element("DeviceChain", [], depth=0, alive=0)


def sends_of(mixer: Element | None) -> Iterator[tuple[Element, Parameter]]:
    """Give the sends of a mixer in the order of the returns."""
    for holder in mixer.all("Sends", "TrackSendHolder") if mixer else ():
        yield holder, parameter_of(holder, "Send")


def _sends(mixer: Element | None) -> tuple[Send, ...]:
    return tuple(
        Send(
            level_db=decibels(send.value),
            is_on=claim(holder.text("EnabledByUser") or holder.text("Active")) is not False,
        )
        for holder, send in sends_of(mixer)
    )


def _arrangement(chain: Element) -> Iterator[Clip]:
    for holder in ("Sample", "ClipTimeable"):
        events = chain.child("MainSequencer", holder, "ArrangerAutomation", "Events")
        for element in events.children if events else ():
            if isinstance(element.value, Clip):
                yield element.value


def _session(chain: Element) -> Iterator[Clip]:
    for index, slot in enumerate(chain.all("MainSequencer", "ClipSlotList", "ClipSlot")):
        value = slot.child("ClipSlot", "Value")
        for element in value.children if value else ():
            if isinstance(element.value, Clip):
                yield replace(element.value, slot=index, start_beat=None, end_beat=None)


def _targets(mixer: Element | None) -> Iterator[tuple[str, str]]:
    """Give the number and the name of each parameter of a mixer."""
    for tag in MIXER_LANES:
        target = parameter_of(mixer, tag).target
        if target is not None:
            yield target, tag
    for index, (_holder, send) in enumerate(sends_of(mixer)):
        if send.target is not None:
            yield send.target, f"Send {index + 1}"


def _lanes(track: Element, mixer: Element | None, ledger: Ledger) -> Iterator[Lane]:
    names = dict(_targets(mixer))
    for envelope in envelopes_of(track):
        found = ledger.targets.get(envelope.target)
        device = found[0].value if found else None
        parameter = names.get(envelope.target, found[1] if found else "")
        yield envelope.points.lane(device.name if isinstance(device, Device) else None, parameter)
    yield from _mixer_lanes(mixer)
    yield from ledger.lanes


def _mixer_lanes(mixer: Element | None) -> Iterator[Lane]:
    """Give the lines that stand inside the mixer's parameters and reach into the song."""
    parameters = [(tag, parameter_of(mixer, tag)) for tag in MIXER_LANES]
    parameters += [(f"Send {index + 1}", send) for index, (_holder, send) in enumerate(sends_of(mixer))]
    for label, parameter in parameters:
        if parameter.points is not None and parameter.points.first_beat is not None:
            yield parameter.points.lane(None, label)


def _routing(chain: Element) -> Routing:
    def target(kind: str) -> str:
        return name(chain.text(kind, "Target"))

    return Routing(
        audio_in=target("AudioInputRouting"),
        audio_out=target("AudioOutputRouting"),
        midi_in=target("MidiInputRouting"),
        midi_out=target("MidiOutputRouting"),
    )


def _track(element: Element, ledger: Ledger) -> Track:
    """Read a track; `group` still is the group's number, and `index` is not known yet."""
    chain = chain_of(element)
    mixer = chain.child("Mixer")
    given = name(element.text("Name", "UserName"))
    volume = parameter_of(mixer, "Volume").value
    group = whole(element.text("TrackGroupId"))
    track = Track(
        index=-1,
        id=whole(element.get("Id")) or 0,
        kind=KINDS[element.tag],
        name=name(element.text("Name", "EffectiveName")) or given,
        given_name=given,
        group=group if group is not None and group >= 0 else None,
        depth=0,
        is_folded=element.text("TrackUnfolded") == "false",
        colour=whole(element.text("Color") or element.text("ColorIndex")),
        volume_db=decibels(1.0 if volume is None else volume),
        pan=parameter_of(mixer, "Pan").value or 0.0,
        sends=_sends(mixer),
        is_muted=parameter_of(mixer, "Speaker").text == "false",
        is_soloed=is_true(mixer.text("SoloSink") if mixer else None),
        is_armed=is_true(chain.text("MainSequencer", "Recorder", "IsArmed")),
        is_frozen=is_true(element.text("Freeze")),
        delay=Delay(
            value=number(element.text("TrackDelay", "Value")) or 0.0,
            is_in_samples=is_true(element.text("TrackDelay", "IsValueSampleBased")),
        ),
        routing=_routing(chain),
        devices=tuple(devices_of(chain)),
        clips=(*_arrangement(chain), *_session(chain)),
        lanes=tuple(_lanes(element, mixer, ledger)),
    )
    ledger.targets.clear()
    ledger.lanes.clear()
    return track


def _main_track(element: Element, ledger: Ledger) -> MainTrack:
    """Read the main track with the lines of the two parameters that only it has."""
    mixer = chain_of(element).child("Mixer")
    envelopes = {envelope.target: envelope.points for envelope in envelopes_of(element)}
    tempo, signature = parameter_of(mixer, "Tempo"), parameter_of(mixer, "TimeSignature")
    return MainTrack(
        track=_track(element, ledger),
        tempo=tempo,
        tempo_points=envelopes.get(tempo.target or "") or tempo.points,
        signature=signature,
        signature_points=envelopes.get(signature.target or "") or signature.points,
    )


def _count_clip(element: Element, _names: deque[str], _attributes: list[str], ledger: Ledger) -> None:
    ledger.skipped_clips[element.tag] += 1


SKIPPED_CLIPS = Rule(watch={"AudioClip": _count_clip, "MidiClip": _count_clip})
"""Something that holds clips which are no part of the song: they are counted only."""

_ROUTING = Rule(children=leaves("Target"))
_SEND_HOLDER = Rule(children={"Send": PARAMETER, **leaves("EnabledByUser", "Active")})
_MIXER = Rule(
    children={
        **dict.fromkeys(MIXER_LANES, PARAMETER),
        **leaves("SoloSink"),
        "Sends": Rule(children={"TrackSendHolder": _SEND_HOLDER}),
    },
    known=MIXER_TAGS,
)
_ARRANGEMENT = Rule(children={"ArrangerAutomation": Rule(children={"Events": CLIPS})})
_SLOT = Rule(children={"ClipSlot": Rule(children={"Value": CLIPS})})
_SEQUENCER = Rule(
    children={
        "Sample": _ARRANGEMENT,
        "ClipTimeable": _ARRANGEMENT,
        "ClipSlotList": Rule(children={"ClipSlot": _SLOT}),
        "Recorder": Rule(children=leaves("IsArmed")),
    },
    known=SEQUENCER_TAGS,
)
_ROUTINGS = ("AudioInputRouting", "AudioOutputRouting", "MidiInputRouting", "MidiOutputRouting")
_CHAIN = Rule(
    children={
        **dict.fromkeys(_ROUTINGS, _ROUTING),
        "Mixer": _MIXER,
        "MainSequencer": _SEQUENCER,
        "FreezeSequencer": SKIPPED_CLIPS,
        "DeviceChain": Rule(children={"Devices": DEVICES}),
    },
    known=CHAIN_TAGS,
)
_PARTS = {
    **leaves("TrackGroupId", "TrackUnfolded", "Color", "ColorIndex", "Freeze"),
    "Name": Rule(children=leaves("EffectiveName", "UserName")),
    "TrackDelay": Rule(children=leaves("Value", "IsValueSampleBased")),
    "AutomationEnvelopes": ENVELOPES,
    "TakeLanes": SKIPPED_CLIPS,
    "DeviceChain": _CHAIN,
    "MasterChain": _CHAIN,
}
TRACK = Rule(children=_PARTS, known=TRACK_TAGS, reduce=_track)
MAIN_TRACK = Rule(children=_PARTS, known=TRACK_TAGS, reduce=_main_track)
