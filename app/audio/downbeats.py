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

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from app.audio import neural

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    from app.audio.aside import Aside

    Integers = npt.NDArray[np.int64]
    Path = tuple[float, Integers, npt.NDArray[np.bool_]]

BEATS_PER_BAR = (3, 4)
THRESHOLD = 0.05
"""Activations below it at both ends of the file are cut off, as madmom does."""

BEAT_PART = 16
"""The first sixteenth of a beat emits the beat (madmom's observation lambda)."""

_NO_BEAT, _BEAT, _DOWNBEAT = 0, 1, 2
_SMALLEST = 1e-30


def decode_bars(
    activations: npt.NDArray[np.float32],
    tempo_range_bpm: tuple[float, float] = (0.0, np.inf),
    aside: Aside | None = None,
) -> Floats:
    """Find the beats and their numbers in the bar.

    Parameters
    ----------
    activations : ndarray of float32 [shape=(frames, 2)]
        Probabilities of beat and downbeat, 100 frames a second.
    tempo_range_bpm
        Tempi that the beats may have; without it all that madmom allows, 55 to 215.
    aside
        Looks for bars of three while this thread looks for bars of four.

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
    paths: dict[int, Path] = {}

    def look(beats: int) -> None:
        paths[beats] = _best_path(totals, beats, tempo_range_bpm)

    in_threes, in_fours = BEATS_PER_BAR
    if aside is None:
        look(in_threes)
    else:
        aside.do(partial(look, in_threes))
    look(in_fours)
    if aside is not None:
        aside.finish()
    _, beat, in_beat = max((paths[beats] for beats in BEATS_PER_BAR), key=lambda path: path[0])
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


def _best_path(totals: Floats, beats: int, tempo_range_bpm: tuple[float, float]) -> Path:
    """Log probability, beat number and whether the beat sounds, per frame."""
    intervals, log_change = neural.bar_model(beats)
    tempi_bpm = 60.0 * neural.BEAT_FRAMES_PER_S / intervals
    inside = (tempi_bpm >= tempo_range_bpm[0]) & (tempi_bpm <= tempo_range_bpm[1])
    intervals, log_change = intervals[inside], np.ascontiguousarray(log_change[np.ix_(inside, inside)])
    sounding = -(-intervals // BEAT_PART)
    log_start = -np.log(float(intervals.sum() * beats))
    entry, came_from = _enter_beats(totals, beats, intervals, sounding, log_change, log_start)
    best, *state = _best_end(totals, entry, intervals, sounding, log_start)
    beat, position, tempo = _walk_back(came_from, intervals, *state)
    return float(best), beat, position < sounding[tempo]


def _peaks(active: npt.NDArray[np.float32], in_beat: npt.NDArray[np.bool_]) -> Integers:
    """Frame of the highest activation in each run of sounding frames, as madmom picks it."""
    edges = np.flatnonzero(np.diff(in_beat.astype(np.int8), prepend=0, append=0))
    runs = edges.reshape(-1, 2)
    return np.array([start + active[start:end].argmax() // 2 for start, end in runs], dtype=np.int64)


@njit(cache=True, nogil=True)
def _beat_score(totals: Floats, begin: int, end: int, sounding: int, kind: int, position: int) -> float:
    """Log density of frames `begin` to `end` of a beat that is at `position` at `begin`."""
    border = min(max(begin + sounding - position, begin), end)
    beat = totals[kind, border] - totals[kind, begin]
    rest = totals[0, end] - totals[0, border]
    return float(beat + rest)


@njit(cache=True, nogil=True)
def _beat_so_far(  # noqa: PLR0917 - compiled functions are called by position
    totals: Floats,
    entry: Floats,
    log_start: float,
    sounding: int,
    beat: int,
    tempo: int,
    begin: int,
    end: int,
) -> float:
    """Score of the best path that is inside one beat until frame `end`.

    `begin` is the frame at which that beat began; before frame 0 every state was equally likely.
    """
    kind = 2 if beat == 0 else 1
    if begin < 0:
        return log_start + _beat_score(totals, 0, end, sounding, kind, -begin)
    entered = entry[begin % len(entry), beat, tempo]
    return float(entered + _beat_score(totals, begin, end, sounding, kind, 0))


@njit(cache=True, nogil=True)
def _change_tempo(leaving: Floats, log_change: Floats, best: Floats, origin: Integers) -> None:
    """Best score into each tempo, and the tempo that it comes from; the first of equals.

    The inner loop has no branch, so that it runs on whole vectors.
    """
    best[:] = -np.inf
    origin[:] = 0
    for previous in range(len(leaving)):
        left = leaving[previous]
        change = log_change[previous]
        for tempo in range(len(best)):
            score = left + change[tempo]
            better = score > best[tempo]
            best[tempo] = score if better else best[tempo]
            origin[tempo] = previous if better else origin[tempo]


@njit(cache=True, nogil=True)
def _enter_beats(
    totals: Floats,
    beats: int,
    intervals: Integers,
    sounding: Integers,
    log_change: Floats,
    log_start: float,
) -> tuple[Floats, npt.NDArray[np.int8]]:
    """Viterbi over the frames at which a beat may begin.

    Returns
    -------
    entry : ndarray of float64 [shape=(longest interval + 1, beats, tempi)]
        Best score of all paths whose beat begins at frame t, without that beat's own frames, at
        index t modulo the length: older ones are never asked for again.
    came_from : ndarray of int8 [shape=(frames, beats, tempi)]
        The tempo of the beat before it.
    """
    frames = totals.shape[1] - 1
    tempi = len(intervals)
    entry = np.empty((intervals[-1] + 1, beats, tempi))
    came_from = np.empty((frames, beats, tempi), dtype=np.int8)
    leaving, best = np.empty(tempi), np.empty(tempi)
    origin = np.empty(tempi, dtype=np.int64)
    for frame in range(frames):
        for beat in range(beats):
            before = (beat - 1) % beats
            for tempo in range(tempi):
                begin = frame - intervals[tempo]
                leaving[tempo] = _beat_so_far(totals, entry, log_start, sounding[tempo], before, tempo, begin, frame)
            _change_tempo(leaving, log_change, best, origin)
            entry[frame % len(entry), beat] = best
            for tempo in range(tempi):
                came_from[frame, beat, tempo] = origin[tempo]
    return entry, came_from


@njit(cache=True, nogil=True)
def _best_end(
    totals: Floats,
    entry: Floats,
    intervals: Integers,
    sounding: Integers,
    log_start: float,
) -> tuple[float, int, int, int]:
    """Score, beat, tempo and position of the best state at the last frame."""
    frames = totals.shape[1] - 1
    best = -np.inf
    last_beat, last_tempo, last_position = 0, 0, 0
    for beat in range(entry.shape[1]):
        for tempo in range(len(intervals)):
            for position in range(intervals[tempo]):
                begin = frames - 1 - position
                score = _beat_so_far(totals, entry, log_start, sounding[tempo], beat, tempo, begin, frames)
                if score > best:
                    best = score
                    last_beat, last_tempo, last_position = beat, tempo, position
    return best, last_beat, last_tempo, last_position


@njit(cache=True, nogil=True)
def _walk_back(
    came_from: npt.NDArray[np.int8],
    intervals: Integers,
    beat: int,
    tempo: int,
    position: int,
) -> tuple[Integers, Integers, Integers]:
    """Beat, position in the beat and tempo of every frame of the path that ends here."""
    frames, beats, _ = came_from.shape
    beat_of = np.empty(frames, dtype=np.int64)
    position_of = np.empty(frames, dtype=np.int64)
    tempo_of = np.empty(frames, dtype=np.int64)
    for frame in range(frames - 1, -1, -1):
        beat_of[frame], position_of[frame], tempo_of[frame] = beat, position, tempo
        if position > 0:
            position -= 1
            continue
        tempo = came_from[frame, beat, tempo]
        beat = (beat - 1) % beats
        position = intervals[tempo] - 1
    return beat_of, position_of, tempo_of
