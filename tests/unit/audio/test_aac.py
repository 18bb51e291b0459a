"""AAC goes out as PCM through one pipe and comes back through another, in time and in its place."""

from __future__ import annotations

import io
import os
import subprocess
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from app.audio import aac
from app.audio.codecs import AAC, CODECS, LoudestPassages, cut_passages, loudest_passages, preview
from app.audio.dynamics import Span
from app.audio.engine import analyse
from app.audio.true_peak import PeakMeter
from app.settings import find_ffmpeg
from tests.unit.audio.signals import both, drum_loop, noise, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy.typing as npt

RATE_HZ = 44_100
FFMPEG = find_ffmpeg()
needs_ffmpeg = pytest.mark.skipif(not FFMPEG, reason="no ffmpeg on this machine: real AAC is not tried")


def ffmpeg(wav: bytes, _: int = 0) -> bytes:
    """Encode and decode really."""
    for command in aac.commands(FFMPEG):
        wav = subprocess.run(command, input=wav, capture_output=True, check=True).stdout
    return wav


def late_echo(wav: bytes, _: int = 0) -> bytes:
    """Answer with what came, as late as an encoder without loss would be."""
    samples, _rate = soundfile.read(io.BytesIO(wav), dtype="float32", always_2d=True)
    delayed: bytes = np.pad(samples, ((aac.DELAY_FRAMES, 0), (0, 0))).tobytes()
    return delayed


def whole(signal: npt.NDArray[np.float32], rate_hz: int = RATE_HZ) -> LoudestPassages:
    """Take a signal as one passage from the start."""
    return LoudestPassages((Span(0.0, len(signal) / rate_hz),), [signal])


def tones(duration_s: float, rate_hz: int) -> npt.NDArray[np.float64]:
    """Three tones that any rate can carry."""
    time_s = np.arange(round(duration_s * rate_hz)) / rate_hz
    return np.asarray(sum(0.15 * np.sin(2 * np.pi * pitch_hz * time_s) for pitch_hz in (220.0, 1010.0, 3030.0)))


@pytest.fixture
def hot_mix() -> npt.NDArray[np.float32]:
    """Four seconds of dense music between hard limits of full scale, which no encoder keeps to."""
    signal = np.clip(4.0 * (drum_loop(126.0, 4.0) + noise(4.0, RATE_HZ, rms=0.1)), -0.99, 0.99)
    return np.asarray(both(signal), dtype=np.float32)


@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 96_000, 8_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_passages_come_back_in_their_places(rate_hz: int, channels: int) -> None:
    """An encoder that loses nothing changes no band and no peak, however many passages there are."""
    made = np.asarray(tones(3.0, rate_hz), dtype=np.float32)
    signal = np.repeat(made[:, None], channels, axis=1)
    spans = (Span(0.0, 1.001), Span(1.5, 2.75))
    found = preview(LoudestPassages(spans, cut_passages([signal], spans, rate_hz)), rate_hz, late_echo)
    assert [reading.codec for reading in found] == [*CODECS, AAC]
    differences = found[-1].band_difference_db
    assert differences[np.isfinite(differences)] == pytest.approx(0.0, abs=1e-6)
    assert found[-1].true_peak_dbtp == pytest.approx(20 * np.log10(np.abs(made).max()), abs=0.3)


@needs_ffmpeg
def test_real_aac_is_aligned_with_its_source() -> None:
    """What is left between source and answer is far under the signal at no other delay."""
    signal = np.asarray(both(tones(3.0, RATE_HZ)), dtype=np.float32)
    answer = ffmpeg(aac.wav_of(signal.astype("<f4").tobytes(), RATE_HZ, 2))
    decoded = np.frombuffer(answer, "<f4").reshape(-1, 2)
    residual = {
        delay: np.abs(decoded[delay:][: len(signal) - 4096] - signal[: len(signal) - 4096]).mean()
        for delay in (aac.DELAY_FRAMES - 1, aac.DELAY_FRAMES, aac.DELAY_FRAMES + 1)
    }
    assert min(residual, key=residual.__getitem__) == aac.DELAY_FRAMES
    assert residual[aac.DELAY_FRAMES] < 0.02 * np.abs(signal).mean()


@needs_ffmpeg
def test_real_aac_overshoots_a_limited_mix(hot_mix: npt.NDArray[np.float32]) -> None:
    """The peak after decoding is over full scale and over the source's, with its times; a quiet copy's is not."""
    hot = preview(whole(hot_mix), RATE_HZ, ffmpeg)[-1]
    assert hot.codec is AAC
    assert 0.0 < hot.true_peak_dbtp < 6.0
    assert hot.overs
    assert all(0.0 <= over.start_s < over.end_s <= 4.0 for over in hot.overs)
    quiet = preview(whole(0.25 * hot_mix), RATE_HZ, ffmpeg)[-1]
    assert quiet.overs == ()
    assert quiet.true_peak_dbtp < 0.0
    assert np.abs(quiet.band_difference_db[:6]).max() < 1.0


@needs_ffmpeg
def test_excerpts_find_the_peak_of_the_whole() -> None:
    """Within a tenth of a decibel for AAC too."""
    signal = drum_loop(126.0, 14.0) + noise(14.0, RATE_HZ, rms=0.02)
    signal[8 * RATE_HZ : 9 * RATE_HZ] *= 1.6
    track = np.asarray(both(signal / np.abs(signal).max()), dtype=np.float32)
    meter = PeakMeter(RATE_HZ, 2)
    meter.add(track)
    hops = meter.true_peaks().max(axis=1)
    spans = loudest_passages(hops, hops**2, RATE_HZ, 14.0)
    excerpt = preview(LoudestPassages(spans, cut_passages([track], spans, RATE_HZ)), RATE_HZ, ffmpeg)[-1]
    assert excerpt.true_peak_dbtp == pytest.approx(preview(whole(track), RATE_HZ, ffmpeg)[-1].true_peak_dbtp, abs=0.1)


def _raise_timeout(_: bytes, __: int) -> bytes:
    raise TimeoutError


@pytest.mark.parametrize(
    "answer",
    [
        lambda *_: b"",
        lambda *_: b"\0" * 13,
        lambda wav, _: late_echo(wav)[: len(wav) // 2],
        lambda wav, _: b"\xff" * len(late_echo(wav)),
        _raise_timeout,
    ],
    ids=["nothing", "odd", "half", "no numbers", "late"],
)
def test_an_answer_that_is_none_leaves_the_others(tmp_path: Path, answer: Callable[[bytes, int], bytes]) -> None:
    """The report has the other codecs, and a note in place of AAC."""
    path = write(tmp_path, "a.wav", both(drum_loop(120.0, 2.0)), RATE_HZ)
    report = analyse(path, name="a.wav", models=False, aac=answer)
    assert report.codecs is not None
    assert [found.name for found in report.codecs] == [codec.name for codec in CODECS]
    (reason,) = [note.reason for note in report.notes if note.path == "codecs.aac"]
    assert reason == "AAC was tried, but ffmpeg gave no usable answer within its limits."


def test_a_report_with_aac_has_no_note_of_it(tmp_path: Path) -> None:
    """It is one more codec."""
    path = write(tmp_path, "a.wav", both(drum_loop(120.0, 2.0)), RATE_HZ)
    report = analyse(path, name="a.wav", models=False, aac=late_echo)
    assert report.codecs is not None
    assert (report.codecs[-1].name, report.codecs[-1].bitrate_kbps) == ("AAC", 256)
    assert [note for note in report.notes if note.path == "codecs.aac"] == []


class Other:
    """The other side of both pipes, on a thread."""

    def __init__(self, act: Callable[[int, int], object]) -> None:
        """Begin to act with where to read and where to write."""
        theirs, self.writing = os.pipe()
        self.reading, back = os.pipe()
        threading.Thread(target=self._act, args=(act, theirs, back), daemon=True).start()

    @staticmethod
    def _act(act: Callable[[int, int], object], reading: int, writing: int) -> None:
        with suppress(BrokenPipeError):
            act(reading, writing)
        os.close(reading)
        os.close(writing)


def _copy(reading: int, writing: int) -> None:
    while piece := os.read(reading, 1000):
        os.write(writing, piece)


def test_more_than_pipes_hold_goes_through() -> None:
    """It is read while it is written."""
    data = np.random.default_rng(1).bytes(1_000_000)
    other = Other(_copy)
    assert aac.Through(other.writing, other.reading, 20.0)(data, len(data)) == data


def test_who_says_nothing_is_not_waited_for() -> None:
    """After its time it is given up, whether it reads or not."""
    over = threading.Event()
    other = Other(lambda *_: over.wait(20.0))
    with pytest.raises(TimeoutError):
        aac.Through(other.writing, other.reading, 0.2)(bytes(1_000_000), 1)
    over.set()


def test_who_says_too_much_is_not_listened_to() -> None:
    """Memory is bounded by what may come back."""
    other = Other(lambda reading, writing: os.read(reading, 10) and [os.write(writing, bytes(1000)) for _ in range(50)])
    with pytest.raises(ValueError, match="more than"):
        aac.Through(other.writing, other.reading, 20.0)(bytes(10), 10_000)


def test_who_is_gone_is_an_error() -> None:
    """There is nobody to write to, or nothing comes back."""
    other = Other(lambda *_: None)
    try:
        answer = aac.Through(other.writing, other.reading, 20.0)(bytes(1_000_000), 10)
    except OSError:
        answer = b""
    assert answer == b""
