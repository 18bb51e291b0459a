"""Pitch classes over time, from the peaks of the shared spectra.

Only local maxima count, placed by a parabola in decibels, so that noise and the skirts of
windows add little; a peak that lies between two semitones counts for less.

References
----------
E. Gómez, "Tonal description of polyphonic audio for music content processing", INFORMS Journal
on Computing 18 (2006): pitch class profiles from spectral peaks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

RANGE_HZ = (65.0, 2100.0)
A4_HZ = 440.0
_A = 9  # pitch class of A, counted from C


class ChromaMeter:
    """Twelve pitch classes, from C, for every window of the shared spectra.

    Attributes
    ----------
    bins
        How many bins of a window it asks for, from the first.
    """

    def __init__(self, bin_hz: float) -> None:
        low_hz, high_hz = RANGE_HZ
        self._bin_hz = bin_hz
        self._first = int(np.ceil(low_hz / bin_hz))
        self.bins = int(high_hz / bin_hz) + 2
        self._rows: list[Floats] = []

    def add(self, magnitude: npt.NDArray[np.float32]) -> None:
        """Take the magnitudes of more windows [shape=(windows, bins)]."""
        first = self._first
        magnitude = magnitude[:, first - 1 :]
        rows = np.zeros((len(magnitude), 12))
        before, at, after = magnitude[:, :-2], magnitude[:, 1:-1], magnitude[:, 2:]
        window, place = np.nonzero((at > before) & (at >= after) & (at > 1e-7))
        left, middle, right = (np.log(np.maximum(part[window, place], 1e-9)) for part in (before, at, after))
        bend = np.minimum(left - 2.0 * middle + right, -1e-12)
        frequency_hz = (first + place + 0.5 * (left - right) / bend) * self._bin_hz
        semitone = 12.0 * np.log2(frequency_hz / A4_HZ) + _A
        nearest = np.round(semitone)
        weight = at[window, place] * np.cos(np.pi * (semitone - nearest)) ** 2
        np.add.at(rows, (window, nearest.astype(np.int64) % 12), weight)
        self._rows.append(rows)

    def chroma(self) -> Floats:
        """Return all windows [shape=(windows, 12)]."""
        return np.concatenate(self._rows) if self._rows else np.zeros((0, 12))
