"""A fingerprint by which two bounces of one track can be aligned when both files are gone.

Onset strength and the levels of four wide bands, a hundred times a second, four bits each. It
says when something happens and how dark or bright it is, not what it is: no sound, no melody and
no word can be made of it again.

References
----------
J. Haitsma, T. Kalker, "A highly robust audio fingerprinting system", ISMIR 2002: differences of
band energies as what survives processing.
"""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy import fft

from app.audio import neural
from app.audio.onsets import onset_strength, rising_bands

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Matrix = npt.NDArray[np.float32]

FRAMES_PER_S = neural.BEAT_FRAMES_PER_S
BAND_EDGES = (0, 10, 22, 34, 45)
"""Borders of the four bands among the 45 of the middle spectrogram."""

_PREFIX = "ts1:"
_STEPS = 15
_MAX_BYTES = 4_000_000
_LOCAL_FRAMES = 200


@dataclass(frozen=True, slots=True)
class Alignment:
    """How two bounces lie on each other.

    Attributes
    ----------
    shift_s
        Add it to a time of the first to get the time in the second.
    agreement
        Correlation of the two at that shift, 1 for the same onsets.
    """

    shift_s: float
    agreement: float


def make_fingerprint(features: Matrix) -> str:
    """Boil the beat features down to text [features: shape=(frames, 314)]."""
    rising = rising_bands(features)
    columns = [onset_strength(features)]
    columns += [rising[:, first:last].sum(axis=1) for first, last in pairwise(BAND_EDGES)]
    rows = np.stack(columns).astype(np.float64)
    highest = np.percentile(rows, 99.5, axis=1, keepdims=True) + 1e-9
    steps = np.round(np.clip(rows / highest, 0, 1) * _STEPS).astype(np.uint8)
    if steps.shape[1] % 2:
        steps = np.pad(steps, ((0, 0), (0, 1)))
    packed = steps[:, ::2] << 4 | steps[:, 1::2]
    return _PREFIX + base64.b64encode(zlib.compress(packed.tobytes(), 9)).decode("ascii")


def read_fingerprint(text: str) -> Floats:
    """Unpack a fingerprint [shape=(5, frames)].

    Raises
    ------
    ValueError
        If the text is no fingerprint.
    """
    if not text.startswith(_PREFIX):
        raise ValueError("not a fingerprint")
    unpacker = zlib.decompressobj()
    try:
        packed_text = base64.b64decode(text[len(_PREFIX) :], validate=True)
        data = unpacker.decompress(packed_text, _MAX_BYTES)
    except (ValueError, zlib.error) as error:
        raise ValueError("not a fingerprint") from error
    if not unpacker.eof or len(data) % len(BAND_EDGES):
        raise ValueError("not a fingerprint")
    packed = np.frombuffer(data, dtype=np.uint8).reshape(len(BAND_EDGES), -1)
    steps = np.empty((len(packed), 2 * packed.shape[1]), dtype=np.float64)
    steps[:, ::2], steps[:, 1::2] = packed >> 4, packed & 15
    return steps / _STEPS


def align(first: str, second: str) -> Alignment | None:
    """Find the shift at which two fingerprints agree most; None where either is empty.

    The correlation of all bands over every shift at once, with a parabola between the frames.
    """
    one, two = (_flattened(read_fingerprint(text)) for text in (first, second))
    if not one.any() or not two.any():
        return None
    size = fft.next_fast_len(one.shape[1] + two.shape[1])
    product = np.conj(fft.rfft(one, size, axis=1)) * fft.rfft(two, size, axis=1)
    match = fft.irfft(product, size, axis=1).sum(axis=0)
    best = int(match.argmax())
    before, at, after = match[best - 1], match[best], match[(best + 1) % size]
    bend = before - 2 * at + after
    shift = best + (0.5 * (before - after) / bend if bend < 0 else 0.0)
    if best > size - one.shape[1]:
        shift -= size
    agreement = float(at / np.sqrt((one**2).sum() * (two**2).sum()))
    return Alignment(shift / FRAMES_PER_S, agreement)


def _flattened(rows: Floats) -> Floats:
    """Take off what changes slowly, so that level and length do not pull at the match."""
    width = min(_LOCAL_FRAMES, rows.shape[1])
    if width == 0:
        return rows
    kernel = np.ones(width) / width
    return np.stack([row - np.convolve(row, kernel, mode="same") for row in rows])
