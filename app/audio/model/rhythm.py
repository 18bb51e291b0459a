"""Tempo, beats and bars."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TempoAlternative:
    """Another tempo that the beats allow."""

    tempo_bpm: float
    relation: str


@dataclass(frozen=True, slots=True)
class TempoSegment:
    """A stretch of one tempo."""

    start_s: float
    end_s: float
    tempo_bpm: float


@dataclass(frozen=True, slots=True)
class StockRhythm:
    """What the beat tracker alone says, before its level is weighed."""

    tempo_bpm: float
    meter: str
    beats_s: list[float]
    downbeats_s: list[float]


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Tempo, beats and bars.

    `confidence` is how often such a tempo is right; `stability` the part of the beats within
    25 ms of the line of the tempo that lasts longest, `drift_s` the distance of the farthest;
    `madmom` is null where the trained models are off.
    """

    tempo_bpm: float
    confidence: float | None
    alternatives: list[TempoAlternative]
    beats_s: list[float]
    downbeats_s: list[float]
    meter: str
    stability: float
    drift_s: float
    tempo_segments: list[TempoSegment]
    madmom: StockRhythm | None
