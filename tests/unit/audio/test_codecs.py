"""Real encodes of the loudest passages."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pytest

from app.audio.codecs import CODECS, MOST_PASSAGES, MP3, passages_for
from app.audio.dynamics import Span
from app.audio.engine import analyse
from app.audio.passages import Excerpts, Passage, loudest_moments, passages_around, places_in_line
from app.audio.preview import preview
from tests.making.passages import as_one, loudest_of, moments_of
from tests.unit.audio.signals import both, drum_loop, noise, write

if TYPE_CHECKING:
    from collections.abc import Iterable
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
    excerpts = preview(loudest_of(track), RATE_HZ, {})
    for part, all_of_it in zip(excerpts, preview(as_one(track), RATE_HZ, {}), strict=True):
        assert part.covered_s < all_of_it.covered_s
        assert part.true_peak_dbtp == pytest.approx(all_of_it.true_peak_dbtp, abs=0.1)


def test_the_report_has_every_codec(tmp_path: Path, track: npt.NDArray[np.float32]) -> None:
    """Peak, stretches over full scale inside the file, and what a low-pass takes away."""
    report = analyse(write(tmp_path, "a.wav", track.astype(np.float64), RATE_HZ), name="a.wav", models=False)
    assert report.codecs is not None
    assert [found.name for found in report.codecs] == ["MP3", "Ogg Vorbis"]
    for found in report.codecs:
        assert -4.0 < found.true_peak_dbtp < 4.0
        assert all(0.0 <= span.start_s < span.end_s <= 14.1 for span in found.overs)
        assert abs(found.band_difference_db[3] or 0.0) < 1.0
    assert [(note.path, note.reason) for note in report.notes if note.path.startswith("codecs.")] == [
        ("codecs.aac", "AAC was not tried: no ffmpeg is set up to encode it."),
        ("codecs.opus", "Opus was not tried: no ffmpeg is set up to encode it."),
    ]


@pytest.mark.parametrize("rate_hz", [8_000, 11_111, 32_000, 43_999, 64_000, 88_200])
def test_a_rate_that_no_service_uses_becomes_one(rate_hz: int) -> None:
    """The low half of the bands comes back as it was, whatever rate the encoder would not take."""
    signal = np.asarray(both(noise(3.0, rate_hz, rms=0.1)), dtype=np.float32)
    for found in preview(as_one(signal, rate_hz), rate_hz, {}):
        assert found.band_difference_db[:4] == pytest.approx(np.zeros(4), abs=1.0)


def test_passages_begin_with_frames_at_both_rates() -> None:
    """What is resampled begins on a sample there and here, or its frames would be others than in the whole file."""
    for codec in CODECS:
        target_hz = codec.rate_hz or 48_000
        for start_s in (passage.span.start_s for passage in passages_for(codec, [20.0, 40.0], 32_000, 60.0)):
            assert start_s * 32_000 == pytest.approx(round(start_s * 32_000), abs=1e-6)
            assert start_s * target_hz / codec.frame == pytest.approx(
                round(start_s * target_hz / codec.frame), abs=1e-6
            )


def hears(passages: Iterable[Passage], start_s: float, end_s: float) -> bool:
    """Whether a stretch lies in a passage, neither in its run-in nor in its run-out."""
    return any(
        passage.span.start_s + passage.run_in_s <= start_s and passage.span.end_s - passage.run_out_s >= end_s
        for passage in passages
    )


def test_every_codec_hears_the_peak_behind_its_run_in() -> None:
    """The highest tenth of a second is in a passage, neither in its run-in nor in its run-out."""
    peaks = np.full(600, 0.1)
    peaks[400] = 1.0
    moments_s = loudest_moments(peaks, peaks**2, MOST_PASSAGES)
    for codec in CODECS:
        assert hears(passages_for(codec, moments_s[: codec.passages], RATE_HZ, 60.0), 40.0, 40.1)


def test_a_peak_that_an_encoder_leaves_out_takes_no_passage() -> None:
    """Thirty-four bursts over 17 kHz are higher than a knock at 200 Hz, which alone is left of the peaks in an MP3."""
    time_s = np.arange(25 * RATE_HZ) / RATE_HZ
    hiss = np.where(time_s % 0.5 < 0.02, 0.9 * np.sin(2 * np.pi * 19_000 * time_s), 0.0)
    knock = np.where((time_s > 12.25) & (time_s < 12.27), 0.8 * np.sin(2 * np.pi * 200 * time_s), 0.0)
    signal = np.asarray(both(np.where(knock, knock, np.where(time_s < 17.0, hiss, 0.0))), dtype=np.float32)
    moments_s = moments_of(signal)
    assert not hears(passages_for(MP3, moments_s[: MP3.passages], RATE_HZ, 25.0), 12.25, 12.27)
    assert hears((passage for passage, _ in loudest_of(signal)(MP3)), 12.25, 12.27)


@pytest.mark.parametrize("cycle", [1, 49])
def test_passages_keep_their_place_in_a_cycle(cycle: int) -> None:
    """None lies over another, and the frames between them are few against a cycle for each."""
    rng = np.random.default_rng(cycle)
    firsts, lengths = np.sort(rng.integers(0, 20_000, 24)).tolist(), rng.integers(30, 60, 24).tolist()
    places = places_in_line(firsts, lengths, cycle)
    assert all((place - first) % cycle == 0 for place, first in zip(places, firsts, strict=True))
    line = sorted(zip(places, lengths, strict=True))
    assert all(place + length <= following for (place, length), (following, _) in pairwise(line))
    assert line[-1][0] + line[-1][1] - sum(lengths) < 24 * cycle / 4
    assert places_in_line(firsts, lengths, 1) == np.cumsum([0, *lengths[:-1]]).tolist()


def test_nothing_is_cut_off_at_the_ends_of_a_file() -> None:
    """There is neither run-in nor run-out where the file itself begins and ends."""
    ((whole,),) = {passages_around([0.2, 0.5], run_in_s=0.5, head_s=0.0, frame_s=0.02, duration_s=0.6)}
    assert (whole.span.start_s, whole.span.end_s, whole.run_in_s, whole.run_out_s) == (0.0, 0.6, 0.0, 0.0)


def test_passages_that_overlap_are_cut_out_of_one_reading() -> None:
    """Each has its own samples, whatever the blocks are that the file comes in."""
    signal = np.arange(1000, dtype=np.float32)[:, None]
    spans = [Span(0.1, 0.4), Span(0.6, 0.9), Span(0.3, 0.65)]
    excerpts = Excerpts((signal[first : first + 64] for first in range(0, 1000, 64)), spans, 1000)
    for span in (*spans, Span(0.2, 0.7)):
        samples = excerpts.cut(span)
        assert samples[:, 0].tolist() == list(range(round(1000 * span.start_s), round(1000 * span.end_s)))


def test_silence_and_surround_are_not_encoded(tmp_path: Path) -> None:
    """There is nothing to hear, or nowhere to put the channels; a note says so."""
    for signal in (np.zeros((RATE_HZ, 2)), np.tile(noise(1.0, RATE_HZ)[:, None], (1, 6))):
        report = analyse(write(tmp_path, "a.wav", signal, RATE_HZ), name="a.wav", models=False)
        assert report.codecs is None
        assert any(note.path == "codecs" for note in report.notes)
