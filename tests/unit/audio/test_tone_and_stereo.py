"""Tone and stereo of signals whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest

from app.audio.levels import LevelMeter
from app.audio.spectra import BAND_NAMES, Spectra, SpectrumMeter
from app.audio.spectrum import NOMINAL_CENTRES_HZ, ToneReadings, measure_tone
from app.audio.stereo import FLOOR_DB, StereoReadings, measure_stereo
from tests.unit.audio.signals import Floats, amplitude, blocks, both, noise, pink_noise, sine

RATE_HZ = 48_000


def spectra_of(signal: Floats, rate_hz: int = RATE_HZ) -> Spectra:
    """Mean spectrum of a signal."""
    frames = signal.reshape(len(signal), -1)
    meter = SpectrumMeter(rate_hz, frames.shape[1])
    for block in blocks(frames):
        meter.add(block)
    return meter.spectra()


def tone_of(signal: Floats, rate_hz: int = RATE_HZ) -> ToneReadings:
    """Tone of a signal."""
    return measure_tone(spectra_of(signal, rate_hz))


def stereo_of(left: Floats, right: Floats) -> StereoReadings:
    """Stereo of two sides."""
    signal = np.column_stack((left, right))
    levels = LevelMeter(RATE_HZ, 2)
    for block in blocks(signal):
        levels.add(block)
    power = levels.power()
    return measure_stereo(float(power[0]), float(power[1]), levels.cross_power(), spectra_of(signal))


@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 96_000, 192_000])
@pytest.mark.parametrize("frequency_hz", [31.5, 100.0, 1000.0, 8000.0])
def test_a_sine_is_one_band(rate_hz: int, frequency_hz: float) -> None:
    """A tone of -20 dBFS reads -20 in its own third octave and is far down in the next but one.

    The lowest bands are two bins wide, so that a part of the tone falls into their neighbours.
    """
    tone = tone_of(both(sine(frequency_hz, 3, rate_hz, peak=amplitude(-20.0))), rate_hz)
    band = NOMINAL_CENTRES_HZ.index(frequency_hz)
    assert tone.third_octave_db[band] == pytest.approx(-20.0, abs=0.7 if band < 5 else 0.1)
    others = np.delete(tone.third_octave_db, [band - 1, band, band + 1])
    assert np.nan_to_num(others, nan=-200.0).max() < -35.0


@pytest.mark.parametrize(
    ("signal", "tilt"),
    [(pink_noise(20, RATE_HZ), 0.0), (noise(20, RATE_HZ), 3.01)],
    ids=["pink", "white"],
)
def test_the_tilt_is_per_third_octave(signal: Floats, tilt: float) -> None:
    """Pink noise is level, white noise rises by 3 dB an octave."""
    assert tone_of(signal).tilt_db_per_octave == pytest.approx(tilt, abs=0.15)


def test_bands_share_the_energy() -> None:
    """Two equal tones in two bands have half of it each."""
    signal = sine(40.0, 5, RATE_HZ, peak=0.1) + sine(1000.0, 5, RATE_HZ, peak=0.1)
    share = dict(zip(BAND_NAMES, tone_of(signal).band_share, strict=True))
    assert share["sub"] == pytest.approx(0.5, abs=0.01)
    assert share["mids"] == pytest.approx(0.5, abs=0.01)
    assert sum(share.values()) == pytest.approx(1.0)


def test_bands_over_half_the_rate_have_no_level() -> None:
    """At 8 kHz there is nothing over 4 kHz, and at 44.1 kHz all 31 bands are there."""
    assert np.isnan(tone_of(noise(2, 8_000), 8_000).third_octave_db[-6:]).all()
    assert np.isfinite(tone_of(noise(2, 44_100), 44_100).third_octave_db).all()


def test_a_file_shorter_than_a_window_is_measured() -> None:
    """A tenth of a second still has a level."""
    tone = tone_of(sine(1000.0, 0.1, RATE_HZ, peak=amplitude(-20.0)))
    assert tone.band_db[BAND_NAMES.index("mids")] == pytest.approx(-20.0, abs=1.0)


def test_the_same_on_both_sides_is_mono() -> None:
    """Nothing is lost in the sum."""
    signal = noise(5, RATE_HZ)
    stereo = stereo_of(signal, signal)
    assert stereo.correlation == pytest.approx(1.0)
    assert stereo.width == pytest.approx(0.0, abs=1e-6)
    assert stereo.fold_down_loss_db == pytest.approx(0.0, abs=1e-6)
    assert stereo.low_end_side_to_mid_db == -FLOOR_DB
    assert stereo.balance_db == pytest.approx(0.0, abs=1e-9)


def test_unrelated_sides_lose_3_db() -> None:
    """Half of the energy is in the side."""
    stereo = stereo_of(noise(20, RATE_HZ, seed=1), noise(20, RATE_HZ, seed=2))
    assert stereo.correlation == pytest.approx(0.0, abs=0.01)
    assert stereo.width == pytest.approx(0.5, abs=0.01)
    assert stereo.fold_down_loss_db == pytest.approx(3.01, abs=0.05)
    assert stereo.low_end_side_to_mid_db == pytest.approx(0.0, abs=1.0)


def test_an_inverted_side_vanishes() -> None:
    """The sum is silence."""
    signal = noise(5, RATE_HZ)
    stereo = stereo_of(signal, -signal)
    assert stereo.correlation == pytest.approx(-1.0)
    assert stereo.width == pytest.approx(1.0)
    assert stereo.fold_down_loss_db == FLOOR_DB


def test_a_louder_side_shows_in_the_balance() -> None:
    """Right 6 dB over left."""
    signal = noise(5, RATE_HZ)
    assert stereo_of(signal * 0.5, signal).balance_db == pytest.approx(6.02, abs=0.01)


def test_a_silent_side_has_no_correlation() -> None:
    """One-sided files are half wide, and no number is invented."""
    stereo = stereo_of(noise(5, RATE_HZ), np.zeros(5 * RATE_HZ))
    assert stereo.correlation is None
    assert stereo.balance_db is None
    assert stereo.width == pytest.approx(0.5)


def test_correlation_is_told_by_band() -> None:
    """An inverted bass under a mono top is seen in the bass only."""
    bass, top = sine(100.0, 5, RATE_HZ, peak=0.3), sine(3000.0, 5, RATE_HZ, peak=0.3)
    stereo = stereo_of(bass + top, top - bass)
    by_band = dict(zip(BAND_NAMES, stereo.band_correlation, strict=True))
    assert by_band["bass"] == pytest.approx(-1.0, abs=0.01)
    assert by_band["high mids"] == pytest.approx(1.0, abs=0.01)
    assert stereo.low_end_side_to_mid_db == pytest.approx(FLOOR_DB, abs=40.0)


def test_bands_are_told_second_by_second() -> None:
    """A high tone that turns over after five seconds shows in its band and then only."""
    low, high = sine(100.0, 10.0, RATE_HZ, peak=0.3), sine(8000.0, 10.0, RATE_HZ, peak=0.3)
    turned = np.where(np.arange(len(high)) < 5 * RATE_HZ, high, -high)
    timeline = stereo_of(low + high, low + turned).timeline
    bass, highs = BAND_NAMES.index("bass"), BAND_NAMES.index("highs")
    assert timeline.band_correlation[1:-1, bass] == pytest.approx(1.0, abs=0.01)
    assert timeline.band_correlation[1:4, highs] == pytest.approx(1.0, abs=0.01)
    assert timeline.band_correlation[6:-1, highs] == pytest.approx(-1.0, abs=0.01)
    assert timeline.band_width[6:-1, highs] == pytest.approx(1.0, abs=0.01)
    assert timeline.band_fold_down_loss_db[1:4, highs] == pytest.approx(0.0, abs=0.1)
    assert (timeline.band_fold_down_loss_db[6:-1, highs] > 20.0).all()


def test_offset_alone_is_silence() -> None:
    """A constant is no sound; a quiet tone is."""
    for signal, silent in [
        (np.full(RATE_HZ, 0.5), True),
        (np.zeros(RATE_HZ), True),
        (0.5 + sine(100.0, 1, RATE_HZ, peak=0.001), False),
    ]:
        levels = LevelMeter(RATE_HZ, 1)
        for block in blocks(signal):
            levels.add(block)
        assert levels.is_silent() is silent
