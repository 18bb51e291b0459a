"""One shared pass of spectra, from which tone and stereo are read.

Welch's method: Hann windows of about a third of a second, half overlapped. Per window only the
power in third octaves is kept; per bin the mean over the whole file.

References
----------
P. D. Welch, "The use of fast Fourier transform for the estimation of power spectra",
IEEE Trans. Audio Electroacoustics 15 (1967).
IEC 61260-1:2014, clause 5: band edges in base ten.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import fft

from app.audio.chroma import ChromaMeter

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Block = npt.NDArray[np.float32]

_WINDOW_AT_44100 = 16_384
_BATCH_WINDOWS = 8


@dataclass(frozen=True, slots=True)
class Spectra:
    """Mean power per bin over the whole file, full scale squared.

    Attributes
    ----------
    frequency_hz : ndarray of float64 [shape=(bins,)]
    power : ndarray of float64 [shape=(channels, bins)]
        The bins of a channel add up to its mean square.
    cross : ndarray of float64 [shape=(bins,)]
        Real part of left times right, zero for one channel.
    chroma : ndarray of float64 [shape=(windows, 12)]
        Pitch classes of the sum of all channels, from C, every `step_s`.
    """

    frequency_hz: Floats
    power: Floats
    cross: Floats
    chroma: Floats
    step_s: float

    @property
    def bin_hz(self) -> float:
        """Width of a bin."""
        return float(self.frequency_hz[1])

    def band(self, density: Floats, edges_hz: Floats) -> Floats:
        """Sum a row of bins between edges, cutting the bins that an edge falls into.

        Parameters
        ----------
        density : ndarray of float64 [shape=(..., bins)]
        edges_hz : ndarray of float64 [shape=(bands + 1,)]

        Returns
        -------
        ndarray of float64 [shape=(..., bands)]
        """
        borders = (np.arange(len(self.frequency_hz) + 1) - 0.5) * self.bin_hz
        total = np.concatenate((np.zeros((*density.shape[:-1], 1)), np.cumsum(density, axis=-1)), axis=-1)
        rows = total.reshape(-1, total.shape[-1])
        sums = np.stack([np.interp(edges_hz, borders, row) for row in rows])
        return np.diff(sums, axis=-1).reshape(*density.shape[:-1], len(edges_hz) - 1)


class SpectrumMeter:
    """Spectra that are fed blocks."""

    def __init__(self, sample_rate_hz: int, channels: int) -> None:
        octaves = max(0, int(np.ceil(np.log2(sample_rate_hz / 50_000))))
        self._size = _WINDOW_AT_44100 << octaves
        self._hop = self._size // 2
        self._rate_hz = sample_rate_hz
        self._window = np.hanning(self._size + 1)[:-1].astype(np.float32)
        self._pending = np.empty((0, channels), dtype=np.float32)
        self._power = np.zeros((channels, self._size // 2 + 1))
        self._cross = np.zeros(self._size // 2 + 1)
        self._windows = 0
        self._chroma = ChromaMeter(sample_rate_hz / self._size)

    def add(self, block: Block) -> None:
        """Measure one more block [shape=(frames, channels)]."""
        pending = np.concatenate((self._pending, block))
        count = max(0, (len(pending) - self._size) // self._hop + 1)
        for first in range(0, count, _BATCH_WINDOWS):
            self._transform(pending, first, min(first + _BATCH_WINDOWS, count))
        self._pending = pending[count * self._hop :]

    def spectra(self) -> Spectra:
        """Return the means; a file shorter than one window is padded with silence."""
        filled = self._size
        if self._windows == 0:
            filled = len(self._pending)
            padding = np.zeros((self._size - filled, self._power.shape[0]), dtype=np.float32)
            self._transform(np.concatenate((self._pending, padding)), 0, 1)
        weight = float((self._window[:filled].astype(np.float64) ** 2).sum()) * self._size
        scale = np.full(len(self._cross), 2.0)
        scale[0] = scale[-1] = 1.0
        scale /= max(weight, 1e-30) * self._windows
        frequency_hz = np.arange(len(self._cross), dtype=np.float64) * self._rate_hz / self._size
        return Spectra(
            frequency_hz,
            self._power * scale,
            self._cross * scale,
            self._chroma.chroma(),
            self._hop / self._rate_hz,
        )

    def _transform(self, frames: Block, first: int, last: int) -> None:
        span = frames[first * self._hop : (last - 1) * self._hop + self._size]
        windows = np.lib.stride_tricks.sliding_window_view(span, self._size, axis=0)[:: self._hop]
        bins = fft.rfft(windows * self._window, axis=-1)
        self._chroma.add(np.abs(bins.mean(axis=1)))
        self._power += (bins.real**2 + bins.imag**2).sum(axis=0, dtype=np.float64)
        if bins.shape[1] > 1:
            left, right = bins[:, 0], bins[:, 1]
            product = left.real * right.real + left.imag * right.imag
            self._cross += product.sum(axis=0, dtype=np.float64)
        self._windows += last - first
