"""From activations to beats and bars: the exact best path through madmom's bar model.

madmom's hidden Markov model has a state for every position in every beat at every tempo; its
trellis takes gigabytes for a long file. But inside a beat the path is fixed: position goes on
by one a frame at one tempo. So the best path is found over the frames at which beats begin,
with sums of the log densities in between taken from running totals. The answer is the same.

References
----------
F. Krebs, S. Böck, G. Widmer, "An efficient state-space model for joint tempo and meter
tracking", ISMIR 2015: the model that is solved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from app.audio import neural

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Integers = npt.NDArray[np.int64]

BEATS_PER_BAR = (3, 4)
THRESHOLD = 0.05
"""Activations below it at both ends of the file are cut off, as madmom does."""

BEAT_PART = 16
"""The first sixteenth of a beat emits the beat (madmom's observation lambda)."""

_NO_BEAT, _BEAT, _DOWNBEAT = 0, 1, 2
_SMALLEST = 1e-30


def decode_bars(activations: npt.NDArray[np.float32]) -> Floats:
    """Find the beats and their numbers in the bar.

    Parameters
    ----------
    activations : ndarray of float32 [shape=(frames, 2)]
        Probabilities of beat and downbeat, 100 frames a second.

    Returns
    -------
    ndarray of float64 [shape=(beats, 2)]
        Time [s] and number in the bar, from 1.
    """
    loud = np.flatnonzero((activations >= THRESHOLD).any(axis=1))
    if len(loud) == 0:
        return np.empty((0, 2))
    first = int(loud[0])
    active = activations[first : loud[-1] + 1]
    totals = _running_totals(active)
    paths = [_best_path(totals, beats) for beats in BEATS_PER_BAR]
    _, beat, in_beat = max(paths, key=lambda path: path[0])
    peaks = _peaks(active, in_beat)
    return np.column_stack(((peaks + first) / neural.BEAT_FRAMES_PER_S, beat[peaks] + 1.0))


def _running_totals(active: npt.NDArray[np.float32]) -> Floats:
    """Sums of the log densities from the start [shape=(3, frames + 1)]."""
    densities = np.empty((3, len(active)))
    densities[_NO_BEAT] = (1.0 - active.sum(axis=1)) / (BEAT_PART - 1)
    densities[_BEAT] = active[:, 0]
    densities[_DOWNBEAT] = active[:, 1]
    totals = np.zeros((3, len(active) + 1))
    np.cumsum(np.log(np.maximum(densities, _SMALLEST)), axis=1, out=totals[:, 1:])
    return totals


def _best_path(totals: Floats, beats: int) -> tuple[float, Integers, npt.NDArray[np.bool_]]:
    """Log probability, beat number and whether the beat sounds, per frame."""
    intervals, log_change = neural.bar_model(beats)
    allowed = np.isfinite(log_change)
    lowest = allowed.argmax(axis=0)
    highest = len(intervals) - allowed[::-1].argmax(axis=0)
    sounding = -(-intervals // BEAT_PART)
    log_start = -np.log(float(intervals.sum() * beats))
    best, beat, position, interval = _search(
        totals, beats, intervals, sounding, log_change, lowest, highest, log_start
    )
    return best, beat, position < sounding[interval]


def _peaks(active: npt.NDArray[np.float32], in_beat: npt.NDArray[np.bool_]) -> Integers:
    """Frame of the highest activation in each run of sounding frames, as madmom picks it."""
    edges = np.flatnonzero(np.diff(in_beat.astype(np.int8), prepend=0, append=0))
    runs = edges.reshape(-1, 2)
    return np.array([start + active[start:end].argmax() // 2 for start, end in runs], dtype=np.int64)


@njit(cache=True, nogil=True)
def _beat_score(
    totals: Floats, begin: int, end: int, sounding: int, kind: int, position: int
) -> float:
    """Log density of frames `begin` to `end` of a beat that is at `position` at `begin`."""
    border = min(max(begin + sounding - position, begin), end)
    return (totals[kind, border] - totals[kind, begin]) + (totals[0, end] - totals[0, border])


@njit(cache=True, nogil=True)
def _search(
    totals: Floats,
    beats: int,
    intervals: Integers,
    sounding: Integers,
    log_change: Floats,
    lowest: Integers,
    highest: Integers,
    log_start: float,
) -> tuple[float, Integers, Integers, Integers]:
    """Viterbi over the frames at which a beat may begin.

    `entry[t % ring, b, i]` is the best score of all paths whose beat b of interval i begins at
    frame t, without that beat's own frames; `came_from` remembers the interval before it.
    """
    frames = totals.shape[1] - 1
    tempi = len(intervals)
    ring = intervals[-1] + 1
    entry = np.empty((ring, beats, tempi))
    came_from = np.empty((frames, beats, tempi), dtype=np.int8)
    leaving = np.empty(tempi)
    for frame in range(frames):
        for beat in range(beats):
            before = (beat - 1) % beats
            kind = 2 if before == 0 else 1
            for tempo in range(tempi):
                begin = frame - intervals[tempo]
                if begin >= 0:
                    score = entry[begin % ring, before, tempo]
                    leaving[tempo] = score + _beat_score(
                        totals, begin, frame, sounding[tempo], kind, 0
                    )
                else:
                    leaving[tempo] = log_start + _beat_score(
                        totals, 0, frame, sounding[tempo], kind, -begin
                    )
            for tempo in range(tempi):
                best = -np.inf
                origin = 0
                for previous in range(lowest[tempo], highest[tempo]):
                    score = leaving[previous] + log_change[previous, tempo]
                    if score > best:
                        best = score
                        origin = previous
                entry[frame % ring, beat, tempo] = best
                came_from[frame, beat, tempo] = origin
    best = -np.inf
    last_beat = 0
    last_tempo = 0
    last_position = 0
    for beat in range(beats):
        kind = 2 if beat == 0 else 1
        for tempo in range(tempi):
            for position in range(intervals[tempo]):
                begin = frames - 1 - position
                if begin >= 0:
                    score = entry[begin % ring, beat, tempo] + _beat_score(
                        totals, begin, frames, sounding[tempo], kind, 0
                    )
                else:
                    score = log_start + _beat_score(
                        totals, 0, frames, sounding[tempo], kind, -begin
                    )
                if score > best:
                    best = score
                    last_beat, last_tempo, last_position = beat, tempo, position
    beat_of = np.empty(frames, dtype=np.int64)
    position_of = np.empty(frames, dtype=np.int64)
    tempo_of = np.empty(frames, dtype=np.int64)
    beat, tempo, position = last_beat, last_tempo, last_position
    for frame in range(frames - 1, -1, -1):
        beat_of[frame], position_of[frame], tempo_of[frame] = beat, position, tempo
        if position > 0:
            position -= 1
            continue
        tempo = came_from[frame, beat, tempo]
        beat = (beat - 1) % beats
        position = intervals[tempo] - 1
    return best, beat_of, position_of, tempo_of
