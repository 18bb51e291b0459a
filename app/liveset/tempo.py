"""Beats to seconds: the tempo's automation integrated, exactly and as Live plays it."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate, pairwise

from app.liveset.automation import BEFORE_THE_SONG
from app.liveset.model.song import TempoPoint

GRID_BEATS = 0.25
"""Live plays a ramp of the tempo as steps of a sixteenth."""

LONGEST_GRID_STEPS = 400_000
"""Sixteenths up to the last point of the tempo: 14 hours at 120; longer ones are integrated exactly."""

MIN_BPM, MAX_BPM = 1.0, 10_000.0
"""Tempos outside this range are no tempo; Live itself allows 20 to 999."""


def seconds_of_ramp(beats: float, start_bpm: float, end_bpm: float) -> float:
    """Return how long a ramp that is linear in beats lasts: 60 d / (b2 - b1) ln(b2 / b1).

    Parameters
    ----------
    beats
        Length of the ramp [beats].
    start_bpm, end_bpm
        Tempo at its start and end [beats a minute].
    """
    change = (end_bpm - start_bpm) / start_bpm
    if abs(change) < 1e-9:
        return 60.0 * beats / start_bpm
    return 60.0 * beats / start_bpm * math.log1p(change) / change


@dataclass(frozen=True, slots=True)
class TempoMap:
    """The tempo from beat 0 on.

    Attributes
    ----------
    points
        In order of their beats, the first at beat 0.
    starts_s
        The exact seconds of each point.
    steps_s
        The seconds of each sixteenth as Live plays it, up to the last point; empty where the
        tempo never moves, moves for longer than `LONGEST_GRID_STEPS`, or nobody asked for them.
    """

    points: tuple[TempoPoint, ...]
    starts_s: tuple[float, ...]
    steps_s: array[float]

    @classmethod
    def of(cls, points: list[TempoPoint], *, is_stepped: bool = True) -> TempoMap:
        """Make a map of at least one point; without its steps where the exact integral is enough.

        The value that Live writes for the time before the song gives way to the first point of
        the song, which holds from the beginning; it counts where it is alone.
        """
        in_order = sorted(points, key=lambda point: point.beat)
        ordered = [point for point in in_order if point.beat > BEFORE_THE_SONG] or in_order[-1:]
        start_bpm = _value_at(ordered, 0.0)
        kept = (TempoPoint(0.0, start_bpm), *(point for point in ordered if point.beat > 0))
        starts_s = [0.0]
        for before, after in pairwise(kept):
            ramp_s = seconds_of_ramp(after.beat - before.beat, before.tempo_bpm, after.tempo_bpm)
            starts_s.append(starts_s[-1] + ramp_s)
        return cls(kept, tuple(starts_s), _steps(kept) if is_stepped else array("d"))

    @property
    def start_bpm(self) -> float:
        """Return the tempo at beat 0."""
        return self.points[0].tempo_bpm

    def tempo_at(self, beat: float) -> float:
        """Return the tempo at a beat; the later one of a step."""
        return _value_at(self.points, beat)

    def seconds_exactly(self, beat: float) -> float:
        """Return the seconds from beat 0 to a beat by the integral of 60 / tempo."""
        if beat <= 0:
            return 60.0 * beat / self.start_bpm
        index = bisect_right(self.points, beat, key=lambda point: point.beat) - 1
        start = self.points[index]
        return self.starts_s[index] + seconds_of_ramp(beat - start.beat, start.tempo_bpm, self.tempo_at(beat))

    def seconds_as_played(self, beat: float) -> float:
        """Return the seconds from beat 0 to a beat, with the tempo held for each sixteenth.

        Live reads the automation once a sixteenth and plays that tempo until the next: this is
        what a bounce has, and it differs from the exact integral by milliseconds for each ramp.
        """
        if beat <= 0 or not self.steps_s:
            return self.seconds_exactly(beat)
        step = min(int(beat / GRID_BEATS), len(self.steps_s) - 1)
        start_beat = step * GRID_BEATS
        return self.steps_s[step] + 60.0 * (beat - start_beat) / self.tempo_at(start_beat)


def _steps(points: tuple[TempoPoint, ...]) -> array[float]:
    count = math.ceil(points[-1].beat / GRID_BEATS)
    if count > LONGEST_GRID_STEPS or all(point.tempo_bpm == points[0].tempo_bpm for point in points):
        return array("d")
    lengths_s = (60.0 * GRID_BEATS / _value_at(points, step * GRID_BEATS) for step in range(count))
    return array("d", accumulate(lengths_s, initial=0.0))


def _value_at(points: list[TempoPoint] | tuple[TempoPoint, ...], beat: float) -> float:
    index = bisect_right(points, beat, key=lambda point: point.beat) - 1
    if index < 0:
        return points[0].tempo_bpm
    if index + 1 == len(points):
        return points[-1].tempo_bpm
    before, after = points[index], points[index + 1]
    share = (beat - before.beat) / (after.beat - before.beat)
    return before.tempo_bpm + share * (after.tempo_bpm - before.tempo_bpm)
