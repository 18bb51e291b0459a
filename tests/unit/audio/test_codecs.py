"""Real encodes of the loudest passages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pytest

from app.audio.codecs import CODECS, LoudestPassages, cut_passages, loudest_passages, preview
from app.audio.dynamics import Span
from app.audio.engine import analyse
from app.audio.true_peak import PeakMeter
from tests.unit.audio.signals import both, drum_loop, noise, write

if TYPE_CHECKING:
    from pathlib import Path

RATE_HZ = 44_100


@pytest.fixture(scope="module")
def track() -> npt.NDArray[np.float32]:
    """Fourteen seconds of drums in noise, one second of it hot [shape=(frames, 2)]."""
    signal = drum_loop(126.0, 14.0) + noise(14.0, RATE_HZ, rms=0.02)
    signal[8 * RATE_HZ : 9 * RATE_HZ] *= 1.6
    return np.asarray(both(signal / np.abs(signal).max()), dtype=np.float32)


def test_excerpts_find_the_peak_of_the_whole(track: npt.NDArray[np.float32]) -> None:
    """Within a tenth of a decibel for every codec, since frames begin where they do there."""
    meter = PeakMeter(RATE_HZ, 2)
    meter.add(track)
    hops = meter.true_peaks().max(axis=1)
    spans = loudest_passages(hops, hops**2, RATE_HZ, 14.0)
    excerpts = preview(LoudestPassages(spans, cut_passages([track], spans, RATE_HZ)), RATE_HZ)
    whole = preview(LoudestPassages((Span(0.0, 14.0),), [track]), RATE_HZ)
    for part, all_of_it in zip(excerpts, whole, strict=True):
        assert part.true_peak_dbtp == pytest.approx(all_of_it.true_peak_dbtp, abs=0.1)


def test_the_report_has_every_codec(tmp_path: Path, track: npt.NDArray[np.float32]) -> None:
    """Peak, stretches over full scale inside the file, and what a low-pass takes away."""
    report = analyse(write(tmp_path, "a.wav", track.astype(np.float64), RATE_HZ), name="a.wav", models=False)
    assert report.codecs is not None
    assert [found.name for found in report.codecs] == [codec.name for codec in CODECS]
    for found in report.codecs:
        assert -4.0 < found.true_peak_dbtp < 4.0
        assert all(0.0 <= span.start_s < span.end_s <= 14.1 for span in found.overs)
        assert abs(found.band_difference_db[3] or 0.0) < 1.0
    (reason,) = [note.reason for note in report.notes if note.path == "codecs.aac"]
    assert reason == "AAC was not tried: no ffmpeg is set up to encode it."


@pytest.mark.parametrize("rate_hz", [8_000, 11_111, 43_999, 64_000, 88_200])
def test_a_rate_that_no_service_uses_becomes_one(rate_hz: int) -> None:
    """The low half of the bands comes back as it was, whatever rate the encoder would not take."""
    signal = np.asarray(both(noise(3.0, rate_hz, rms=0.1)), dtype=np.float32)
    for found in preview(LoudestPassages((Span(0.0, 3.0),), [signal]), rate_hz):
        assert found.band_difference_db[:4] == pytest.approx(np.zeros(4), abs=1.0)


def test_passages_lie_around_the_peaks() -> None:
    """The highest hop is inside one of them, behind its run-in."""
    peaks = np.full(600, 0.1)
    peaks[400] = 1.0
    spans = loudest_passages(peaks, peaks**2, RATE_HZ, 60.0)
    assert any(span.start_s + 0.5 < 40.0 < span.end_s for span in spans)


def test_silence_and_surround_are_not_encoded(tmp_path: Path) -> None:
    """There is nothing to hear, or nowhere to put the channels; a note says so."""
    for signal in (np.zeros((RATE_HZ, 2)), np.tile(noise(1.0, RATE_HZ)[:, None], (1, 6))):
        report = analyse(write(tmp_path, "a.wav", signal, RATE_HZ), name="a.wav", models=False)
        assert report.codecs is None
        assert any(note.path == "codecs" for note in report.notes)
