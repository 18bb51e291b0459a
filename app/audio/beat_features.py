"""Spectral features for the networks, made block by block.

The same numbers as madmom's own pre-processing, in float32 and for a signal that arrives in
pieces; a test compares the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import fft

from app.audio import neural
from app.audio.frames import CentredFrames

if TYPE_CHECKING:
    import numpy.typing as npt

    from app.audio.neural import Filterbank

    Matrix = npt.NDArray[np.float32]

_BATCH_FRAMES = 256


class LogSpectrogram:
    """Magnitudes through a filterbank on a logarithmic scale: log10(1 + magnitude)."""

    def __init__(self, filterbank: Filterbank, frames_per_s: int) -> None:
        size = filterbank.window_size
        self._filterbank = filterbank
        self._window = np.hanning(size).astype(np.float32)
        self._frames = CentredFrames(size, neural.SAMPLE_RATE_HZ // frames_per_s)
        self._rows: list[Matrix] = []

    def add(self, samples: Matrix) -> None:
        """Take more mono samples at 44.1 kHz [shape=(samples,)]."""
        self._transform(self._frames.add(samples))

    def finish(self) -> Matrix:
        """Return all frames [shape=(frames, bands)]."""
        self._transform(self._frames.finish())
        rows, self._rows = self._rows, []
        bands = self._filterbank.weights.shape[1]
        return np.concatenate(rows) if rows else np.empty((0, bands), dtype=np.float32)

    def _transform(self, frames: Matrix) -> None:
        bank = self._filterbank
        last_bin = bank.first_bin + len(bank.weights)
        for first in range(0, len(frames), _BATCH_FRAMES):
            bins = fft.rfft(frames[first : first + _BATCH_FRAMES] * self._window, axis=1)
            rows = np.abs(bins[:, bank.first_bin : last_bin]) @ bank.weights
            self._rows.append(np.log10(rows + np.float32(1.0)))


class BeatFeatures:
    """Three log spectrograms and their rising differences, 100 frames a second."""

    def __init__(self) -> None:
        self._banks = neural.beat_filterbanks()
        self._spectrograms = [LogSpectrogram(bank, neural.BEAT_FRAMES_PER_S) for bank in self._banks]

    def add(self, samples: Matrix) -> None:
        """Take more mono samples at 44.1 kHz [shape=(samples,)]."""
        for spectrogram in self._spectrograms:
            spectrogram.add(samples)

    def finish(self) -> Matrix:
        """Return the features of all frames [shape=(frames, 314)]."""
        width = 2 * sum(bank.weights.shape[1] for bank in self._banks)
        features = np.empty((0, width), dtype=np.float32)
        column = 0
        for bank, spectrogram in zip(self._banks, self._spectrograms, strict=True):
            rows = spectrogram.finish()
            if column == 0:
                features = np.zeros((len(rows), width), dtype=np.float32)
            bands, back = rows.shape[1], bank.difference_frames
            features[:, column : column + bands] = rows
            rising = features[back:, column + bands : column + 2 * bands]
            np.maximum(rows[back:] - rows[:-back], 0.0, out=rising)
            column += 2 * bands
        return features
