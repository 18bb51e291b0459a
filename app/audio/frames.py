"""Overlapping windows of a stream of samples, centred on their hop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Samples = npt.NDArray[np.float32]


class CentredFrames:
    """Frame k is centred on sample k * hop; there are ceil(samples / hop) frames.

    The same frames as madmom's FramedSignal with its default origin, for a signal that arrives
    in pieces.
    """

    def __init__(self, size: int, hop: int) -> None:
        self._size = size
        self._hop = hop
        self._pending = np.zeros(size // 2, dtype=np.float32)
        self._samples = 0
        self._frames = 0
        self._skip = 0  # samples between windows, where the hop is larger than the window

    def add(self, samples: Samples) -> tuple[Samples, int]:
        """Take samples; return a line and how many frames it holds, of which frame k begins at k hops."""
        self._samples += len(samples)
        skipped = min(self._skip, len(samples))
        self._skip -= skipped
        return self._cut(np.concatenate((self._pending, samples[skipped:])))

    def finish(self) -> tuple[Samples, int]:
        """Pad with silence; return the last frames in the same way."""
        missing = -(-self._samples // self._hop) - self._frames
        if missing <= 0:
            return np.empty(0, dtype=np.float32), 0
        needed = self._skip + (missing - 1) * self._hop + self._size - len(self._pending)
        samples, self._samples = self._samples, 0
        line, count = self.add(np.zeros(max(0, needed), dtype=np.float32))
        self._samples = samples
        return line, min(count, missing)

    def _cut(self, line: Samples) -> tuple[Samples, int]:
        count = max(0, (len(line) - self._size) // self._hop + 1)
        self._pending = line[count * self._hop :]
        self._skip += max(0, count * self._hop - len(line))
        self._frames += count
        return line, count
