"""Each fault is found where it was put, and not found where it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from app.audio.engine import analyse
from tests.unit.audio.signals import (
    Floats,
    amplitude,
    both,
    drum_loop,
    noise,
    pink_noise,
    sine,
    write,
)

if TYPE_CHECKING:
    from pathlib import Path

    from app.audio.model import Dynamics, Report

RATE_HZ = 44_100


def measure(folder: Path, signal: Floats, rate_hz: int = RATE_HZ, subtype: str = "FLOAT") -> Report:
    """Measure a made file, without asking the networks."""
    frames = signal if signal.ndim == 2 else both(signal)
    path = write(folder, "a.wav", frames, rate_hz, subtype=subtype)
    return analyse(path, name="a.wav", models=False, codecs=False)


def dynamics_of(folder: Path, signal: Floats, **how: object) -> Dynamics:
    """The part about dynamics."""
    dynamics = measure(folder, signal, **how).dynamics  # type: ignore[arg-type]
    assert dynamics is not None
    return dynamics


@pytest.fixture(scope="module")
def music() -> Floats:
    """Eight seconds of something like music, peaking at -6 dBFS."""
    signal = pink_noise(8.0, RATE_HZ) + drum_loop(120.0, 8.0)
    return np.asarray(signal * 0.5 / np.abs(signal).max())


def test_sound_music_has_no_faults(tmp_path: Path, music: Floats) -> None:
    """Nothing is found in a file that has nothing."""
    places = np.arange(len(music))
    faded = music * np.minimum(1.0, np.minimum(places, places[::-1]) / 4000)
    dynamics = dynamics_of(tmp_path, faded)
    assert dynamics.clipping is not None
    assert dynamics.clipping.runs == 0
    assert dynamics.inter_sample_overs == []
    faults = dynamics.faults
    assert (faults.clicks_s, faults.dropouts, faults.hum) == ([], [], None)
    assert (faults.lossy_cutoff_hz, faults.upsampled_from_hz) == (None, None)
    assert (faults.cut_start_dbfs, faults.cut_end_dbfs) == (None, None)


@pytest.mark.parametrize("ceiling", [1.0, 0.7], ids=["full scale", "-3 dB"])
@pytest.mark.parametrize("subtype", ["PCM_16", "FLOAT"])
def test_flat_tops_are_clipping(tmp_path: Path, music: Floats, ceiling: float, subtype: str) -> None:
    """Cut tops are found at full scale and under it, where they are."""
    signal = music * 0.5
    signal[3 * RATE_HZ : 4 * RATE_HZ] *= 8.0
    dynamics = dynamics_of(tmp_path, np.clip(signal, -ceiling, ceiling), subtype=subtype)
    assert dynamics.clipping is not None
    assert dynamics.clipping.runs > 10
    assert dynamics.clipping.ceiling_dbfs == pytest.approx(20 * np.log10(ceiling), abs=0.01)
    assert min(span.start_s for span in dynamics.clipping.ranges) >= 3.0
    assert max(span.end_s for span in dynamics.clipping.ranges) <= 4.01


@pytest.mark.parametrize("frequency_hz", [30.0, 50.0, 440.0])
def test_the_round_tops_of_sines_are_not_clipping(tmp_path: Path, frequency_hz: float) -> None:
    """A slow sine stays on its highest step of 16 bits for some samples; that is no ceiling."""
    signal = sine(frequency_hz, 3.0, RATE_HZ, peak=0.95)
    dynamics = dynamics_of(tmp_path, signal, subtype="PCM_16")
    assert dynamics.clipping is not None
    assert dynamics.clipping.runs == 0


def test_overs_between_samples_have_times(tmp_path: Path) -> None:
    """A tone at a quarter of the rate, 45 degrees off, stands 3 dB over its samples."""
    signal = sine(RATE_HZ / 4, 6.0, RATE_HZ, peak=amplitude(-6.0), phase_deg=45.0)
    signal[2 * RATE_HZ : 3 * RATE_HZ] *= 2.6
    dynamics = dynamics_of(tmp_path, signal)
    (span,) = dynamics.inter_sample_overs or []
    assert span.start_s == pytest.approx(2.0, abs=0.11)
    assert span.end_s == pytest.approx(3.0, abs=0.11)


def test_offset_of_each_channel(tmp_path: Path, music: Floats) -> None:
    """The mean of left and right."""
    dynamics = dynamics_of(tmp_path, np.column_stack((music + 0.01, music - 0.002)))
    mean = float(music.mean())
    assert dynamics.dc_offset == pytest.approx([mean + 0.01, mean - 0.002], abs=1e-5)


def test_clicks_have_times(tmp_path: Path) -> None:
    """A single wrong sample in a smooth tone; drums and saws have none."""
    signal = sine(220.0, 6.0, RATE_HZ, peak=0.3)
    signal[round(2.5 * RATE_HZ)] += 0.2
    assert dynamics_of(tmp_path, signal).faults.clicks_s == pytest.approx([2.5], abs=0.02)
    saw = 0.5 * (np.arange(6 * RATE_HZ) * 110.0 / RATE_HZ % 1.0 - 0.5)
    assert dynamics_of(tmp_path, saw).faults.clicks_s == []


def test_dropouts_have_times(tmp_path: Path, music: Floats) -> None:
    """Five milliseconds of nothing; a stop of a quarter of a second is arrangement."""
    signal = music.copy()
    start = round(3.0 * RATE_HZ)
    signal[start : start + round(0.005 * RATE_HZ)] = 0.0
    signal[5 * RATE_HZ : 5 * RATE_HZ + RATE_HZ // 4] = 0.0
    dropouts = dynamics_of(tmp_path, signal).faults.dropouts
    assert [round(dropout.start_s, 2) for dropout in dropouts] == [3.0]
    assert dropouts[0].end_s - dropouts[0].start_s == pytest.approx(0.005, abs=0.001)


def test_silence_at_both_ends(tmp_path: Path, music: Floats) -> None:
    """To a hundredth of a second."""
    padded = np.concatenate((np.zeros(RATE_HZ), music, np.zeros(RATE_HZ // 2)))
    silence = dynamics_of(tmp_path, padded).silence
    assert silence is not None
    assert silence.head_s == pytest.approx(1.0, abs=0.02)
    assert silence.tail_s == pytest.approx(0.5, abs=0.05)


def test_a_fade_that_was_cut_short(tmp_path: Path, music: Floats) -> None:
    """The level at which the file ends is told."""
    cut = music * np.linspace(1.0, 0.2, len(music))
    cut[:4000] *= np.linspace(0.0, 1.0, 4000)
    faults = dynamics_of(tmp_path, cut).faults
    assert faults.cut_start_dbfs is None
    assert faults.cut_end_dbfs is not None
    assert -40.0 < faults.cut_end_dbfs < -10.0


@pytest.mark.parametrize("mains_hz", [50.0, 60.0])
def test_hum_under_music(tmp_path: Path, mains_hz: float) -> None:
    """Mains with two harmonics at -60 dBFS under music with pauses; a bass note is no hum."""
    time_s = np.arange(12 * RATE_HZ) / RATE_HZ
    music = noise(12.0, RATE_HZ, rms=0.1) * (time_s % 2 < 1.5)
    harmonics = [sine(mains_hz * part, 12.0, RATE_HZ, peak=0.002) for part in (1, 2, 3)]
    hum = dynamics_of(tmp_path, music + np.sum(harmonics, axis=0)).faults.hum
    assert hum is not None
    assert hum.frequency_hz == mains_hz
    bass = music + sine(55.0, 12.0, RATE_HZ, peak=0.2) * (time_s % 1 < 0.6)
    assert dynamics_of(tmp_path, bass).faults.hum is None


def test_sixteen_bits_in_a_file_of_twenty_four(tmp_path: Path, music: Floats) -> None:
    """The samples use 16 bits; a true 24-bit file uses them all; 16-bit files are not asked."""
    coarse = np.round(music * 32_768) / 32_768
    assert dynamics_of(tmp_path, coarse, subtype="PCM_24").faults.effective_bits == 16
    assert dynamics_of(tmp_path, music, subtype="PCM_24").faults.effective_bits == 24
    assert dynamics_of(tmp_path, music, subtype="PCM_16").faults.effective_bits is None


def low_passed(signal: Floats, rate_hz: int, cutoff_hz: float) -> Floats:
    """Nothing over a frequency, as encoders and converters leave it."""
    bins = np.fft.rfft(signal)
    bins[np.fft.rfftfreq(len(signal), 1 / rate_hz) > cutoff_hz] = 0.0
    return np.asarray(np.fft.irfft(bins, len(signal)))


def test_a_lossy_source_ends_in_a_cliff(tmp_path: Path, music: Floats) -> None:
    """At 16 kHz there is a wall; without it the spectrum goes to its end."""
    report = measure(tmp_path, low_passed(music, RATE_HZ, 16_000.0))
    assert report.dynamics is not None
    assert report.dynamics.faults.lossy_cutoff_hz == pytest.approx(16_000.0, abs=250.0)
    assert report.spectrum.bandwidth_hz == pytest.approx(16_000.0, abs=300.0)
    whole = measure(tmp_path, music)
    assert whole.spectrum.bandwidth_hz is not None
    assert whole.spectrum.bandwidth_hz > 21_000.0


def test_up_sampling_is_seen(tmp_path: Path) -> None:
    """96 kHz with nothing over 22 kHz came from 44.1 kHz."""
    signal = pink_noise(4.0, 96_000)
    faults = dynamics_of(tmp_path, low_passed(signal, 96_000, 21_500.0), rate_hz=96_000).faults
    assert faults.upsampled_from_hz == 44_100
    assert dynamics_of(tmp_path, signal, rate_hz=96_000).faults.upsampled_from_hz is None


def test_crest_and_dr_of_known_signals(tmp_path: Path) -> None:
    """A sine has a crest of 3 dB and a DR of 0; a loud second in quiet ones has more."""
    tone = dynamics_of(tmp_path, sine(1000.0, 12.0, RATE_HZ, peak=0.5))
    assert tone.crest_db == pytest.approx(3.01, abs=0.05)
    assert tone.dr == pytest.approx(0.0, abs=0.1)
    burst = noise(12.0, RATE_HZ, rms=0.05)
    assert (dynamics_of(tmp_path, burst).dr or 0.0) > 8.0


def test_the_noise_floor_is_that_of_the_pauses(tmp_path: Path) -> None:
    """Noise of -70 dBFS between sounds; music that never pauses has none."""
    time_s = np.arange(10 * RATE_HZ) / RATE_HZ
    signal = sine(1000.0, 10.0, RATE_HZ, peak=0.5) * (time_s % 2 < 1)
    hiss = noise(10.0, RATE_HZ, rms=amplitude(-70.0))
    floor = dynamics_of(tmp_path, signal + hiss).noise_floor_dbfs
    assert floor == pytest.approx(-66.0, abs=4.0)  # K-weighted, both channels
    assert dynamics_of(tmp_path, signal * 0 + hiss * 100).noise_floor_dbfs is None


def test_a_resonance_has_place_and_time(tmp_path: Path) -> None:
    """A steady tone in noise stands out; noise alone has none."""
    ring = sine(1870.0, 12.0, RATE_HZ, peak=0.05)
    found = measure(tmp_path, pink_noise(12.0, RATE_HZ) + ring).spectrum.resonances
    assert found is not None
    assert found[0].centre_hz == pytest.approx(1870.0, abs=10.0)
    assert found[0].quality > 100.0
    assert found[0].ranges[0].end_s - found[0].ranges[-1].start_s > 10.0 or len(found[0].ranges) > 1
    assert measure(tmp_path, pink_noise(12.0, RATE_HZ)).spectrum.resonances == []


def test_passages_in_which_the_sides_cancel(tmp_path: Path) -> None:
    """Two seconds of inverted sides have their time; one side alone is named."""
    signal = both(noise(8.0, RATE_HZ))
    signal[3 * RATE_HZ : 5 * RATE_HZ, 1] *= -1.0
    stereo = measure(tmp_path, signal).stereo
    assert stereo is not None
    (span,) = stereo.inverted
    assert span.start_s == pytest.approx(3.0, abs=1.0)
    assert span.end_s == pytest.approx(5.0, abs=1.0)
    assert not stereo.is_dual_mono
    same = measure(tmp_path, both(noise(4.0, RATE_HZ))).stereo
    assert same is not None
    assert same.is_dual_mono
    assert same.inverted == []
    left = measure(tmp_path, np.column_stack((noise(4.0, RATE_HZ), np.zeros(4 * RATE_HZ)))).stereo
    assert left is not None
    assert left.one_sided == "left"


def test_build_up_of_a_band_is_seen_over_time(tmp_path: Path) -> None:
    """A bass that comes in after four seconds."""
    bass = sine(100.0, 8.0, RATE_HZ, peak=0.3)
    bass[: 4 * RATE_HZ] = 0.0
    timeline = measure(tmp_path, bass + noise(8.0, RATE_HZ, rms=0.01)).spectrum.timeline
    before, after = timeline.bands_db[1][2], timeline.bands_db[1][6]
    assert before is not None
    assert after is not None
    assert after - before > 25.0
