"""True peak by the cases of EBU Tech 3341 (15 to 23)."""

from __future__ import annotations

import numpy as np
import pytest

from app.audio.true_peak import PeakMeter, oversampling_factor
from tests.unit.audio.signals import Floats, blocks, both, noise

TOLERANCE_UP_DB, TOLERANCE_DOWN_DB = 0.2, 0.4


def true_peak_dbtp(signal: Floats, rate_hz: int, *, block: int = 65_536) -> float:
    """Feed a signal to a fresh meter."""
    frames = signal.reshape(len(signal), -1)
    meter = PeakMeter(rate_hz, frames.shape[1])
    for piece in blocks(frames, block):
        meter.add(piece)
    meter.finish()
    return float(20 * np.log10(meter.true_peaks().max()))


def tapered(signal: Floats, rate_hz: int) -> Floats:
    """Fade in and out over 10 ms."""
    count = round(0.01 * rate_hz)
    fade = 0.5 - 0.5 * np.cos(np.pi * (np.arange(count) + 0.5) / count)
    signal = signal.copy()
    signal[:count] *= fade
    signal[-count:] *= fade[::-1]
    return signal


def steady_tone(rate_hz: int, divisor: int, peak: float, phase_deg: float) -> Floats:
    """A tone at a whole part of the sample rate."""
    frames = np.arange(rate_hz)
    return tapered(peak * np.sin(2 * np.pi * frames / divisor + np.radians(phase_deg)), rate_hz)


def burst(rate_hz: int, offset: int) -> Floats:
    """One period of rate/4 at full scale inside a tone of rate/6, made at four times the rate."""
    side = 0.5 * np.sin(2 * np.pi * np.arange(24 * (rate_hz // 12)) / 24)
    signal = tapered(np.concatenate((side, np.sin(2 * np.pi * np.arange(16) / 16), side)), 4 * rate_hz)
    lag = np.arange(1023) - 511
    low_pass = np.sinc(2 * 0.1175 * lag) * np.kaiser(1023, 10.0)
    return np.convolve(signal, low_pass / low_pass.sum(), mode="same")[offset::4]


def assert_within(measured_dbtp: float, expected_dbtp: float) -> None:
    """Hold the tolerance of Tech 3341."""
    assert -TOLERANCE_DOWN_DB <= measured_dbtp - expected_dbtp <= TOLERANCE_UP_DB


@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 96_000])
@pytest.mark.parametrize(
    ("divisor", "peak", "phase_deg", "expected_dbtp"),
    [
        (4, 0.50, 0.0, -6.0),
        (4, 0.50, 45.0, -6.0),
        (6, 0.50, 60.0, -6.0),
        (8, 0.50, 67.5, -6.0),
        (4, 1.41, 45.0, 3.0),
    ],
    ids=["15", "16", "17", "18", "19"],
)
def test_steady_tones(rate_hz: int, divisor: int, peak: float, phase_deg: float, expected_dbtp: float) -> None:
    """Cases 15 to 19: the wave is higher than every sample of it."""
    signal = both(steady_tone(rate_hz, divisor, peak, phase_deg))
    assert_within(true_peak_dbtp(signal, rate_hz), expected_dbtp)


@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 96_000])
@pytest.mark.parametrize("offset", range(4))
def test_bursts(rate_hz: int, offset: int) -> None:
    """Cases 20 to 23: one period, sampled at four different places."""
    assert_within(true_peak_dbtp(both(burst(rate_hz, offset)), rate_hz), 0.0)


def test_the_peak_is_that_of_a_longer_interpolator() -> None:
    """The maximum of noise, which has its peaks anywhere, equals that of sixteen times the rate."""
    rate_hz = 44_100
    signal = noise(3, rate_hz) * np.linspace(0.1, 1.0, 3 * rate_hz)
    from scipy.signal import resample_poly

    reference = 20 * np.log10(np.abs(resample_poly(signal, 16, 1, window=("kaiser", 8.0))).max())
    assert true_peak_dbtp(signal, rate_hz) == pytest.approx(reference, abs=0.1)


def test_the_size_of_blocks_does_not_matter() -> None:
    """The last samples of a block are carried to the next."""
    signal = both(noise(1, 48_000))
    assert true_peak_dbtp(signal, 48_000, block=333) == pytest.approx(true_peak_dbtp(signal, 48_000), abs=1e-6)


def test_the_last_sample_counts() -> None:
    """A wave that is cut at its top still has its peak behind the last sample."""
    signal = np.sin(np.pi / 2 * np.arange(401) + np.pi / 4)
    meter = PeakMeter(48_000, 1)
    meter.add(next(blocks(signal[:, None])))
    meter.finish()
    assert meter.true_peaks().max() > meter.sample_peaks().max() + 0.1


def test_the_factor_follows_the_rate() -> None:
    """4 to 96 kHz, 2 under 192 kHz, 1 from there."""
    rates_hz = (8_000, 44_100, 88_200, 96_000, 176_400, 192_000)
    assert [oversampling_factor(rate) for rate in rates_hz] == [4, 4, 4, 4, 2, 1]
