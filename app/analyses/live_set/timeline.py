"""Beats, bars and seconds of a set, as a page needs them: made of its document, which may say anything."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.analyses.document import number, rows, text
from app.liveset.model.song import TempoPoint
from app.liveset.tempo import MAX_BPM, MIN_BPM, TempoMap

if TYPE_CHECKING:
    from app.analyses.document import Document

USUAL_BPM = 120.0
FOUR_FOUR_BEATS = 4.0
_FINEST_BEATS = 1 / 1024


@dataclass(frozen=True, slots=True)
class Meter:
    """A time signature from a beat on: how long its bars are, and the number of the first."""

    beat: float
    bar_beats: float
    first_bar: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """Where a beat stands in seconds and in bars, which are counted from 1."""

    tempo: TempoMap
    meters: tuple[Meter, ...]

    @classmethod
    def of(cls, live_set: Document) -> Timeline:
        """Make the timeline of a set's document."""
        points = [
            TempoPoint(beat, tempo_bpm)
            for row in rows(live_set, "tempo_points")
            if (beat := number(row, "beat")) is not None
            and (tempo_bpm := number(row, "tempo_bpm")) is not None
            and MIN_BPM <= tempo_bpm <= MAX_BPM
        ]
        return cls(TempoMap.of(points or [TempoPoint(0.0, USUAL_BPM)], is_stepped=False), _meters(live_set))

    def seconds_at(self, beat: float) -> float:
        """Return the seconds from the first beat."""
        return self.tempo.seconds_exactly(beat)

    def beat_at(self, seconds: float) -> float:
        """Return the beat at some seconds, by halving what lies between 0 and the fastest tempo there is."""
        low, high = 0.0, max(seconds, 0.0) * MAX_BPM / 60
        while high - low > _FINEST_BEATS:
            middle = (low + high) / 2
            low, high = (middle, high) if self.seconds_at(middle) <= seconds else (low, middle)
        return low

    def bar_at(self, beat: float) -> int:
        """Return the number of the bar that a beat is in."""
        meter = self.meters[max(bisect_right(self.meters, beat, key=lambda meter: meter.beat) - 1, 0)]
        return meter.first_bar + int(max(beat - meter.beat, 0.0) / meter.bar_beats + _FINEST_BEATS)

    def beat_of(self, bar: int) -> float:
        """Return the beat on which a bar begins."""
        meter = self.meters[max(bisect_right(self.meters, bar, key=lambda meter: meter.first_bar) - 1, 0)]
        return meter.beat + (bar - meter.first_bar) * meter.bar_beats


def _meters(live_set: Document) -> tuple[Meter, ...]:
    """Number the bars; a change inside a bar begins a new one, as Live counts."""
    found: list[Meter] = []
    for row in rows(live_set, "signature_points"):
        beat, bar_beats = number(row, "beat") or 0.0, _bar_beats(text(row, "time_signature"))
        if not found:
            found.append(Meter(0.0, bar_beats, 1))
        elif beat > found[-1].beat:
            bars = -(-(beat - found[-1].beat - _FINEST_BEATS) // found[-1].bar_beats)
            found.append(Meter(beat, bar_beats, found[-1].first_bar + max(int(bars), 1)))
    return tuple(found) or (Meter(0.0, FOUR_FOUR_BEATS, 1),)


def _bar_beats(signature: str) -> float:
    """Return the beats of a bar, such as 3.5 for ``7/8``."""
    numerator, _, denominator = signature.partition("/")
    if not (numerator.isdecimal() and denominator.isdecimal()) or 0 in {int(numerator), int(denominator)}:
        return FOUR_FOUR_BEATS
    return 4 * int(numerator) / int(denominator)
