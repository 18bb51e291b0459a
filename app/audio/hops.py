"""Values per hop of time, gathered over blocks whose borders fall anywhere.

A hop is a hundredth or a tenth of a second. Where a sample rate does not divide, hop k ends at
sample floor((k + 1) * rate / hops_per_s), so that no drift builds up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Indices = npt.NDArray[np.int64]


class HopGrid:
    """Where hops end inside the blocks of one stream."""

    def __init__(self, sample_rate_hz: int, hops_per_s: int) -> None:
        self._rate_hz = sample_rate_hz
        self._hops_per_s = hops_per_s
        self._frames = 0
        self._hops = 0

    def ends(self, frames: int) -> tuple[Indices, bool]:
        """Cut the next block of `frames` at the ends of hops.

        Returns
        -------
        ends : ndarray of int64 [shape=(segments,)]
            Where each segment ends inside the block; the last is the block's end.
        last_is_open : bool
            Whether the last segment's hop goes on in the next block.
        """
        first, self._frames = self._frames, self._frames + frames
        closed = self._frames * self._hops_per_s // self._rate_hz
        borders = self.border(np.arange(self._hops + 1, closed + 1)) - first
        self._hops = int(closed)
        last_is_open = len(borders) == 0 or int(borders[-1]) < frames
        return (np.append(borders, frames) if last_is_open else borders), last_is_open

    def border(self, hop: Indices) -> Indices:
        """Return the first sample of each hop (smallest n with n * hops_per_s / rate >= hop)."""
        return -(-hop * self._rate_hz // self._hops_per_s)


class HopSeries:
    """Rows of values, one per hop, joined where a block's border cuts a hop in two."""

    def __init__(self, columns: int, combine: np.ufunc) -> None:
        self._combine = combine
        self._rows: list[Floats] = []
        self._open: Floats | None = None
        self._columns = columns

    def extend(self, segments: Floats, *, last_is_open: bool) -> None:
        """Append the segments of one block [shape=(segments, columns)]."""
        if self._open is not None:
            segments[0] = self._combine(segments[0], self._open)
            self._open = None
        if last_is_open:
            self._open = segments[-1].copy()
            segments = segments[:-1]
        if len(segments):
            self._rows.append(segments)

    def closed(self) -> Floats:
        """Return the complete hops [shape=(hops, columns)]."""
        return np.concatenate(self._rows) if self._rows else np.empty((0, self._columns))

    def whole(self) -> Floats:
        """Return all hops, the unfinished last one with them."""
        rows = self._rows if self._open is None else [*self._rows, self._open[None]]
        return np.concatenate(rows) if rows else np.empty((0, self._columns))
