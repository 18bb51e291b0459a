"""Two bounces of one track find each other by their fingerprints."""

from __future__ import annotations

import numpy as np
import pytest

from app.audio.fingerprint import align, make_fingerprint, read_fingerprint
from tests.unit.audio.signals import Floats, drum_loop, noise
from tests.unit.audio.test_rhythm import listen

RATE_HZ = 44_100


@pytest.fixture(scope="module")
def track() -> Floats:
    """Twenty seconds that do not repeat: drums at random places."""
    random = np.random.default_rng(5)
    signal = noise(20.0, RATE_HZ, rms=0.003)
    hit = drum_loop(120.0, 0.3)
    for start_s in np.cumsum(random.uniform(0.11, 0.6, 50)):
        start = round(start_s * RATE_HZ)
        room = min(len(hit), max(0, len(signal) - start))
        signal[start : start + room] += hit[:room] * random.uniform(0.3, 1.0)
    return signal


def fingerprint_of(signal: Floats) -> str:
    """Fingerprint of a mono signal."""
    return make_fingerprint(listen(signal).beat_features)


@pytest.mark.parametrize("shift_s", [0.0, 0.1234, 1.5017, 3.0])
def test_a_moved_copy_is_found(track: Floats, shift_s: float) -> None:
    """To five milliseconds, also if it is quieter and brighter."""
    moved = np.concatenate((np.zeros(round(shift_s * RATE_HZ)), track))
    changed = 0.5 * (moved + 0.3 * np.diff(moved, prepend=0.0))
    found = align(fingerprint_of(track), fingerprint_of(changed))
    assert found is not None
    assert found.shift_s == pytest.approx(shift_s, abs=0.005)
    assert found.agreement > 0.7
    back = align(fingerprint_of(changed), fingerprint_of(track))
    assert back is not None
    assert back.shift_s == pytest.approx(-shift_s, abs=0.005)


def test_another_track_agrees_little(track: Floats) -> None:
    """The best shift of two different tracks is a poor one."""
    other = fingerprint_of(drum_loop(97.0, 20.0))
    found = align(fingerprint_of(track), other)
    assert found is not None
    assert found.agreement < 0.5


def test_it_is_small_and_unpacks(track: Floats) -> None:
    """Five rows of a hundred a second; under 200 bytes a second."""
    text = fingerprint_of(track)
    assert read_fingerprint(text).shape == (5, 2000)
    assert len(text) < 200 * 20


@pytest.mark.parametrize("text", ["", "ts1:", "ts1:AAAA", "other:AAAA"])
def test_other_text_is_no_fingerprint(text: str) -> None:
    """It is refused, not guessed at."""
    with pytest.raises(ValueError, match="not a fingerprint"):
        read_fingerprint(text)


def test_silence_aligns_with_nothing(track: Floats) -> None:
    """There is nothing to align."""
    silent = fingerprint_of(np.zeros(5 * RATE_HZ))
    assert align(silent, fingerprint_of(track)) is None
