"""Spectral features for the networks, made block by block.

The same numbers as madmom's own pre-processing, in float32 and for a signal that arrives in
pieces; a test compares the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit
from scipy import fft

from app.audio import neural
from app.audio.frames import CentredFrames

if TYPE_CHECKING:
    import numpy.typing as npt

    from app.audio.neural import Filterbank

    Matrix = npt.NDArray[np.float32]
    Places = npt.NDArray[np.int64]

_BATCH_SAMPLES = 1 << 17
"""Windows that are transformed at once have so many samples: half a megabyte, which caches hold."""

_PER_E = np.float32(np.log10(np.e))


class LogSpectrogram:
    """Magnitudes through a filterbank on a logarithmic scale: log10(1 + magnitude)."""

    def __init__(self, filterbank: Filterbank, frames_per_s: int) -> None:
        size = filterbank.window_size
        self._bands = np.ascontiguousarray(filterbank.weights.T)
        self._first_bin = filterbank.first_bin
        self._edges = _edges(self._bands)
        self._batch_frames = max(1, _BATCH_SAMPLES // size)
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
        return np.concatenate(rows) if rows else np.empty((0, len(self._bands)), dtype=np.float32)

    def _transform(self, frames: Matrix) -> None:
        for first in range(0, len(frames), self._batch_frames):
            bins = fft.rfft(frames[first : first + self._batch_frames] * self._window, axis=1)
            rows = _through_bands(bins.view(np.float32), self._first_bin, self._bands, self._edges)
            self._rows.append(np.log(rows + np.float32(1.0)) * _PER_E)


def _edges(bands: Matrix) -> Places:
    """First bin of each band, and the one behind its last [shape=(bands, 2)]."""
    return np.array([(np.flatnonzero(band)[0], np.flatnonzero(band)[-1] + 1) for band in bands])


@njit(cache=True, nogil=True, fastmath={"contract", "nsz", "reassoc"})
def _through_bands(parts: Matrix, first_bin: int, bands: Matrix, edges: Places) -> Matrix:
    """Sum the magnitudes of complex bins by bands.

    A band has few bins: a matrix product would multiply by zeros nearly always.

    Parameters
    ----------
    parts : ndarray of float32 [shape=(frames, 2 * bins)]
        Real and imaginary parts in turn.
    bands : ndarray of float32 [shape=(bands, bins from `first_bin`)]
    """
    rows = np.empty((len(parts), len(bands)), dtype=np.float32)
    magnitudes = np.empty(bands.shape[1], dtype=np.float32)
    for frame in range(len(parts)):
        used = parts[frame, 2 * first_bin :]
        for place in range(len(magnitudes)):
            real, imaginary = used[2 * place], used[2 * place + 1]
            magnitudes[place] = np.sqrt(real * real + imaginary * imaginary)
        for band in range(len(bands)):
            first, last = edges[band]
            weights, heard = bands[band, first:last], magnitudes[first:last]
            total = np.float32(0.0)
            for place in range(len(weights)):
                total += weights[place] * heard[place]
            rows[frame, band] = total
    return rows


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
