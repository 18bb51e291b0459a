"""Tonality: key, Camelot code and tuning.

References
----------
F. Korzeniowski, G. Widmer, "Genre-agnostic key classification with convolutional neural
networks", ISMIR 2018.
Camelot wheel: M. Davis, Mixed In Key; 8B is C major, 8A is A minor.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from app.audio import neural

if TYPE_CHECKING:
    import numpy.typing as npt

    from app.audio.spectra import Floats, Spectra

NOISE_FLATNESS = 0.96
"""Noise of any colour has 0.98 and more inside its third octaves, music 0.2 to 0.9."""

FAINTEST_KEY = 0.2
"""The networks give 0.1 to 0.14 to the best key of silence, a sine or drums alone."""

_FLATNESS_RANGE_HZ = (100.0, 2000.0)
_TUNING_RANGE_HZ = (110.0, 1760.0)
_A4_HZ = 440.0
_CLEAREST_PEAKS = 60
_TUNING_CONCENTRATION = 0.5

_SPELLINGS = (
    *("C", "Db C#", "D", "Eb D#", "E", "F"),
    *("F# Gb", "G", "Ab G#", "A", "Bb A#", "B"),
)
_PITCHES = {name: pitch for pitch, names in enumerate(_SPELLINGS) for name in names.split()}


@dataclass(frozen=True, slots=True)
class KeyReadings:
    """All keys with their probabilities, best first."""

    names: tuple[str, ...]
    probabilities: Floats


def measure_key(features: npt.NDArray[np.float32]) -> KeyReadings | None:
    """Rank the keys; None where none stands out [features: shape=(frames, 105)]."""
    probabilities = neural.key_probabilities(features)
    order = np.argsort(-probabilities, kind="stable")
    if probabilities[order[0]] < FAINTEST_KEY:
        return None
    names = neural.key_names()
    return KeyReadings(tuple(names[index] for index in order), probabilities[order])


def camelot(key: str) -> str:
    """Return a key's place on the Camelot wheel, such as "4A" for "F minor"."""
    tonic, mode = key.split(" ")
    major_tonic = _PITCHES[tonic] + (3 if mode == "minor" else 0)
    # Seven semitones are a step round the wheel; C major is 8B.
    number = (major_tonic * 7 + 7) % 12 + 1
    return f"{number}{'A' if mode == 'minor' else 'B'}"


def flatness(spectra: Spectra) -> float:
    """Geometric over arithmetic mean of the bins inside third octaves, 1 for noise.

    Taken inside narrow bands, so that the colour of the noise does not matter.
    """
    low_hz, high_hz = _FLATNESS_RANGE_HZ
    density = spectra.power.mean(axis=0) + 1e-30
    edges_hz = low_hz * 2.0 ** np.arange(0.0, np.log2(high_hz / low_hz), 1 / 3)
    borders = np.searchsorted(spectra.frequency_hz, edges_hz)
    bands = [density[start:end] for start, end in pairwise(borders)]
    return float(np.mean([np.exp(np.log(band).mean()) / band.mean() for band in bands]))


def measure_tuning(spectra: Spectra) -> float | None:
    """Return the frequency of A4 [Hz] to which the clearest tones fit, None if they fit none.

    The peaks of the mean spectrum are placed by a parabola through three bins in decibels; the
    circular mean of their distances to the semitones of 440 Hz is the tuning.
    """
    density = spectra.power.mean(axis=0)
    level = 10.0 * np.log10(density + 1e-30)
    low, high = np.searchsorted(spectra.frequency_hz, _TUNING_RANGE_HZ)
    middle = np.arange(low, high)
    peaks = middle[(level[middle] > level[middle - 1]) & (level[middle] >= level[middle + 1])]
    if len(peaks) == 0:
        return None
    prominence = level[peaks] - np.array([np.median(level[peak - 8 : peak + 9]) for peak in peaks])
    peaks = peaks[np.argsort(-prominence, kind="stable")[:_CLEAREST_PEAKS]]
    before, at, after = level[peaks - 1], level[peaks], level[peaks + 1]
    shift = 0.5 * (before - after) / (before - 2.0 * at + after)
    semitones = 12.0 * np.log2((peaks + shift) * spectra.bin_hz / _A4_HZ)
    mean = np.exp(2j * np.pi * semitones).mean()
    if abs(mean) < _TUNING_CONCENTRATION:
        return None
    return float(_A4_HZ * 2.0 ** (np.angle(mean) / (2.0 * np.pi) / 12.0))
