"""Clips: where they stand, how audio is warped, and what the notes of MIDI add up to."""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from app.liveset.capture import Element, Ledger, Rule, attribute, leaves
from app.liveset.model.clips import AudioFacts, Clip, Fades, Loop, NoteFacts, WarpMode
from app.liveset.samples import SAMPLE
from app.liveset.scales import scale_of
from app.liveset.values import decibels, is_true, name, number, whole
from app.liveset.vocabulary import CLIP_TAGS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.liveset.model.song import Scale

WARP_MODES: Mapping[int, WarpMode] = MappingProxyType(
    {
        0: WarpMode.BEATS,
        1: WarpMode.TONES,
        2: WarpMode.TEXTURE,
        3: WarpMode.REPITCH,
        4: WarpMode.COMPLEX,
        6: WarpMode.COMPLEX_PRO,
    }
)

TECHNICAL_MARKER_BEATS = 1 / 32
"""Live 10 and later end the warp markers with one that stands this far behind the last real one."""


@dataclass(slots=True)
class KeyNotes:
    """The notes of one key, added one after the other."""

    count: int = 0
    beats: float = 0.0
    velocity_low: float = math.inf
    velocity_high: float = 0.0
    velocities: float = 0.0

    def add(self, attributes: list[str]) -> None:
        """Add the note that an event's attributes describe."""
        velocity = number(attribute(attributes, "Velocity")) or 0.0
        self.count += 1
        self.beats += number(attribute(attributes, "Duration")) or 0.0
        self.velocities += velocity
        self.velocity_low = min(self.velocity_low, velocity)
        self.velocity_high = max(self.velocity_high, velocity)


@dataclass(slots=True)
class WarpMarkers:
    """The first, the last but one and the last warp marker, as (seconds, beats)."""

    first: tuple[float, float] | None = None
    before_last: tuple[float, float] | None = None
    last: tuple[float, float] | None = None

    def add(self, attributes: list[str]) -> None:
        """Add a marker."""
        seconds, beats = number(attribute(attributes, "SecTime")), number(attribute(attributes, "BeatTime"))
        if seconds is None or beats is None:
            return
        self.before_last, self.last = self.last, (seconds, beats)
        self.first = self.first or self.last

    def tempo_bpm(self) -> float | None:
        """Return the tempo between the first and the last real marker."""
        if self.first is None or self.last is None or self.before_last is None:
            return None
        end = self.last
        is_technical = abs(end[1] - self.before_last[1] - TECHNICAL_MARKER_BEATS) < 1e-6
        if is_technical and self.before_last != self.first:
            end = self.before_last
        seconds, beats = end[0] - self.first[0], end[1] - self.first[1]
        return 60 * beats / seconds if seconds > 0 and beats > 0 else None


def _fold_note(events: Element, attributes: list[str]) -> None:
    if isinstance(events.value, KeyNotes):
        events.value.add(attributes)


def _fold_marker(markers: Element, attributes: list[str]) -> None:
    if isinstance(markers.value, WarpMarkers):
        markers.value.add(attributes)


def _loop(element: Element) -> Loop:
    return Loop(
        is_on=is_true(element.text("Loop", "LoopOn")),
        start=number(element.text("Loop", "LoopStart")) or 0.0,
        end=number(element.text("Loop", "LoopEnd")) or 0.0,
    )


def _notes(element: Element, beats: float) -> NoteFacts | None:
    """Add the keys up; a clip without notes has none."""
    keys: dict[int, KeyNotes] = {}
    for track in element.all("Notes", "KeyTracks", "KeyTrack"):
        key, events = whole(track.text("MidiKey")), track.child("Notes")
        if key is not None and events is not None and isinstance(events.value, KeyNotes) and events.value.count:
            keys[key] = events.value
    count = sum(key.count for key in keys.values())
    if not count:
        return None
    return NoteFacts(
        count=count,
        low_key=min(keys),
        high_key=max(keys),
        keys=len(keys),
        per_beat=count / beats if beats > 0 else None,
        mean_beats=sum(key.beats for key in keys.values()) / count,
        velocity_low=min(key.velocity_low for key in keys.values()),
        velocity_high=max(key.velocity_high for key in keys.values()),
        velocity_mean=sum(key.velocities for key in keys.values()) / count,
    )


def _warp(element: Element) -> WarpMode:
    if not is_true(element.text("IsWarped")):
        return WarpMode.OFF
    return WARP_MODES.get(whole(element.text("WarpMode")) or 0, WarpMode.UNKNOWN)


def _fades(element: Element) -> Fades | None:
    if not is_true(element.text("Fade")):
        return None
    return Fades(
        in_beats=number(element.text("Fades", "FadeInLength")) or 0.0,
        out_beats=number(element.text("Fades", "FadeOutLength")) or 0.0,
    )


def _audio(element: Element) -> AudioFacts:
    sample, markers = element.child("SampleRef"), element.child("WarpMarkers")
    index = sample.value if sample else None
    semitones = number(element.text("PitchCoarse")) or 0.0
    cents = number(element.text("PitchFine")) or 0.0
    gain = number(element.text("SampleVolume"))
    return AudioFacts(
        sample=index if isinstance(index, int) else None,
        warp=_warp(element),
        gain_db=decibels(1.0 if gain is None else gain),
        transpose_semitones=semitones + cents / 100,
        fades=_fades(element),
        segment_bpm=markers.value.tempo_bpm() if markers and isinstance(markers.value, WarpMarkers) else None,
    )


def _scale(element: Element) -> Scale | None:
    scale = element.child("ScaleInformation")
    return scale_of(scale) if scale and is_true(element.text("IsInKey")) else None


def _clip(element: Element, _ledger: Ledger) -> Clip:
    """Read a clip as one of the arrangement; its track knows whether it stands in the session."""
    start = number(element.text("CurrentStart")) or 0.0
    end = number(element.text("CurrentEnd")) or start
    loop = _loop(element)
    beats = loop.end - loop.start if loop.is_on else end - start
    is_audio = element.tag == "AudioClip"
    return Clip(
        name=name(element.text("Name")),
        slot=None,
        start_beat=start,
        end_beat=end,
        length_beats=end - start,
        is_muted=is_true(element.text("Disabled")),
        colour=whole(element.text("Color") or element.text("ColorIndex")),
        loop=loop,
        scale=_scale(element),
        audio=_audio(element) if is_audio else None,
        notes=None if is_audio else _notes(element, beats),
    )


_NOTE_EVENTS = Rule(begin=lambda _element: KeyNotes(), children={"MidiNoteEvent": Rule(fold=_fold_note)})
_KEY_TRACK = Rule(children={**leaves("MidiKey"), "Notes": _NOTE_EVENTS})
_NOTES = Rule(children={"KeyTracks": Rule(children={"KeyTrack": _KEY_TRACK})})
_COMMON = {
    **leaves("Name", "Color", "ColorIndex", "CurrentStart", "CurrentEnd", "Disabled", "IsInKey"),
    "Loop": Rule(children=leaves("LoopOn", "LoopStart", "LoopEnd")),
    "ScaleInformation": Rule(children=leaves("Root", "RootNote", "Name")),
}
_AUDIO = {
    **leaves("IsWarped", "WarpMode", "PitchCoarse", "PitchFine", "SampleVolume", "Fade"),
    "Fades": Rule(children=leaves("FadeInLength", "FadeOutLength")),
    "SampleRef": SAMPLE,
    "WarpMarkers": Rule(begin=lambda _element: WarpMarkers(), children={"WarpMarker": Rule(fold=_fold_marker)}),
}
AUDIO_CLIP = Rule(children={**_COMMON, **_AUDIO}, known=CLIP_TAGS, reduce=_clip)
MIDI_CLIP = Rule(children={**_COMMON, "Notes": _NOTES}, known=CLIP_TAGS, reduce=_clip)
CLIPS = Rule(
    children={"AudioClip": AUDIO_CLIP, "MidiClip": MIDI_CLIP},
    known=frozenset({"AudioClip", "MidiClip", "FloatEvent", "BoolEvent", "EnumEvent"}),
)
