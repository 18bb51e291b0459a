"""Clips: where they stand, how audio is warped, what their notes add up to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.liveset.model.song import Scale


class WarpMode(StrEnum):
    """How an audio clip follows the tempo; off is none of them."""

    OFF = "off"
    BEATS = "beats"
    TONES = "tones"
    TEXTURE = "texture"
    REPITCH = "repitch"
    COMPLEX = "complex"
    COMPLEX_PRO = "complex_pro"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class NoteFacts:
    """The notes of a MIDI clip; keys 0 to 127, velocities 0 to 127, muted notes counted too."""

    count: int
    low_key: int
    high_key: int
    keys: int
    per_beat: float | None
    mean_beats: float
    velocity_low: float
    velocity_high: float
    velocity_mean: float


@dataclass(frozen=True, slots=True)
class Fades:
    """The fades of an audio clip [beats]."""

    in_beats: float
    out_beats: float


@dataclass(frozen=True, slots=True)
class Loop:
    """The loop of a clip, in beats inside the clip (seconds of the sample where it is not warped)."""

    is_on: bool
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class AudioFacts:
    """What only an audio clip has.

    `sample` is the sample's index in the set's list; `segment_bpm` the tempo that its warp
    markers give the sample as a whole.
    """

    sample: int | None
    warp: WarpMode
    gain_db: float | None
    transpose_semitones: float
    fades: Fades | None
    segment_bpm: float | None


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip of the arrangement, or of the session where `slot` has its row.

    `start_beat` and `end_beat` are beats of the song in the arrangement and None in the session.
    """

    name: str
    slot: int | None
    start_beat: float | None
    end_beat: float | None
    length_beats: float
    is_muted: bool
    colour: int | None
    loop: Loop
    scale: Scale | None
    audio: AudioFacts | None
    notes: NoteFacts | None

    @property
    def is_session(self) -> bool:
        """Say whether it stands in the session."""
        return self.slot is not None
