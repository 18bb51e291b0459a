"""Loudness by the cases of EBU Tech 3341 (table 1) and Tech 3342 (table 1)."""

from __future__ import annotations

import numpy as np
import pytest

from app.audio.loudness import (
    HOPS_PER_S,
    MOMENTARY_HOPS,
    SHORT_TERM_HOPS,
    LoudnessMeter,
    LoudnessReadings,
    loudness,
)
from tests.unit.audio.signals import Floats, amplitude, blocks, both, noise, sine, tones

RATES_HZ = (44_100, 48_000, 96_000)
TOLERANCE_LU = 0.1


def measure(signal: Floats, rate_hz: int, *, block: int = 65_536) -> LoudnessReadings:
    """Feed a signal to a fresh meter."""
    frames = signal.reshape(len(signal), -1)
    meter = LoudnessMeter(rate_hz, frames.shape[1])
    for piece in blocks(frames, block):
        meter.add(piece)
    return meter.readings()


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize(
    ("segments", "expected_lufs"),
    [
        ([(20, -23.0)], -23.0),
        ([(20, -33.0)], -33.0),
        ([(10, -36.0), (60, -23.0), (10, -36.0)], -23.0),
        ([(10, -72.0), (10, -36.0), (60, -23.0), (10, -36.0), (10, -72.0)], -23.0),
        ([(20, -26.0), (20.1, -20.0), (20, -26.0)], -23.0),
    ],
    ids=["3341-1", "3341-2", "3341-3", "3341-4", "3341-5"],
)
def test_integrated_loudness(rate_hz: int, segments: list[tuple[float, float | None]], expected_lufs: float) -> None:
    """Cases 1 to 5: calibration, relative gate, absolute gate."""
    readings = measure(both(tones(segments, rate_hz)), rate_hz)
    assert readings.integrated_lufs == pytest.approx(expected_lufs, abs=TOLERANCE_LU)
    if len(segments) == 1:
        assert readings.momentary_max_lufs == pytest.approx(expected_lufs, abs=TOLERANCE_LU)
        assert readings.short_term_max_lufs == pytest.approx(expected_lufs, abs=TOLERANCE_LU)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_surround_weights(rate_hz: int) -> None:
    """Case 6: five channels, those behind weighted 1.41."""
    levels = (-28.0, -28.0, -24.0, -30.0, -30.0)
    signal = np.column_stack([sine(1000.0, 20, rate_hz, peak=amplitude(db)) for db in levels])
    assert measure(signal, rate_hz).integrated_lufs == pytest.approx(-23.0, abs=TOLERANCE_LU)


def test_the_low_frequency_channel_does_not_count() -> None:
    """In 5.1 the fourth channel adds nothing."""
    quiet = sine(1000.0, 5, 48_000, peak=0.1)
    signal = np.column_stack([quiet, quiet, quiet * 0, quiet * 10, quiet * 0, quiet * 0])
    assert measure(signal, 48_000).integrated_lufs == pytest.approx(
        measure(both(quiet), 48_000).integrated_lufs, abs=1e-6
    )


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_short_term_is_constant(rate_hz: int) -> None:
    """Case 9: every reading from 3 s on."""
    signal = tones([(1.34, -20.0), (1.66, -30.0)] * 5, rate_hz)
    line = measure(both(signal), rate_hz).short_term_lufs
    assert np.isnan(line[:29]).all()
    assert np.abs(line[29:] + 23.0).max() < TOLERANCE_LU


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_momentary_is_constant(rate_hz: int) -> None:
    """Case 12: every reading from 1 s on."""
    signal = tones([(0.18, -20.0), (0.22, -30.0)] * 25, rate_hz)
    line = measure(both(signal), rate_hz).momentary_lufs
    assert np.isnan(line[:3]).all()
    assert np.abs(line[9:] + 23.0).max() < TOLERANCE_LU


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize("case", range(20))
def test_maxima_are_found_off_the_grid(rate_hz: int, case: int) -> None:
    """Cases 10 and 13: a tone of one window's length that starts anywhere."""
    short_term = measure(both(tones([(case * 0.15, None), (3, -23.0), (1, None)], rate_hz)), rate_hz)
    assert short_term.short_term_max_lufs == pytest.approx(-23.0, abs=TOLERANCE_LU)
    momentary = measure(both(tones([(case * 0.02, None), (0.4, -23.0), (1, None)], rate_hz)), rate_hz)
    assert momentary.momentary_max_lufs == pytest.approx(-23.0, abs=TOLERANCE_LU)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize(
    ("hops", "tone_s", "step_s"),
    [(SHORT_TERM_HOPS, 3.0, 0.15), (MOMENTARY_HOPS, 0.4, 0.02)],
    ids=["3341-11", "3341-14"],
)
def test_maxima_of_each_block(rate_hz: int, hops: int, tone_s: float, step_s: float) -> None:
    """Cases 11 and 14: twenty tones, each a decibel louder and a step later in its block."""
    segments: list[tuple[float, float | None]] = []
    for case in range(20):
        late_s = case * step_s
        segments += [(late_s, None), (tone_s, -38.0 + case), (tone_s - late_s, None)]
    meter = LoudnessMeter(rate_hz, 2)
    for piece in blocks(both(tones(segments, rate_hz))):
        meter.add(piece)
    power = meter.power()
    windows = np.convolve(power, np.ones(hops) / hops, mode="valid")
    ends = np.arange(hops, len(power) + 1)
    block = round(2 * tone_s * HOPS_PER_S)
    for case in range(20):
        inside = (ends > case * block) & (ends <= (case + 1) * block)
        assert loudness(windows[inside].max()) == pytest.approx(-38.0 + case, abs=TOLERANCE_LU)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize(
    ("levels_dbfs", "expected_lu"),
    [
        ((-20.0, -30.0), 10.0),
        ((-20.0, -15.0), 5.0),
        ((-40.0, -20.0), 20.0),
        ((-50.0, -35.0, -20.0, -35.0, -50.0), 15.0),
    ],
    ids=["3342-1", "3342-2", "3342-3", "3342-4"],
)
def test_loudness_range(rate_hz: int, levels_dbfs: tuple[float, ...], expected_lu: float) -> None:
    """Tech 3342, cases 1 to 4; the tolerance is 1 LU, the definition leaves no more than 0.1."""
    signal = tones([(20, level) for level in levels_dbfs], rate_hz)
    assert measure(both(signal), rate_hz).range_lu == pytest.approx(expected_lu, abs=0.1)


def test_one_channel_reads_3_lu_under_two() -> None:
    """The standard sums the channels; a mono file is counted once."""
    signal = sine(997.0, 5, 48_000, peak=0.1)
    mono, stereo = measure(signal, 48_000), measure(both(signal), 48_000)
    assert mono.integrated_lufs is not None
    assert stereo.integrated_lufs is not None
    assert stereo.integrated_lufs - mono.integrated_lufs == pytest.approx(3.01, abs=0.01)


def test_gain_moves_loudness_by_itself() -> None:
    """6 dB less is 6 LU less, and the range stays."""
    signal = both(noise(10, 48_000) * np.linspace(0.2, 1.0, 480_000))
    loud, quiet = measure(signal, 48_000), measure(signal * amplitude(-6.0), 48_000)
    assert loud.integrated_lufs is not None
    assert quiet.integrated_lufs == pytest.approx(loud.integrated_lufs - 6.0, abs=0.01)
    assert quiet.range_lu == pytest.approx(loud.range_lu, abs=0.01)


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 22_050, 32_000, 88_200, 96_000, 192_000])
def test_other_sample_rates_read_alike(rate_hz: int) -> None:
    """The filter is brought to every rate; near half the rate it bends by a few hundredths."""
    readings = measure(both(sine(1000.0, 4, rate_hz, peak=amplitude(-23.0))), rate_hz)
    assert readings.integrated_lufs == pytest.approx(-23.0, abs=TOLERANCE_LU)


def test_the_size_of_blocks_does_not_matter() -> None:
    """The state goes on over the borders of blocks."""
    signal = both(noise(5, 44_100))
    whole, pieces = measure(signal, 44_100, block=10**9), measure(signal, 44_100, block=777)
    assert pieces.integrated_lufs == pytest.approx(whole.integrated_lufs, abs=1e-9)
    assert pieces.momentary_max_lufs == pytest.approx(whole.momentary_max_lufs, abs=1e-9)


@pytest.mark.parametrize("seconds", [1 / 48_000, 0.1, 0.39])
def test_what_is_too_short_has_no_reading(seconds: float) -> None:
    """Under 0.4 s there is no block."""
    readings = measure(both(sine(1000.0, seconds, 48_000)), 48_000)
    assert readings.integrated_lufs is None
    assert readings.momentary_max_lufs is None
    assert readings.range_lu is None


def test_silence_has_no_reading() -> None:
    """Nothing passes the gate."""
    readings = measure(np.zeros((480_000, 2)), 48_000)
    assert readings.integrated_lufs is None
    assert readings.short_term_max_lufs is None
    assert np.isnan(readings.momentary_lufs).all()
