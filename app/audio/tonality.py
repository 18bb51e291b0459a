"""Tonality: key, Camelot code and tuning.

Two judges that err differently are heard: a network, which knows produced music, and a profile
of the pitch classes, which knows which tones a key stands on.

References
----------
F. Korzeniowski, G. Widmer, "Genre-agnostic key classification with convolutional neural
networks", ISMIR 2018: the network.
J. Albrecht, D. Shanahan, "The use of large corpora to train a new type of key-finding
algorithm", Music Perception 31 (2013): the profiles.
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

FAINTEST_KEY = 0.7
"""Least sum of the network's probability and of the profile's correlation, each the best of any
key: drums alone reach 0.68, real music 0.9 and more."""

FAINTEST_PROFILE = 0.6
"""The same for the profile alone, where the network is off: drums reach 0.54."""

LONELIEST_PITCH = 0.7
"""Part of one pitch class over which there is a tone but no key."""

PROFILE_WEIGHT = 8.0
"""What a correlation of 1 with a key's profile adds to the logarithm of its weight. Any value
from 7 to 12 gives the same keys on the clips that it was chosen on."""

NETWORK_FLOOR = 0.01
"""Added to the network's probabilities, which are far surer of themselves than they are right."""

MAJOR_PROFILE = (
    *(0.238, 0.006, 0.111, 0.006, 0.137, 0.094),
    *(0.016, 0.214, 0.009, 0.080, 0.008, 0.081),
)
MINOR_PROFILE = (
    *(0.220, 0.006, 0.104, 0.123, 0.019, 0.103),
    *(0.012, 0.214, 0.062, 0.022, 0.061, 0.052),
)

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
    """All keys with their weights, best first; the weights add up to 1.

    `network_key` is what the network alone says, None without it.
    """

    names: tuple[str, ...]
    weights: Floats
    network_key: str | None


def measure_key(chroma: Floats, features: npt.NDArray[np.float32] | None) -> KeyReadings | None:
    """Rank the keys; None where none stands out.

    Parameters
    ----------
    chroma : ndarray of float64 [shape=(windows, 12)]
        Pitch classes over time, from C.
    features : ndarray of float32 [shape=(frames, 105)] or None
        What the network listens to; None where it may not be asked.
    """
    names = neural.key_names()
    pitch_classes = chroma.sum(axis=0)
    correlations = profile_correlations(pitch_classes)
    if pitch_classes.max() > LONELIEST_PITCH * pitch_classes.sum():
        return None
    score = PROFILE_WEIGHT * correlations
    network_key = None
    if features is not None:
        probabilities = neural.key_probabilities(features)
        if probabilities.max() + correlations.max() < FAINTEST_KEY:
            return None
        network_key = names[int(probabilities.argmax())]
        score = score + np.log(probabilities + NETWORK_FLOOR)
    elif correlations.max() < FAINTEST_PROFILE:
        return None
    weights = np.exp(score - score.max())
    weights /= weights.sum()
    order = np.argsort(-weights, kind="stable")
    return KeyReadings(tuple(names[index] for index in order), weights[order], network_key)


def profile_correlations(pitch_classes: Floats) -> Floats:
    """Correlate twelve pitch classes with the profile of every key [shape=(24,)]."""
    if not pitch_classes.std() > 0:
        return np.zeros(len(neural.key_names()))
    profiles = []
    for name in neural.key_names():
        tonic, mode = name.split(" ")
        profile = MAJOR_PROFILE if mode == "major" else MINOR_PROFILE
        profiles.append(np.roll(profile, _PITCHES[tonic]))
    return np.asarray(np.corrcoef(np.vstack((pitch_classes, profiles)))[0, 1:])


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
