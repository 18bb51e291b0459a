"""Sums, squares and products of the samples per tenth of a second.

Everything that asks about level, offset, silence or the relation of left and right without
asking about frequency is answered out of these rows.
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

SILENT_RMS_DBFS = -80.0
"""A file whose moving part stays under this holds nothing that could be judged."""


class LevelMeter:
    """First and second moments of every channel, and of left times right."""

    def __init__(self, sample_rate_hz: int, channels: int) -> None:
        self._grid = HopGrid(sample_rate_hz, HOPS_PER_S)
        self._moments = HopSeries(2 * channels + 1, np.add)
        self._channels = channels
        self.frames = 0

    def add(self, block: Block) -> None:
        """Measure one more block [shape=(frames, channels)]."""
        ends, last_is_open = self._grid.ends(len(block))
        self._moments.extend(_moments(block, ends), last_is_open=last_is_open)
        self.frames += len(block)

    def offset(self) -> Floats:
        """Mean of every channel, full scale at 1 [shape=(channels,)]."""
        return np.asarray(self._sum()[: self._channels] / self.frames)

    def power(self) -> Floats:
        """Mean square of every channel without its offset [shape=(channels,)]."""
        squares = self._sum()[self._channels : 2 * self._channels] / self.frames
        return np.maximum(squares - self.offset() ** 2, 0.0)

    def cross_power(self) -> float:
        """Mean product of the first two channels without their offsets."""
        left, right = self.offset()[:2]
        return float(self._sum()[-1] / self.frames - left * right)

    def is_silent(self) -> bool:
        """Whether nothing moves: digital silence, dither, or only a constant offset."""
        return bool(self.power().max(initial=0.0) < 10.0 ** (SILENT_RMS_DBFS / 10.0))

    def hops(self) -> tuple[Floats, Floats]:
        """Sums of squares of every tenth of a second, and its frames.

        Returns
        -------
        squares : ndarray of float64 [shape=(hops, channels)]
        frames : ndarray of float64 [shape=(hops,)]
        """
        rows = self._moments.closed()
        borders = self._grid.border(np.arange(len(rows) + 1))
        return rows[:, self._channels : 2 * self._channels], np.diff(borders).astype(np.float64)

    def _sum(self) -> Floats:
        return np.asarray(self._moments.whole().sum(axis=0))


@njit(cache=True, nogil=True, fastmath={"contract", "nsz", "reassoc"})
def _moments(block: Block, ends: npt.NDArray[np.int64]) -> Floats:
    """Sums, sums of squares and of left times right [shape=(segments, 2 * channels + 1)]."""
    channels = block.shape[1]
    rows = np.zeros((len(ends), 2 * channels + 1))
    start = 0
    for segment in range(len(ends)):
        for channel in range(channels):
            total = 0.0
            squares = 0.0
            for frame in range(start, ends[segment]):
                sample = np.float64(block[frame, channel])
                total += sample
                squares += sample * sample
            rows[segment, channel] = total
            rows[segment, channels + channel] = squares
        if channels > 1:
            product = 0.0
            for frame in range(start, ends[segment]):
                product += np.float64(block[frame, 0]) * np.float64(block[frame, 1])
            rows[segment, 2 * channels] = product
        start = ends[segment]
    return rows
