"""One shared pass of spectra, from which tone, stereo, pitch classes and hum are read.

Welch's method: Hann windows of about a third of a second, half overlapped. Per bin the mean over
the whole file is kept; per window only sums over bands, so that memory hardly grows with length.

References
----------
P. D. Welch, "The use of fast Fourier transform for the estimation of power spectra",
IEEE Trans. Audio Electroacoustics 15 (1967).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from app.audio.chroma import ChromaMeter
from app.audio.transform import Plan, plan, transform

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Block = npt.NDArray[np.float32]

BAND_NAMES = ("sub", "bass", "low mids", "mids", "high mids", "highs", "air")
BAND_EDGES_HZ = (20.0, 60.0, 250.0, 500.0, 2000.0, 6000.0, 16000.0, 20000.0)
LOW_END_HZ = (20.0, 120.0)

TWELFTHS_FROM_HZ = 100.0
TWELFTHS = 92
"""Twelfths of octaves from 100 Hz to 20 kHz; lower ones are narrower than the bins."""

HUM_RANGE_HZ = 400.0

_WINDOW_AT_44100 = 16_384
_BATCH_WINDOWS = 8


@dataclass(frozen=True, slots=True)
class SpectrumWindows:
    """What is kept of every window.

    Attributes
    ----------
    step_s
        Time between two windows; the first is centred on `step_s`.
    left, right, cross : ndarray of float64 [shape=(windows, 8)]
        Power of the seven bands and of the low end; real part of left times right.
    twelfths : ndarray of float32 [shape=(windows, 92)]
        Mean power over the channels in twelfths of octaves.
    low : ndarray of float32 [shape=(windows, bins)]
        The same for the bins under `HUM_RANGE_HZ`.
    chroma : ndarray of float64 [shape=(windows, 12)]
        Pitch classes of the sum of all channels, from C.
    """

    step_s: float
    left: Floats
    right: Floats
    cross: Floats
    twelfths: Block
    low: Block
    chroma: Floats


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
    """

    frequency_hz: Floats
    power: Floats
    cross: Floats
    windows: SpectrumWindows

    @property
    def bin_hz(self) -> float:
        """Width of a bin."""
        return float(self.frequency_hz[1])

    def band(self, density: Floats, edges_hz: Floats) -> Floats:
        """Sum rows of bins between edges [density: shape=(..., bins)] -> [shape=(..., bands)]."""
        return band_sums(density, self.bin_hz, edges_hz)


def band_sums(density: Floats, bin_hz: float, edges_hz: Floats) -> Floats:
    """Sum rows of bins between edges, cutting the bins that an edge falls into.

    Parameters
    ----------
    density : ndarray of float64 [shape=(..., bins)]
    edges_hz : ndarray of float64 [shape=(bands + 1,)]

    Returns
    -------
    ndarray of float64 [shape=(..., bands)]
    """
    borders = (np.arange(density.shape[-1] + 1) - 0.5) * bin_hz
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
        self._window = np.hanning(self._size + 1)[:-1]
        self._plan = plan(self._window)
        self._pending = np.empty((channels, 0), dtype=np.float32)
        self._power = np.zeros((channels, self._size // 2 + 1))
        self._cross = np.zeros(self._size // 2 + 1)
        self._windows = 0
        self._keeper = _WindowKeeper(sample_rate_hz / self._size, self._size // 2 + 1)

    def add(self, block: Block) -> None:
        """Measure one more block [shape=(frames, channels)]."""
        kept = self._pending.shape[1]
        pending = np.empty((len(self._pending), kept + len(block)), dtype=np.float32)
        pending[:, :kept], pending[:, kept:] = self._pending, block.T
        count = max(0, (pending.shape[1] - self._size) // self._hop + 1)
        for first in range(0, count, _BATCH_WINDOWS):
            self._transform(pending, first, min(first + _BATCH_WINDOWS, count))
        self._pending = pending[:, count * self._hop :]

    def spectra(self) -> Spectra:
        """Return the means; a file shorter than one window is padded with silence."""
        filled = self._size
        if self._windows == 0:
            filled = self._pending.shape[1]
            self._transform(np.pad(self._pending, ((0, 0), (0, self._size - filled))), 0, 1)
        weight = float((self._window[:filled] ** 2).sum()) * self._size
        weight = max(weight, 1e-30)
        scale = np.full(len(self._cross), 2.0 / weight / self._windows)
        scale[0] = scale[-1] = scale[0] / 2
        return Spectra(
            frequency_hz=np.arange(len(scale), dtype=np.float64) * self._rate_hz / self._size,
            power=self._power * scale,
            cross=self._cross * scale,
            windows=self._keeper.windows(2.0 / weight, self._hop / self._rate_hz),
        )

    def _transform(self, lines: Block, first: int, last: int) -> None:
        """Take windows of the lines of all channels [shape=(channels, frames)]."""
        windows = _hear(lines, first, last, self._hop, self._plan, self._keeper.pitched, self._power, self._cross)
        self._keeper.add(*windows)
        self._windows += last - first


class _WindowKeeper:
    """Sums the bins of each window into what `SpectrumWindows` has."""

    def __init__(self, bin_hz: float, bins: int) -> None:
        self._bins = bins
        self._chroma = ChromaMeter(bin_hz)
        self.pitched = self._chroma.bins
        self._band_edges = self._places(np.array(BAND_EDGES_HZ), bin_hz)
        self._low_end = self._places(np.array(LOW_END_HZ), bin_hz)
        twelfths_hz = TWELFTHS_FROM_HZ * 2.0 ** (np.arange(TWELFTHS + 1) / 12)
        self._twelfth_edges = self._places(twelfths_hz, bin_hz)
        self._low = slice(0, int(HUM_RANGE_HZ / bin_hz) + 1)
        self._pairs: list[Floats] = []
        self._twelfths: list[Block] = []
        self._low_rows: list[Block] = []

    def add(self, power: Block, cross: Block, mean: Block, magnitude: Block) -> None:
        """Take more windows, as `_hear` returns them."""
        self._chroma.add(magnitude)
        self._low_rows.append(mean[:, self._low].copy())
        self._twelfths.append(_sums(mean, self._twelfth_edges).astype(np.float32))
        pair = (power[:, 0], power[:, min(1, power.shape[1] - 1)], cross)
        rows = [np.column_stack((_sums(row, self._band_edges), _sums(row, self._low_end))) for row in pair]
        self._pairs.append(np.stack(rows))

    def windows(self, scale: float, step_s: float) -> SpectrumWindows:
        """Return all windows in full scale squared."""
        left, right, cross = np.concatenate(self._pairs, axis=1) * scale
        return SpectrumWindows(
            step_s=step_s,
            left=left,
            right=right,
            cross=cross,
            twelfths=np.concatenate(self._twelfths) * np.float32(scale),
            low=np.concatenate(self._low_rows) * np.float32(scale),
            chroma=self._chroma.chroma(),
        )

    def _places(self, edges_hz: Floats, bin_hz: float) -> npt.NDArray[np.int64]:
        """First bins of bands; beyond half the sample rate all are the end."""
        return np.minimum(np.round(edges_hz / bin_hz).astype(np.int64), self._bins)


@njit(cache=True, nogil=True, fastmath={"contract"})
def _hear(  # noqa: PLR0917 - compiled functions are called by position
    lines: Block, first: int, last: int, hop: int, plan: Plan, pitched: int, total: Floats, total_cross: Floats
) -> tuple[Block, Block, Block, Block]:
    """Power of each bin, and left times right, of some windows; both are added to the totals.

    Parameters
    ----------
    lines : ndarray of float32 [shape=(channels, frames)]
        Window k begins at k hops.
    pitched
        How many bins are heard for their pitch.

    Returns
    -------
    power : ndarray of float32 [shape=(windows, channels, bins)]
    cross, mean : ndarray of float32 [shape=(windows, bins)]
        The second is the mean power of all channels.
    magnitude : ndarray of float32 [shape=(windows, pitched)]
        Of the mean of all channels.
    """
    windows, channels, bins = last - first, len(lines), len(plan.real)
    power = np.empty((windows, channels, bins), dtype=np.float32)
    cross = np.zeros((windows, bins), dtype=np.float32)
    mean = np.zeros((windows, bins), dtype=np.float32)
    magnitude = np.empty((windows, pitched), dtype=np.float32)
    left, summed = np.empty((2, bins), dtype=np.float32), np.empty((2, pitched), dtype=np.float32)
    for window in range(windows):
        summed[:] = 0.0
        for channel in range(channels):
            transform(lines[channel], (first + window) * hop, plan)
            _add_power(plan.real, plan.imag, power[window, channel], mean[window], total[channel])
            summed[0] += plan.real[:pitched]
            summed[1] += plan.imag[:pitched]
            if channel == 0:
                left[0], left[1] = plan.real, plan.imag
            if channel == min(1, channels - 1):
                _multiply(left, plan.real, plan.imag, cross[window], total_cross)
        mean[window] /= np.float32(channels)
        magnitude[window] = np.sqrt(summed[0] * summed[0] + summed[1] * summed[1]) / np.float32(channels)
    return power, cross, mean, magnitude


@njit(cache=True, nogil=True, fastmath={"contract"})
def _add_power(real: Block, imag: Block, power: Block, mean: Block, total: Floats) -> None:
    """Power of the bins of one window of one channel, added to two sums."""
    for place in range(len(power)):
        power[place] = real[place] * real[place] + imag[place] * imag[place]
        mean[place] += power[place]
        total[place] += power[place]


@njit(cache=True, nogil=True, fastmath={"contract"})
def _multiply(left: Block, real: Block, imag: Block, cross: Block, total: Floats) -> None:
    """Real part of left times right of one window, added to a sum."""
    for place in range(len(cross)):
        cross[place] = left[0, place] * real[place] + left[1, place] * imag[place]
        total[place] += cross[place]


@njit(cache=True, nogil=True, fastmath={"contract", "nsz", "reassoc"})
def _sums(rows: Block, edges: npt.NDArray[np.int64]) -> Floats:
    """Sum bins between edges [shape=(windows, bands)], zero for bands that have none."""
    sums = np.zeros((len(rows), len(edges) - 1))
    for window in range(len(rows)):
        for band in range(len(edges) - 1):
            part = rows[window, edges[band] : edges[band + 1]]
            total = 0.0
            for place in range(len(part)):
                total += part[place]
            sums[window, band] = total
    return sums
