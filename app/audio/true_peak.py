"""True peak: the highest point of the wave between the samples.

References
----------
ITU-R BS.1770-5 (2023), Annex 2: peak of the signal interpolated to at least 192 kHz.
EBU Tech 3341 v4 (2023), cases 15 to 23: tolerance +0.2 / -0.4 dB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from app.audio.hops import HopGrid, HopSeries

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Block = npt.NDArray[np.float32]

HOPS_PER_S = 10
TAPS = 24
"""Taps of each phase of the interpolator."""

_FINITE_MATHS = {"contract", "nsz", "reassoc", "nnan", "ninf"}
"""The decoder lets no NaN and no infinity through; without them a maximum is one instruction."""

_KAISER_BETA = 6.0
_RUN_FRAMES = 512
"""So many places between samples are worked out at once: their sums stay in the nearest cache."""


def oversampling_factor(sample_rate_hz: int) -> int:
    """4 to 96 kHz, 2 under 192 kHz, 1 above.

    BS.1770-5 asks for 192 kHz at least; with 2 at 96 kHz the bursts of Tech 3341 read 0.09 dB
    lower than their tolerance allows.
    """
    if sample_rate_hz <= 96_000:
        return 4
    return 2 if sample_rate_hz < 192_000 else 1


class PeakMeter:
    """Sample peak and true peak of every channel, per tenth of a second."""

    def __init__(self, sample_rate_hz: int, channels: int) -> None:
        self._grid = HopGrid(sample_rate_hz, HOPS_PER_S)
        self._sample = HopSeries(channels, np.maximum)
        self._true = HopSeries(channels, np.maximum)
        self._weights = interpolator(oversampling_factor(sample_rate_hz))
        self._past = np.zeros((channels, TAPS), dtype=np.float32)

    def add(self, block: Block) -> None:
        """Measure one more block [shape=(frames, channels)]."""
        ends, last_is_open = self._grid.ends(len(block))
        sample, true = _peaks(block, ends, self._weights, self._past)
        self._sample.extend(sample, last_is_open=last_is_open)
        self._true.extend(true, last_is_open=last_is_open)

    def finish(self) -> None:
        """Let the interpolator run out behind the last sample."""
        self.add(np.zeros((TAPS, len(self._past)), dtype=np.float32))

    def sample_peaks(self) -> Floats:
        """Linear sample peaks [shape=(hops, channels)]."""
        return self._sample.whole()

    def true_peaks(self) -> Floats:
        """Linear true peaks [shape=(hops, channels)]."""
        return self._true.whole()


def interpolator(factor: int) -> npt.NDArray[np.float32]:
    """Return the phases between the samples of a Kaiser-windowed sinc, as weights of pairs of taps.

    The phase at a quarter and that at three quarters mirror each other, and the one in the middle
    mirrors itself. With the sum p and the difference q of each pair of taps that mirror each other the
    first two are even * p + odd * q and even * p - odd * q, and the third is middle * p: three
    products a pair instead of six.

    Returns
    -------
    ndarray of float32 [shape=(3, TAPS / 2)]
        Even, odd and middle, zero for what a factor does not ask for. The phase that falls on the samples
        is left out: it is the sample peak.
    """
    quarter = _phase(0.25) if factor == 4 else np.zeros(TAPS)
    middle = _phase(0.5) if factor >= 2 else np.zeros(TAPS)
    weights = ((quarter + quarter[::-1]) / 2, (quarter - quarter[::-1]) / 2, middle)
    return np.array(weights)[:, : TAPS // 2].astype(np.float32)


def _phase(shift: float) -> Floats:
    """Taps that give the wave `shift` behind the sample in the middle."""
    distance = np.arange(TAPS) - (TAPS / 2 - 1) - shift
    window = np.i0(_KAISER_BETA * np.sqrt(1.0 - (distance / (TAPS / 2)) ** 2)) / np.i0(_KAISER_BETA)
    taps = np.sinc(distance) * window
    return np.asarray(taps[::-1] / taps.sum())


@njit(cache=True, nogil=True, fastmath=_FINITE_MATHS)
def _highest(line: npt.NDArray[np.float32], start: int, end: int) -> np.float32:
    """Highest magnitude of the samples."""
    highest = np.float32(0.0)
    for index in range(start, end):
        highest = max(highest, abs(line[index]))
    return highest


@njit(cache=True, nogil=True, fastmath=_FINITE_MATHS)
def _highest_between(
    line: npt.NDArray[np.float32],
    start: int,
    length: int,
    weights: npt.NDArray[np.float32],
    sums: npt.NDArray[np.float32],
) -> np.float32:
    """Highest magnitude between the samples of a run, all phases of it."""
    taps = 2 * weights.shape[1]
    even, odd, middle = sums[0], sums[1], sums[2]
    sums[:, :length] = np.float32(0.0)
    # Two pairs at a time, over slices: the sums are read and written half as often, and the
    # compiler sees that no place is negative.
    for tap in range(0, taps // 2, 2):
        e0, o0, m0 = weights[0, tap], weights[1, tap], weights[2, tap]
        e1, o1, m1 = weights[0, tap + 1], weights[1, tap + 1], weights[2, tap + 1]
        near, far = start + tap, start + taps - 1 - tap
        n0, f0 = line[near : near + length], line[far : far + length]
        n1, f1 = line[near + 1 : near + 1 + length], line[far - 1 : far - 1 + length]
        for index in range(length):
            p0, q0 = n0[index] + f0[index], n0[index] - f0[index]
            p1, q1 = n1[index] + f1[index], n1[index] - f1[index]
            even[index] += e0 * p0 + e1 * p1
            odd[index] += o0 * q0 + o1 * q1
            middle[index] += m0 * p0 + m1 * p1
    highest = np.float32(0.0)
    for index in range(length):
        highest = max(highest, abs(even[index]) + abs(odd[index]), abs(middle[index]))
    return highest


@njit(cache=True, nogil=True, fastmath=_FINITE_MATHS)
def _peaks(
    block: Block,
    ends: npt.NDArray[np.int64],
    weights: npt.NDArray[np.float32],
    past: npt.NDArray[np.float32],
) -> tuple[Floats, Floats]:
    """Peaks per segment and channel; `past` carries the last samples to the next block."""
    frames, channels = block.shape
    taps = 2 * weights.shape[1]
    sample_peaks = np.zeros((len(ends), channels))
    true_peaks = np.zeros((len(ends), channels))
    line = np.empty(taps + frames, dtype=np.float32)
    sums = np.empty((3, _RUN_FRAMES), dtype=np.float32)
    for channel in range(channels):
        line[:taps] = past[channel]
        line[taps:] = block[:, channel]
        past[channel] = line[frames:]
        start = 0
        for segment in range(len(ends)):
            end = ends[segment]
            highest = _highest(line, taps + start, taps + end)
            sample_peaks[segment, channel] = highest
            for run in range(start, end, _RUN_FRAMES):
                between = _highest_between(line, run + 1, min(_RUN_FRAMES, end - run), weights, sums)
                highest = max(highest, between)
            true_peaks[segment, channel] = highest
            start = end
    return sample_peaks, true_peaks
