"""Key, tuning and chords."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KeyAlternative:
    """Another key, with what the network gives it (0 to 1)."""

    key: str
    camelot: str
    weight: float


@dataclass(frozen=True, slots=True)
class Chord:
    """A major or minor triad and where it sounds; where none does, there is a gap."""

    start_s: float
    end_s: float
    name: str


@dataclass(frozen=True, slots=True)
class StockTonality:
    """What madmom's own key network and chord decoder say."""

    key: str
    chords: list[Chord] | None


@dataclass(frozen=True, slots=True)
class Tonality:
    """Key and tuning; `confidence` is how often such a key is right."""

    key: str
    camelot: str
    confidence: float | None
    alternatives: list[KeyAlternative]
    tuning_hz: float | None
    chords: list[Chord] | None
    madmom: StockTonality | None
