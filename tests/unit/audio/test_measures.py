"""Measures that no fault has of its own, each where it was put and not where it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.unit.audio.signals import pink_noise, sine
from tests.unit.audio.test_faults import RATE_HZ, dynamics_of, measure

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("pitch_hz", "sharp_db", "harsh_db"), [(7000.0, 20.0, None), (3500.0, None, 20.0), (1000.0, None, None)]
)
def test_sibilance_and_harshness_are_of_their_bands(
    tmp_path: Path, pitch_hz: float, sharp_db: float | None, harsh_db: float | None
) -> None:
    """Bursts 20 dB over a steady tone of the voice's band raise the one that they belong to, and no other."""
    steady = sine(1000.0, 8.0, RATE_HZ, peak=0.02)
    is_on = (np.arange(len(steady)) / RATE_HZ) % 1.0 < 0.25
    bursts = np.where(is_on, sine(pitch_hz, 8.0, RATE_HZ, peak=0.2), 0.0)
    spectrum = measure(tmp_path, steady + bursts).spectrum
    for found_db, put_db in ((spectrum.sibilance_db, sharp_db), (spectrum.harshness_db, harsh_db)):
        assert found_db is not None
        if put_db is None:
            assert found_db < 0.0
        else:
            assert found_db == pytest.approx(put_db, abs=1.0)


@pytest.mark.parametrize("rate", [2.0, 4.0])
def test_transients_are_counted(tmp_path: Path, rate: float) -> None:
    """Strokes of noise at a steady pace, and a tone that has none."""
    times_s = np.arange(8 * RATE_HZ) / RATE_HZ
    strokes = pink_noise(8.0, RATE_HZ) * np.exp(-60.0 * (times_s % (1.0 / rate)))
    assert dynamics_of(tmp_path, strokes).transients_per_s == pytest.approx(rate, abs=0.3)
    assert dynamics_of(tmp_path, sine(440.0, 8.0, RATE_HZ, peak=0.3)).transients_per_s == pytest.approx(0.0, abs=0.3)


def test_a_low_end_whose_sides_cancel_has_its_time(tmp_path: Path) -> None:
    """From 4 s to 8 s under 120 Hz alone, while the whole does not cancel; in mono nowhere."""
    low, rest = sine(60.0, 12.0, RATE_HZ, peak=0.2), pink_noise(12.0, RATE_HZ, rms=0.2)
    rest -= np.convolve(rest, np.ones(801) / 801, mode="same")
    side = low.copy()
    side[4 * RATE_HZ : 8 * RATE_HZ] *= -1.0
    stereo = measure(tmp_path, np.column_stack((low + rest, side + rest))).stereo
    assert stereo is not None
    (found,) = stereo.low_end_inverted
    assert (found.start_s, found.end_s) == pytest.approx((4.0, 8.0), abs=1.0)
    assert stereo.inverted == []
    alike = measure(tmp_path, low + rest).stereo
    assert alike is not None
    assert alike.low_end_inverted == []


def test_peaks_over_loudness_are_those_of_a_tone(tmp_path: Path) -> None:
    """A 1 kHz sine on both sides reads its own level in LUFS, so that both ratios are 0 dB; a click adds its height."""
    tone = sine(1000.0, 8.0, RATE_HZ, peak=0.1)
    steady = measure(tmp_path, tone).loudness
    assert steady.plr_db == pytest.approx(0.0, abs=0.1)
    assert steady.psr_min_db == pytest.approx(0.0, abs=0.1)
    tone[round(6.9 * RATE_HZ)] = 0.8
    clicked = measure(tmp_path, tone).loudness
    assert clicked.plr_db is not None
    assert clicked.plr_db > 17.0
    assert clicked.psr_min_db == pytest.approx(0.0, abs=0.1)
