"""Key, Camelot code and tuning."""

from __future__ import annotations

import numpy as np
import pytest

from app.audio import neural
from app.audio.spectra import Spectra, SpectrumMeter
from app.audio.tonality import (
    NOISE_FLATNESS,
    KeyReadings,
    camelot,
    flatness,
    measure_key,
    measure_tuning,
)
from tests.unit.audio.signals import Floats, blocks, chords, drum_loop, noise, pink_noise, sine
from tests.unit.audio.test_rhythm import listen

C_MAJOR = [[48, 60, 64, 67], [53, 60, 65, 69], [55, 59, 62, 67], [48, 60, 64, 67]]
A_MINOR = [[45, 57, 60, 64], [50, 57, 62, 65], [52, 56, 59, 64], [45, 57, 60, 64]]


def spectra_of(signal: Floats) -> Spectra:
    """Mean spectrum at 44.1 kHz."""
    meter = SpectrumMeter(44_100, 1)
    for block in blocks(signal):
        meter.add(block)
    return meter.spectra()


def key_of(signal: Floats, *, models: bool = True) -> KeyReadings | None:
    """Ask both judges, or the profile alone."""
    features = listen(signal).pitch_features if models else None
    return measure_key(spectra_of(signal).windows.chroma, features)


@pytest.mark.parametrize(
    ("progression", "semitones", "key"),
    [
        (C_MAJOR, 0, "C major"),
        (C_MAJOR, 5, "F major"),
        (C_MAJOR, 9, "A major"),
        (A_MINOR, 0, "A minor"),
        (A_MINOR, 8, "F minor"),
    ],
)
def test_the_key_of_a_cadence(progression: list[list[int]], semitones: int, key: str) -> None:
    """Tonic, subdominant, dominant, tonic, wherever it is transposed to."""
    moved = [[note + semitones for note in notes] for notes in progression]
    readings = key_of(chords(moved * 2, 2.0))
    assert readings is not None
    assert readings.names[0] == key
    assert readings.weights.sum() == pytest.approx(1.0)
    assert (np.diff(readings.weights) <= 0).all()
    without = key_of(chords(moved * 2, 2.0), models=False)
    assert without is not None
    assert without.names[0] == key
    assert without.network_key is None


@pytest.mark.parametrize(
    "signal",
    [np.zeros(441_000), sine(440.0, 10.0, 44_100, peak=0.3), drum_loop(120.0, 10.0)],
    ids=["silence", "tone", "drums"],
)
def test_what_has_no_key_gets_none(signal: Floats) -> None:
    """The network always names one; it is not passed on."""
    assert key_of(signal) is None
    assert key_of(signal, models=False) is None


def test_noise_is_known_by_its_flatness() -> None:
    """Of any colour, and chords are far from it."""
    assert flatness(spectra_of(noise(6.0, 44_100))) > NOISE_FLATNESS
    assert flatness(spectra_of(pink_noise(6.0, 44_100))) > NOISE_FLATNESS
    assert flatness(spectra_of(chords(C_MAJOR, 2.0))) < 0.6


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("C major", "8B"),
        ("A minor", "8A"),
        ("F minor", "4A"),
        ("Bb major", "6B"),
        ("F# major", "2B"),
        ("G# minor", "1A"),
        ("E major", "12B"),
    ],
)
def test_camelot_codes(key: str, code: str) -> None:
    """The wheel as it is printed."""
    assert camelot(key) == code


def test_every_key_has_its_own_code() -> None:
    """24 keys, 24 places."""
    assert len({camelot(key) for key in neural.key_names()}) == 24


@pytest.mark.parametrize("cents", [-30, 0, 20])
def test_the_tuning_is_found(cents: int) -> None:
    """A cadence tuned away from 440 Hz tells by how much."""
    ratio = 2.0 ** (cents / 1200)
    signal = chords(C_MAJOR * 2, 2.0)
    moved = np.interp(np.arange(0, len(signal) - 1, ratio), np.arange(len(signal)), signal)
    tuning_hz = measure_tuning(spectra_of(moved))
    assert tuning_hz == pytest.approx(440.0 * ratio, abs=1.0)


def test_noise_has_no_tuning() -> None:
    """Peaks at random share none."""
    assert measure_tuning(spectra_of(noise(10.0, 44_100))) is None
