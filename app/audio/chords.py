"""Chords over time: major and minor triads, beat by beat.

Chords change on beats, so that the pitch classes between two beats are heard together; a hidden
Markov model with a price on every change then finds the chords. The pitch classes are those of
madmom's chroma network, or without it those of the shared spectra.

References
----------
T. Fujishima, "Realtime chord recognition of musical sound", ICMC 1999: templates of chords.
J. P. Bello, J. Pickens, "A robust mid-level representation for harmonic content in music
signals", ISMIR 2005: one chroma a beat, and a hidden Markov model over the triads.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from app.audio import neural

if TYPE_CHECKING:
    import numpy.typing as npt

    from app.audio.spectra import SpectrumWindows

    Floats = npt.NDArray[np.float64]
    Integers = npt.NDArray[np.int64]

MAJOR_NAMES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
MINOR_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "Bb", "B")
NO_CHORD = -1

MAJOR_STEPS, MINOR_STEPS = (0, 4, 7), (0, 3, 7)

SHARPNESS = 10.0
"""What a likeness of 1 to a chord's template adds to the logarithm of its weight for a beat."""

CHANGE_COST = 1.0
"""A change pays if the new chord is a tenth more alike for one beat, or a twentieth for two."""

NO_CHORD_LIKENESS = 0.65
"""Twelve equal pitch classes are alike to every triad by 0.5, a triad with overtones by 0.8."""

STEP_WITHOUT_BEATS_S = 0.5

FAINTEST_CHROMA = 0.8
"""Length of the network's answer under which it hears no chord: a triad has 1.73 at most, drums
and noise 0.2 to 0.7."""

QUIETEST_PART = 1e-3
"""The same without the network, against the loudest beat."""


@dataclass(frozen=True, slots=True)
class ChordReadings:
    """A chord and where it sounds; names are those of keys, such as "F minor"."""

    start_s: float
    end_s: float
    name: str


@dataclass(frozen=True, slots=True)
class HarmonyReadings:
    """The chords, and what madmom's decoder says; `stock` is None where its models are off."""

    chords: tuple[ChordReadings, ...]
    stock: tuple[ChordReadings, ...] | None


def measure_chords(
    windows: SpectrumWindows, features: npt.NDArray[np.float32] | None, beats_s: Floats, duration_s: float
) -> HarmonyReadings:
    """Find the chords of a file.

    Parameters
    ----------
    windows
        What is kept of every window of the shared spectra.
    features : ndarray of float32 [shape=(frames, 105)] or None
        What the chroma network listens to; None where it may not be asked.
    beats_s : ndarray of float64
        Where chords may change.
    """
    if features is None:
        times_s = np.arange(1.0, len(windows.chroma) + 1.0) * windows.step_s
        faintest = QUIETEST_PART * float(np.sqrt((windows.chroma**2).sum(axis=1)).max(initial=0.0))
        return HarmonyReadings(find_chords(windows.chroma, times_s, beats_s, duration_s, faintest), None)
    chroma = neural.deep_chroma(features)
    times_s = np.arange(0.0, len(chroma)) / neural.PITCH_FRAMES_PER_S
    chords = find_chords(chroma.astype(np.float64), times_s, beats_s, duration_s, FAINTEST_CHROMA)
    return HarmonyReadings(chords, stock_chords(chroma))


def find_chords(
    chroma: Floats, times_s: Floats, beats_s: Floats, duration_s: float, faintest: float
) -> tuple[ChordReadings, ...]:
    """Find the chords between beats.

    Parameters
    ----------
    chroma : ndarray of float64 [shape=(frames, 12)]
        Pitch classes over time, from C.
    times_s : ndarray of float64 [shape=(frames,)]
        What each frame is centred on.
    beats_s : ndarray of float64
        Where chords may change; without beats every `STEP_WITHOUT_BEATS_S`.
    faintest
        Euclidean length of a chroma under which none sounds.
    """
    borders_s = _borders_s(beats_s, duration_s)
    rows = _between(chroma, times_s, borders_s)
    return _joined(_best_chords(_likeness(rows, faintest)), borders_s)


def stock_chords(chroma: npt.NDArray[np.float32]) -> tuple[ChordReadings, ...]:
    """What madmom's own decoder says [chroma: shape=(frames, 12)]."""
    borders_s = np.arange(len(chroma) + 1) / neural.PITCH_FRAMES_PER_S
    return _joined(neural.stock_chords(chroma), borders_s)


def _borders_s(beats_s: Floats, duration_s: float) -> Floats:
    if len(beats_s) < 2:
        beats_s = np.arange(STEP_WITHOUT_BEATS_S, duration_s, STEP_WITHOUT_BEATS_S)
    inside = beats_s[(beats_s > 0.0) & (beats_s < duration_s)]
    return np.concatenate(([0.0], inside, [duration_s]))


def _between(chroma: Floats, times_s: Floats, borders_s: Floats) -> Floats:
    """Mean of the frames between borders [shape=(len(borders_s) - 1, 12)]."""
    places = np.searchsorted(times_s, borders_s)
    starts = np.minimum(places[:-1], len(chroma) - 1)
    ends = np.maximum(places[1:], starts + 1)
    sums = np.concatenate((np.zeros((1, chroma.shape[1])), np.cumsum(chroma, axis=0)))
    return np.asarray((sums[ends] - sums[starts]) / (ends - starts)[:, None])


def _likeness(rows: Floats, faintest: float) -> Floats:
    """Cosine of each row with each triad, and what no chord counts for [shape=(beats, 25)]."""
    triads = np.zeros((24, 12))
    for root in range(12):
        for place, steps in ((root, MAJOR_STEPS), (root + 12, MINOR_STEPS)):
            triads[place, [(root + step) % 12 for step in steps]] = 1.0 / np.sqrt(3.0)
    length = np.sqrt((rows**2).sum(axis=1, keepdims=True))
    alike = np.divide(rows, length, out=np.zeros_like(rows), where=length > faintest) @ triads.T
    return np.column_stack((alike, np.full(len(rows), NO_CHORD_LIKENESS)))


def _best_chords(likeness: Floats) -> Integers:
    """Best path over the beats (Viterbi); `NO_CHORD` where none sounds."""
    beats, states = likeness.shape
    score = SHARPNESS * likeness
    came_from = np.zeros((beats, states), dtype=np.int64)
    total = score[0]
    for beat in range(1, beats):
        best = int(total.argmax())
        stays = total >= total[best] - CHANGE_COST
        came_from[beat] = np.where(stays, np.arange(states), best)
        total = np.maximum(total, total[best] - CHANGE_COST) + score[beat]
    path = np.empty(beats, dtype=np.int64)
    path[-1] = total.argmax()
    for beat in range(beats - 1, 0, -1):
        path[beat - 1] = came_from[beat, path[beat]]
    return np.where(path == states - 1, NO_CHORD, path)


def _joined(chords: Integers, borders_s: Floats) -> tuple[ChordReadings, ...]:
    """Stretches of one chord, those without a chord left out."""
    cuts = [0, *(np.flatnonzero(np.diff(chords)) + 1).tolist(), len(chords)]
    return tuple(
        ChordReadings(float(borders_s[first]), float(borders_s[last]), _name(int(chords[first])))
        for first, last in pairwise(cuts)
        if chords[first] != NO_CHORD
    )


def _name(chord: int) -> str:
    return f"{MAJOR_NAMES[chord]} major" if chord < 12 else f"{MINOR_NAMES[chord - 12]} minor"
