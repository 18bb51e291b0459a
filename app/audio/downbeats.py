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
    # Before the first frame every state was equally likely.
    entry = np.full((intervals[-1] + 1, beats, len(intervals)), -np.log(float(intervals.sum() * beats)))
    came_from = _enter_beats(totals, entry, intervals, sounding, log_change)
    best, *state = _best_end(totals, entry, intervals, sounding)
    beat, position, tempo = _walk_back(came_from, intervals, *state)
    return float(best), beat, position < sounding[tempo]


def _peaks(active: npt.NDArray[np.float32], in_beat: npt.NDArray[np.bool_]) -> Integers:
    """Frame of the highest activation in each run of sounding frames, as madmom picks it."""
    edges = np.flatnonzero(np.diff(in_beat.astype(np.int8), prepend=0, append=0))
    runs = edges.reshape(-1, 2)
    return np.array([start + active[start:end].argmax() // 2 for start, end in runs], dtype=np.int64)


@njit(cache=True, nogil=True)
def _beat_score(totals: Floats, begin: int, end: int, sounding: int, kind: int) -> float:
    """Log density, until frame `end`, of a beat that began at frame `begin`, which may lie before the first one."""
    start = max(begin, 0)
    border = min(max(begin + sounding, start), end)
    beat = totals[kind, border] - totals[kind, start]
    rest = totals[_NO_BEAT, end] - totals[_NO_BEAT, border]
    return float(beat + rest)


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
    entry: Floats,
    intervals: Integers,
    sounding: Integers,
    log_change: Floats,
) -> npt.NDArray[np.int8]:
    """Viterbi over the frames at which a beat may begin.

    Parameters
    ----------
    entry : ndarray of float64 [shape=(longest interval + 1, beats, tempi)]
        Best score of all paths whose beat begins at frame t, without that beat's own frames, at
        index t modulo the length: older ones are never asked for again. Filled here; before, what a
        beat is worth that began before the first frame.

    Returns
    -------
    ndarray of int8 [shape=(frames, beats, tempi)]
        The tempo of the beat before it.
    """
    frames = totals.shape[1] - 1
    length, beats, tempi = entry.shape
    came_from = np.empty((frames, beats, tempi), dtype=np.int8)
    scores = np.empty((3, tempi))
    places = np.empty(tempi, dtype=np.int64)
    leaving, best = np.empty(tempi), np.empty(tempi)
    origin = np.empty(tempi, dtype=np.int64)
    for frame in range(frames):
        for tempo in range(tempi):
            begin = frame - intervals[tempo]
            places[tempo] = begin % length
            for kind in (_BEAT, _DOWNBEAT):
                scores[kind, tempo] = _beat_score(totals, begin, frame, sounding[tempo], kind)
        for beat in range(beats):
            before = (beat - 1) % beats
            score = scores[_DOWNBEAT if before == 0 else _BEAT]
            for tempo in range(tempi):
                leaving[tempo] = entry[places[tempo], before, tempo] + score[tempo]
            _change_tempo(leaving, log_change, best, origin)
            entry[frame % length, beat] = best
            for tempo in range(tempi):
                came_from[frame, beat, tempo] = origin[tempo]
    return came_from


@njit(cache=True, nogil=True)
def _best_end(
    totals: Floats,
    entry: Floats,
    intervals: Integers,
    sounding: Integers,
) -> tuple[float, int, int, int]:
    """Score, beat, tempo and position of the best state at the last frame."""
    frames = totals.shape[1] - 1
    best = -np.inf
    last_beat, last_tempo, last_position = 0, 0, 0
    for beat in range(entry.shape[1]):
        kind = _DOWNBEAT if beat == 0 else _BEAT
        for tempo in range(len(intervals)):
            for position in range(intervals[tempo]):
                begin = frames - 1 - position
                entered = entry[begin % len(entry), beat, tempo]
                score = entered + _beat_score(totals, begin, frames, sounding[tempo], kind)
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
