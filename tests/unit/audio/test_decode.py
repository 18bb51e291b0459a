"""The gate lets through what can be measured and refuses the rest with a reason."""

from __future__ import annotations

import os
import struct
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from app.audio.decode import open_audio
from app.audio.errors import AudioRefused, Limits, RefusalCode
from tests.unit.audio.signals import both, noise, sine, wav_bytes, write

if TYPE_CHECKING:
    from pathlib import Path

    from app.audio.decode import Decoder

RATE_HZ = 44_100


def read(path: Path, *, limits: Limits | None = None, name: str = "") -> tuple[Decoder, np.ndarray]:
    """Decode a whole file."""
    with open_audio(path, name=name or path.name, limits=limits or Limits()) as decoder:
        frames = np.concatenate([block.copy() for block in decoder.blocks()])
    return decoder, frames


def refusal(path: Path, *, limits: Limits | None = None, name: str = "") -> RefusalCode:
    """The code with which a file is refused; its sentence must say something."""
    with pytest.raises(AudioRefused) as refused:
        read(path, limits=limits, name=name)
    assert len(refused.value.reason) > 20
    return refused.value.code


@pytest.mark.parametrize(
    ("name", "subtype", "codec", "bits", "tolerance"),
    [
        ("a.wav", "PCM_16", "pcm_s16", 16, 1e-4),
        ("a.wav", "PCM_24", "pcm_s24", 24, 1e-6),
        ("a.wav", "PCM_32", "pcm_s32", 32, 1e-6),
        ("a.wav", "FLOAT", "pcm_f32", 32, 1e-7),
        ("a.aiff", "PCM_24", "pcm_s24", 24, 1e-6),
        ("a.flac", "PCM_24", "flac", 24, 1e-6),
        ("a.ogg", "VORBIS", "vorbis", None, 0.2),
        ("a.mp3", "MPEG_LAYER_III", "mp3", None, None),
    ],
)
def test_every_accepted_format_is_read(
    tmp_path: Path, name: str, subtype: str, codec: str, bits: int | None, tolerance: float | None
) -> None:
    """Codec and bits are told, and the samples come back."""
    signal = both(sine(440.0, 1.5, RATE_HZ, peak=0.5))
    decoder, frames = read(write(tmp_path, name, signal, RATE_HZ, subtype=subtype))
    assert (decoder.codec, decoder.bit_depth, decoder.channels) == (codec, bits, 2)
    if tolerance is not None:
        assert frames.shape == signal.shape
        assert np.abs(frames - signal).max() < tolerance


def test_samples_over_full_scale_are_kept(tmp_path: Path) -> None:
    """A float file is never clipped on its way in."""
    _, frames = read(write(tmp_path, "hot.wav", both(sine(440.0, 1.0, RATE_HZ, peak=1.8)), RATE_HZ))
    assert frames.max() == pytest.approx(1.8, abs=1e-3)


def test_a_descriptor_is_read_from_its_start_and_stays_open(tmp_path: Path) -> None:
    """The caller's descriptor may stand anywhere and belongs to the caller."""
    path = write(tmp_path, "a.wav", both(sine(440.0, 1.0, RATE_HZ)), RATE_HZ)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.lseek(descriptor, 100, os.SEEK_SET)
        with open_audio(descriptor, name="a.wav", limits=Limits()) as decoder:
            assert sum(len(block) for block in decoder.blocks()) == RATE_HZ
        assert os.fstat(descriptor).st_size == path.stat().st_size
    finally:
        os.close(descriptor)


def test_sha256_is_of_the_bytes(tmp_path: Path) -> None:
    """The digest is that of the file, whatever the decoder has read."""
    path = tmp_path / "a.wav"
    path.write_bytes(wav_bytes(np.zeros(10), 8000))
    with open_audio(path, name="a.wav", limits=Limits()) as decoder:
        import hashlib

        assert decoder.sha256() == hashlib.sha256(path.read_bytes()).hexdigest()


def test_empty_and_foreign_files_are_refused(tmp_path: Path) -> None:
    """Nothing, text, a playlist named .wav, an archive and a Live set are refused by content."""
    path = tmp_path / "a.wav"
    for content, code in [
        (b"", RefusalCode.EMPTY),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", RefusalCode.NOT_SUPPORTED),
        (b"PK\x03\x04" + bytes(100), RefusalCode.NOT_SUPPORTED),
        (b"\x1f\x8b\x08" + bytes(100), RefusalCode.NOT_SUPPORTED),
        (os.urandom(0) + bytes(range(200, 256)), RefusalCode.NOT_SUPPORTED),
    ]:
        path.write_bytes(content)
        assert refusal(path) is code


def test_a_wrong_extension_is_refused(tmp_path: Path) -> None:
    """FLAC named .wav is not what it says."""
    path = write(tmp_path, "a.flac", both(sine(440.0, 0.5, RATE_HZ)), RATE_HZ, subtype="PCM_16")
    assert refusal(path, name="a.wav") is RefusalCode.NOT_THIS_FORMAT


def test_a_truncated_header_is_unreadable(tmp_path: Path) -> None:
    """A header that stops in the middle cannot be read."""
    path = tmp_path / "a.wav"
    path.write_bytes(wav_bytes(np.zeros(100), RATE_HZ)[:30])
    assert refusal(path) is RefusalCode.UNREADABLE


def test_a_header_without_audio_is_refused(tmp_path: Path) -> None:
    """A bounce of nothing is told as such."""
    path = tmp_path / "a.wav"
    path.write_bytes(wav_bytes(np.zeros(0), RATE_HZ))
    assert refusal(path) is RefusalCode.NO_AUDIO


def test_shape_is_limited(tmp_path: Path) -> None:
    """16 channels, 4 kHz and 384 kHz are refused, each for its own reason."""
    for channels, rate_hz, code in [
        (16, 44_100, RefusalCode.TOO_MANY_CHANNELS),
        (1, 4_000, RefusalCode.SAMPLE_RATE_TOO_LOW),
        (1, 384_000, RefusalCode.SAMPLE_RATE_TOO_HIGH),
    ]:
        path = write(tmp_path, "a.wav", np.zeros((rate_hz // 10, channels)), rate_hz)
        assert refusal(path) is code


@pytest.mark.parametrize("poison", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers_are_refused(tmp_path: Path, poison: float) -> None:
    """NaN and infinity are refused wherever they stand."""
    signal = both(sine(440.0, 2.0, RATE_HZ))
    signal[70_001, 1] = poison
    assert refusal(write(tmp_path, "a.wav", signal, RATE_HZ)) is RefusalCode.NOT_FINITE


def test_samples_beyond_all_scale_are_refused(tmp_path: Path) -> None:
    """One sample over 60 dB is enough; a bounce that is only very hot is taken."""
    signal = both(sine(440.0, 2.0, RATE_HZ)) * 900.0
    assert read(write(tmp_path, "a.wav", signal, RATE_HZ))[0].frames_read == len(signal)
    for spoilt in (-1001.0, 3e38):
        signal[70_001, 1] = spoilt
        assert refusal(write(tmp_path, "a.wav", signal, RATE_HZ)) is RefusalCode.BEYOND_SCALE


def test_a_file_over_the_limit_is_refused(tmp_path: Path) -> None:
    """The duration that was read counts; at the limit itself a file is taken."""
    path = write(tmp_path, "a.wav", noise(2.0, 8000), 8000)
    assert refusal(path, limits=Limits(duration_s=1.9)) is RefusalCode.TOO_LONG
    decoder, _ = read(path, limits=Limits(duration_s=2.0))
    assert decoder.duration_s == 2.0


def test_hours_of_silence_in_a_small_file_are_refused_quickly(tmp_path: Path) -> None:
    """A FLAC that unfolds to 20 hours is given up once the limit is passed."""
    path = tmp_path / "long.flac"
    with soundfile.SoundFile(path, "w", 8000, 1, "PCM_16", format="FLAC") as file:
        silence = np.zeros(8000 * 600, dtype=np.int16)
        for _ in range(120):
            file.write(silence)
    started = time.perf_counter()
    assert refusal(path) is RefusalCode.TOO_LONG
    assert time.perf_counter() - started < 2.0


def test_a_header_that_claims_too_much_is_measured_with_a_remark(tmp_path: Path) -> None:
    """A WAV that claims 4 GB is what is there, and says so."""
    content = bytearray(wav_bytes(both(sine(440.0, 1.0, RATE_HZ)), RATE_HZ))
    content[4:8] = struct.pack("<I", 0xFFFFFFF0)
    data = content.index(b"data")
    content[data + 4 : data + 8] = struct.pack("<I", 0xFFFFFF00)
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    decoder, frames = read(path)
    assert len(frames) == RATE_HZ
    assert [code for code, _ in decoder.remarks] == ["shorter_than_claimed"]


def test_a_large_wav_of_the_broadcasters_kind_is_read(tmp_path: Path) -> None:
    """RF64 keeps its sizes elsewhere and claims nothing wrong."""
    path = tmp_path / "a.wav"
    soundfile.write(path, both(sine(440.0, 1.0, RATE_HZ)), RATE_HZ, format="RF64", subtype="PCM_24")
    decoder, frames = read(path)
    assert len(frames) == RATE_HZ
    assert decoder.remarks == []


def test_a_cut_flac_is_measured_as_far_as_it_goes(tmp_path: Path) -> None:
    """What can be decoded is measured, with a remark on what is missing."""
    path = write(tmp_path, "a.flac", noise(3.0, RATE_HZ), RATE_HZ, subtype="PCM_16")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    decoder, frames = read(path)
    assert 0.5 < len(frames) / RATE_HZ < 2.5
    assert len(decoder.remarks) == 1
