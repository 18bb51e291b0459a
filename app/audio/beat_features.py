"""Spectral features for the networks, made block by block.

The same numbers as madmom's own pre-processing, in float32 and for a signal that arrives in
pieces; a test compares the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from app.audio import neural
from app.audio.frames import CentredFrames
from app.audio.transform import Plan, plan, transform
from app.audio.vectors import WIDTH, add_up, aligned, broadcast, load, square_root, store

if TYPE_CHECKING:
    import numpy.typing as npt

    from app.audio.neural import Filterbank

    Matrix = npt.NDArray[np.float32]
    Places = npt.NDArray[np.int64]

_PER_E = np.float32(np.log10(np.e))


class _Bands(NamedTuple):
    """The weights of a filterbank, one band after the other.

    Attributes
    ----------
    first_bins, ends : ndarray of int64 [shape=(bands,)]
        Where each band begins in the bins of a frame, and where it ends in `weights`.
    weights : ndarray of float32
        Each band filled up with zeros to whole vectors.
    """

    first_bins: Places
    ends: Places
    weights: Matrix


class LogSpectrogram:
    """Magnitudes through a filterbank on a logarithmic scale: log10(1 + magnitude)."""

    def __init__(self, filterbank: Filterbank, frames_per_s: int) -> None:
        size = filterbank.window_size
        self._bands = _packed(filterbank)
        self._plan = plan(np.hanning(size))
        self._hop = neural.SAMPLE_RATE_HZ // frames_per_s
        self._frames = CentredFrames(size, self._hop)
        self._rows: list[Matrix] = []

    def add(self, samples: Matrix) -> None:
        """Take more mono samples at 44.1 kHz [shape=(samples,)]."""
        self._transform(*self._frames.add(samples))

    def finish(self) -> Matrix:
        """Return all frames [shape=(frames, bands)]."""
        self._transform(*self._frames.finish())
        rows, self._rows = self._rows, []
        return np.concatenate(rows) if rows else np.empty((0, len(self._bands.first_bins)), dtype=np.float32)

    def _transform(self, line: Matrix, count: int) -> None:
        rows = _through_bands(line, self._hop, count, self._plan, self._bands)
        self._rows.append(np.log(rows + np.float32(1.0)) * _PER_E)


def _packed(filterbank: Filterbank) -> _Bands:
    used = [np.flatnonzero(band) for band in filterbank.weights.T]
    widths = [len(places) + -len(places) % WIDTH for places in used]
    weights = np.zeros(sum(widths))
    ends = np.cumsum(widths)
    for band, places, width, end in zip(filterbank.weights.T, used, widths, ends, strict=True):
        weights[end - width : end - width + len(places)] = band[places]
    first_bins = filterbank.first_bin + np.array([places[0] for places in used])
    return _Bands(first_bins, ends, aligned(weights))


@njit(cache=True, nogil=True, fastmath={"contract"})
def _through_bands(line: Matrix, hop: int, count: int, plan: Plan, bands: _Bands) -> Matrix:
    """Sum the magnitudes of the bins of each frame by bands.

    A band has few bins: a matrix product would multiply by zeros nearly always.

    Parameters
    ----------
    line : ndarray of float32 [shape=(samples,)]
        Frame k begins at k hops.

    Returns
    -------
    ndarray of float32 [shape=(count, bands)]
    """
    rows = np.empty((count, len(bands.ends)), dtype=np.float32)
    magnitudes = np.zeros(len(plan.real) + WIDTH, dtype=np.float32)
    lowest, highest = bands.first_bins[0], bands.first_bins[-1] + bands.ends[-1] - bands.ends[-2]
    for frame in range(count):
        transform(line, frame * hop, plan)
        for place in range(lowest, highest, WIDTH):
            real, imag = load(plan.real, place), load(plan.imag, place)
            store(magnitudes, place, square_root(real * real + imag * imag))
        begin = 0
        for band in range(len(bands.ends)):
            total = broadcast(np.float32(0.0))
            heard = bands.first_bins[band] - begin
            for place in range(begin, bands.ends[band], WIDTH):
                total += load(bands.weights, place) * load(magnitudes, heard + place)
            begin = bands.ends[band]
            rows[frame, band] = add_up(total)
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
