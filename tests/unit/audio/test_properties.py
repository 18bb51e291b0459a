"""What must hold for any signal: gain, polarity, channels, padding, format."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.signal import resample_poly

from app.audio.engine import analyse
from app.audio.model import Report, encode
from tests.unit.audio.signals import Floats, amplitude, chords, drum_loop, noise, write

if TYPE_CHECKING:
    from pathlib import Path

RATE_HZ = 44_100


@pytest.fixture(scope="module")
def music() -> Floats:
    """Ten seconds of drums and chords, a little different on both sides [shape=(frames, 2)]."""
    cadence = np.resize(chords([[45, 57, 60, 64], [50, 57, 62, 65]], 2.0), 10 * RATE_HZ)
    left = drum_loop(120.0, 10.0) + cadence
    return 0.4 * np.column_stack((left, 0.8 * left + noise(10.0, RATE_HZ, rms=0.01)))


def measure(
    folder: Path, signal: Floats, rate_hz: int = RATE_HZ, *, name: str = "a.wav", subtype: str = "FLOAT"
) -> Report:
    """Measure without encoders."""
    path = write(folder, name, signal, rate_hz, subtype=subtype)
    return analyse(path, name=name, codecs=False)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory, music: Floats) -> Report:
    """The report of the music as it is."""
    return measure(tmp_path_factory.mktemp("original"), music)


def numbers(report: Report) -> tuple[float, float, float, str, float]:
    """Loudness, tilt, correlation, key, tempo."""
    assert report.loudness.integrated_lufs is not None
    assert report.spectrum.tilt_db_per_octave is not None
    assert report.stereo is not None
    assert report.stereo.correlation is not None
    assert report.tonality is not None
    assert report.rhythm is not None
    return (
        report.loudness.integrated_lufs,
        report.spectrum.tilt_db_per_octave,
        report.stereo.correlation,
        report.tonality.key,
        report.rhythm.tempo_bpm,
    )


def test_gain_moves_loudness_and_nothing_else(tmp_path: Path, music: Floats, original: Report) -> None:
    """6 dB less is 6 LU less; tone, stereo, key and tempo stay."""
    loudness, tilt, correlation, key, tempo = numbers(original)
    quiet = numbers(measure(tmp_path, music * amplitude(-6.0)))
    assert quiet[0] == pytest.approx(loudness - 6.0, abs=0.02)
    assert quiet[1:3] == pytest.approx((tilt, correlation), abs=0.01)
    assert quiet[3] == key
    assert quiet[4] == pytest.approx(tempo, abs=0.05)


def test_polarity_changes_nothing(tmp_path: Path, music: Floats, original: Report) -> None:
    """Turned over as a whole, every number is the same."""
    turned = measure(tmp_path, -music)
    document = replace(original, file=turned.file)
    assert encode(replace(turned, dynamics=None)) == encode(replace(document, dynamics=None))


def test_swapped_sides_turn_the_balance(tmp_path: Path, music: Floats, original: Report) -> None:
    """Balance changes its sign, all else stays."""
    swapped = measure(tmp_path, music[:, ::-1])
    assert swapped.stereo is not None
    assert original.stereo is not None
    assert swapped.stereo.balance_db == pytest.approx(-(original.stereo.balance_db or 0.0), abs=1e-6)
    assert swapped.stereo.correlation == pytest.approx(original.stereo.correlation, abs=1e-9)
    assert numbers(swapped)[0] == pytest.approx(numbers(original)[0], abs=1e-6)


def test_padding_with_silence_moves_times(tmp_path: Path, music: Floats, original: Report) -> None:
    """The gate leaves the loudness; the silence is told."""
    silence = np.zeros((2 * RATE_HZ, 2))
    padded = measure(tmp_path, np.concatenate((silence, music, silence)))
    assert numbers(padded)[0] == pytest.approx(numbers(original)[0], abs=0.1)
    assert padded.dynamics is not None
    assert padded.dynamics.silence is not None
    assert padded.dynamics.silence.head_s == pytest.approx(2.0, abs=0.02)


def test_resampling_keeps_the_numbers(tmp_path: Path, music: Floats, original: Report) -> None:
    """At 48 kHz the same music reads the same."""
    resampled = resample_poly(music, 160, 147, axis=0)
    assert numbers(measure(tmp_path, resampled, 48_000))[:3] == pytest.approx(numbers(original)[:3], abs=0.1)


@pytest.mark.parametrize(("name", "subtype"), [("a.flac", "PCM_24"), ("a.aiff", "PCM_24"), ("a.wav", "PCM_24")])
def test_lossless_formats_read_alike(tmp_path: Path, music: Floats, original: Report, name: str, subtype: str) -> None:
    """The container does not matter."""
    other = measure(tmp_path, music, name=name, subtype=subtype)
    assert numbers(other)[:3] == pytest.approx(numbers(original)[:3], abs=0.005)
    assert numbers(other)[3] == numbers(original)[3]
