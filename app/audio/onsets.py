"""Onset strength, and what stands in for the trained networks where they may not be used.

References
----------
S. Böck, G. Widmer, "Maximum filter vibrato suppression for onset detection", DAFx 2013: rising
differences of a logarithmic spectrogram as onset strength.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from app.audio import neural

if TYPE_CHECKING:
    import numpy.typing as npt

    Matrix = npt.NDArray[np.float32]

LOW_BANDS = 10
"""Bands of the middle spectrogram under about 150 Hz, where bars begin in produced music."""

TRANSIENT_PART = 0.5
TRANSIENT_PERCENTILE = 99.0
TRANSIENT_FLOOR = 1.0
_TRANSIENT_FRAMES = 7

_LEVEL_FRAMES = 41
_PEAK_FRAMES = 300
_HIGHEST_BEAT = 0.8
_LOW_SHARE = 0.3
_LOWEST = 1e-4


def rising_bands(features: Matrix) -> Matrix:
    """Rising differences of the middle spectrogram [shape=(frames, bands)]."""
    small, middle, _ = (bank.weights.shape[1] for bank in neural.beat_filterbanks())
    first = 2 * small + middle
    return features[:, first : first + middle]


def onset_strength(features: Matrix) -> Matrix:
    """Sum of all rising bands [shape=(frames,)]."""
    return np.asarray(rising_bands(features).sum(axis=1))


def transients_per_s(features: Matrix) -> float | None:
    """Clear onsets per second: peaks of the onset strength over half of its 99th percentile."""
    strength = onset_strength(features)
    if len(strength) < neural.BEAT_FRAMES_PER_S:
        return None
    threshold = TRANSIENT_PART * float(np.percentile(strength, TRANSIENT_PERCENTILE))
    highest = maximum_filter1d(strength, _TRANSIENT_FRAMES)
    peaks = (strength == highest) & (strength > max(threshold, TRANSIENT_FLOOR))
    return float(peaks.sum() * neural.BEAT_FRAMES_PER_S / len(strength))


def untrained_activations(features: Matrix) -> Matrix:
    """Beat and downbeat strength without any network [shape=(frames, 2)].

    Onsets over their surroundings of 0.4 s, relative to the strongest within 3 s; those with a
    strong low end lean towards the downbeat.
    """
    bands = rising_bands(features)
    strength = _HIGHEST_BEAT * _relative(bands.sum(axis=1))
    low = np.clip(_LOW_SHARE * _relative(bands[:, :LOW_BANDS].sum(axis=1)), 0.0, 0.5)
    activations = np.column_stack((strength * (1.0 - low), strength * low))
    return np.asarray(activations + _LOWEST, dtype=np.float32)


def _relative(envelope: Matrix) -> Matrix:
    over = np.maximum(envelope - uniform_filter1d(envelope, _LEVEL_FRAMES), 0.0)
    loudest = maximum_filter1d(over, _PEAK_FRAMES) + 1e-3 * over.max(initial=0.0) + 1e-9
    return np.asarray(over / loudest)
