"""The transform of windows inside compiled loops is the Fourier transform."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import fft

from app.audio.transform import SMALLEST, plan, transform

ROUNDING = 5e-7
"""A few roundings of single precision, relative to the largest bin."""


def bins(samples: np.ndarray, first: int, window: np.ndarray) -> np.ndarray:
    """Transform the window that begins at a sample."""
    prepared = plan(window)
    transform(samples, first, prepared)
    return prepared.real + 1j * prepared.imag


@pytest.mark.parametrize("size", [1 << power for power in range(8, 17)])
def test_it_is_that_of_scipy_in_double_precision(size: int) -> None:
    """Powers of four and of two, every size that the spectra need, from a sample that is at no border."""
    samples = np.random.default_rng(size).standard_normal(size + 40).astype(np.float32)
    window = np.hanning(size)
    expected = fft.rfft(samples[13 : 13 + size].astype(np.float64) * window)
    assert np.abs(bins(samples, 13, window) - expected).max() < ROUNDING * np.abs(expected).max()


@pytest.mark.parametrize("size", [512, 1024])
def test_a_sine_is_in_its_bin_alone(size: int) -> None:
    """Without weights a whole number of periods leaves rounding in every other bin."""
    wave = np.sin(2 * np.pi * 17 * np.arange(size) / size).astype(np.float32)
    heard = np.abs(bins(wave, 0, np.ones(size)))
    assert heard[17] == pytest.approx(size / 2, rel=1e-6)
    assert np.delete(heard, 17).max() < ROUNDING * heard[17]


def test_both_ends_are_real() -> None:
    """A constant is in the first bin, and what alternates in the last."""
    size = SMALLEST
    alternating = np.tile(np.array([1.0, -1.0], dtype=np.float32), size // 2)
    heard = bins(alternating + np.float32(0.5), 0, np.ones(size))
    assert heard[0] == pytest.approx(size / 2)
    assert heard[-1] == pytest.approx(size)
    assert np.abs(heard[1:-1]).max() < 1e-4


def test_one_transform_leaves_nothing_for_the_next() -> None:
    """Room is used again, and a window of silence is silent whatever was before."""
    prepared = plan(np.hanning(2048))
    samples = np.concatenate((np.ones(2048), np.zeros(2048))).astype(np.float32)
    transform(samples, 0, prepared)
    transform(samples, 2048, prepared)
    assert not prepared.real.any()
    assert not prepared.imag.any()


@pytest.mark.parametrize("size", [SMALLEST // 2, 1000, 1536])
def test_other_sizes_are_no_windows(size: int) -> None:
    """They are a mistake of the caller."""
    with pytest.raises(AssertionError):
        plan(np.hanning(size))
