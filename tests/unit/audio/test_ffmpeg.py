"""AAC and Opus go out as PCM through one pipe and come back through another, in time and in their places."""

from __future__ import annotations

import io
import os
import subprocess
import threading
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from app.audio.dynamics import Span
from app.audio.engine import analyse
from app.audio.ffmpeg import ENCODINGS, Through, commands, wav_of
from app.audio.passages import Excerpts, Passage
from app.audio.preview import preview
from app.settings import find_ffmpeg
from tests.making.passages import as_one, loudest_of
from tests.unit.audio.signals import both, drum_loop, noise, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy.typing as npt

RATE_HZ = 44_100
FFMPEG = find_ffmpeg()
needs_ffmpeg = pytest.mark.skipif(not FFMPEG, reason="no ffmpeg on this machine: real AAC and Opus are not tried")
every_encoding = pytest.mark.parametrize("codec", list(ENCODINGS))


@dataclass(frozen=True)
class Awake:
    """An exchange that needs no time to load."""

    answer: Callable[[bytes, int], bytearray]

    def wake(self) -> None:
        """Be it."""

    def __call__(self, data: bytes, most_bytes: int) -> bytearray:
        """Answer."""
        return self.answer(data, most_bytes)


def through_ffmpeg(codec: str, wav: bytes, _: int = 0) -> bytearray:
    """Encode and decode really."""
    for command in commands(FFMPEG, codec):
        wav = subprocess.run(command, input=wav, capture_output=True, check=True).stdout
    return bytearray(wav)


REAL = {codec: Awake(partial(through_ffmpeg, codec)) for codec in ENCODINGS}


def late_echo(codec: str, wav: bytes, _: int = 0) -> bytearray:
    """Answer with what came, as late as an encoder without loss would be."""
    samples, _rate = soundfile.read(io.BytesIO(wav), dtype="float32", always_2d=True)
    return bytearray(np.pad(samples, ((ENCODINGS[codec].delay, 0), (0, 0))).tobytes())


ECHOES = {codec: Awake(partial(late_echo, codec)) for codec in ENCODINGS}


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
    cut = [(Passage(span), Excerpts([signal], spans, rate_hz).cut(span)) for span in spans]
    found = preview(lambda _: cut, rate_hz, ECHOES)
    assert [reading.codec.name for reading in found] == ["MP3", "Ogg Vorbis", "Opus", "AAC"]
    for reading in found[2:]:
        differences = reading.band_difference_db
        assert differences[np.isfinite(differences)] == pytest.approx(0.0, abs=1e-6)
        assert reading.true_peak_dbtp == pytest.approx(20 * np.log10(np.abs(made).max()), abs=0.3)


@needs_ffmpeg
@every_encoding
def test_what_comes_back_is_aligned_with_its_source(codec: str) -> None:
    """What is left between source and answer is far under the signal at no other delay."""
    rate_hz, expected = 48_000, ENCODINGS[codec].delay
    signal = np.asarray(both(tones(3.0, rate_hz)), dtype=np.float32)
    answer = through_ffmpeg(codec, wav_of(memoryview(signal.astype("<f4").tobytes()), rate_hz, 2))
    decoded = np.frombuffer(answer, "<f4").reshape(-1, 2)
    residual = {
        delay: np.abs(decoded[delay:][: len(signal) - 4096] - signal[: len(signal) - 4096]).mean()
        for delay in (max(expected - 1, 0), expected, expected + 1)
    }
    assert min(residual, key=residual.__getitem__) == expected
    assert residual[expected] < 0.02 * np.abs(signal).mean()


@needs_ffmpeg
def test_real_aac_overshoots_a_limited_mix(hot_mix: npt.NDArray[np.float32]) -> None:
    """The peak after decoding is over full scale and over the source's, with its times; a quiet copy's is not."""
    hot = preview(as_one(hot_mix), RATE_HZ, REAL)[-1]
    assert hot.codec.name == "AAC"
    assert 0.0 < hot.true_peak_dbtp < 6.0
    assert hot.overs
    assert all(0.0 <= over.start_s < over.end_s <= 4.0 for over in hot.overs)
    quiet = preview(as_one(0.25 * hot_mix), RATE_HZ, REAL)[-1]
    assert quiet.overs == ()
    assert quiet.true_peak_dbtp < 0.0
    assert np.abs(quiet.band_difference_db[:6]).max() < 1.0


@needs_ffmpeg
@pytest.mark.parametrize("silence_s", [0.0, 0.3])
def test_excerpts_find_the_peak_of_the_whole(silence_s: float) -> None:
    """Within a tenth of a decibel for Opus and AAC too, also where silence comes first."""
    signal = drum_loop(126.0, 14.0) + noise(14.0, RATE_HZ, rms=0.02)
    signal[8 * RATE_HZ : 9 * RATE_HZ] *= 1.6
    signal = np.concatenate((np.zeros(round(silence_s * RATE_HZ)), signal / np.abs(signal).max()))
    track = np.asarray(both(signal), dtype=np.float32)
    excerpts = preview(loudest_of(track), RATE_HZ, REAL)
    for part, all_of_it in zip(excerpts, preview(as_one(track), RATE_HZ, REAL), strict=True):
        assert part.true_peak_dbtp == pytest.approx(all_of_it.true_peak_dbtp, abs=0.1), part.codec.name


def _raise_timeout(_: bytes, __: int) -> bytearray:
    raise TimeoutError


@pytest.mark.parametrize(
    "answer",
    [
        lambda *_: bytearray(),
        lambda *_: bytearray(13),
        lambda wav, _: late_echo("AAC", wav)[: len(wav) // 2],
        lambda wav, _: bytearray(b"\xff" * len(late_echo("AAC", wav))),
        _raise_timeout,
    ],
    ids=["nothing", "odd", "half", "no numbers", "late"],
)
def test_an_answer_that_is_none_leaves_the_others(tmp_path: Path, answer: Callable[[bytes, int], bytearray]) -> None:
    """The report has the other codecs, and a note in place of AAC."""
    path = write(tmp_path, "a.wav", both(drum_loop(120.0, 2.0)), RATE_HZ)
    report = analyse(path, name="a.wav", models=False, exchanges=ECHOES | {"AAC": Awake(answer)})
    assert report.codecs is not None
    assert [found.name for found in report.codecs] == ["MP3", "Ogg Vorbis", "Opus"]
    assert [(note.path, note.reason) for note in report.notes if note.path.startswith("codecs.")] == [
        ("codecs.aac", "AAC was tried, but ffmpeg gave no usable answer within its limits.")
    ]


def test_a_report_with_all_of_them_has_no_note_of_any(tmp_path: Path) -> None:
    """They are two more codecs."""
    path = write(tmp_path, "a.wav", both(drum_loop(120.0, 2.0)), RATE_HZ)
    report = analyse(path, name="a.wav", models=False, exchanges=ECHOES)
    assert report.codecs is not None
    assert [(found.name, found.bitrate_kbps) for found in report.codecs[2:]] == [("Opus", 128), ("AAC", 256)]
    assert [note for note in report.notes if note.path.startswith("codecs.")] == []


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
    assert Through(other.writing, other.reading, 20.0)(data, len(data)) == data


def test_what_woke_the_other_side_is_not_sent_again() -> None:
    """A file comes whole, whether its first bytes went ahead or not."""
    data = wav_of(memoryview(bytes(8000)), RATE_HZ, 2)
    other = Other(_copy)
    exchange = Through(other.writing, other.reading, 20.0)
    exchange.wake()
    assert exchange(data, len(data)) == data


def test_who_says_nothing_is_not_waited_for() -> None:
    """After its time it is given up, whether it reads or not."""
    over = threading.Event()
    other = Other(lambda *_: over.wait(20.0))
    with pytest.raises(TimeoutError):
        Through(other.writing, other.reading, 0.2)(bytes(1_000_000), 1)
    over.set()


def test_who_says_too_much_is_not_listened_to() -> None:
    """Memory is bounded by what may come back."""
    other = Other(lambda reading, writing: os.read(reading, 10) and [os.write(writing, bytes(1000)) for _ in range(50)])
    with pytest.raises(ValueError, match="more than"):
        Through(other.writing, other.reading, 20.0)(bytes(10), 10_000)


def test_who_is_gone_is_an_error() -> None:
    """There is nobody to write to, or nothing comes back."""
    other = Other(lambda *_: None)
    try:
        answer = Through(other.writing, other.reading, 20.0)(bytes(1_000_000), 10)
    except OSError:
        answer = bytearray()
    assert answer == b""
