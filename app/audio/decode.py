"""The gate and the decoder: a stranger's file becomes blocks of float32, or a refusal.

Nothing is allocated from what a header claims: every buffer has a fixed size, the number of
frames that were read is the truth, and every limit is checked against it while reading.
"""

from __future__ import annotations

import hashlib
import os
import struct
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from app.audio.errors import AudioRefused, Limits, RefusalCode
from app.audio.formats import (
    FORMATS,
    HEAD_BYTES,
    Format,
    format_of_name,
    recognise_unsupported,
    sniff,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import numpy.typing as npt

    Block = npt.NDArray[np.float32]

BLOCK_FRAMES = 65_536
HIGHEST_SAMPLE = 1000.0
"""60 dB over full scale; an encoder given 100 dB brings its process down."""

_HASH_BYTES = 1 << 20
_ACCEPTED = "Drop a WAV, MP3, FLAC, AIFF or OGG file."

_CONTAINERS: Mapping[Format, frozenset[str]] = MappingProxyType(
    {
        Format.WAV: frozenset({"WAV", "WAVEX", "RF64"}),
        Format.MP3: frozenset({"MP3"}),
        Format.FLAC: frozenset({"FLAC"}),
        Format.AIFF: frozenset({"AIFF"}),
        Format.OGG: frozenset({"OGG"}),
    }
)
"""What libsndfile must call the container that the first bytes announced."""

_CODECS: Mapping[str, tuple[str, int | None]] = MappingProxyType(
    {
        "PCM_S8": ("pcm_s8", 8),
        "PCM_U8": ("pcm_u8", 8),
        "PCM_16": ("pcm_s16", 16),
        "PCM_24": ("pcm_s24", 24),
        "PCM_32": ("pcm_s32", 32),
        "FLOAT": ("pcm_f32", 32),
        "DOUBLE": ("pcm_f64", 64),
        "MPEG_LAYER_III": ("mp3", None),
        "VORBIS": ("vorbis", None),
        "OPUS": ("opus", None),
    }
)
"""libsndfile's subtypes that are accepted: our name and the bits of a sample."""


class _SequentialFile(soundfile.SoundFile):  # type: ignore[misc]  # it ships no types
    """A file that is read from front to back and never sought.

    The library asks for the position and seeks after each block otherwise, which costs time in
    MP3 and Vorbis, and it would cut the last block to what the header claims.
    """

    def seekable(self) -> bool:
        return False


@dataclass(slots=True)
class Decoder:
    """An open file that passed the gate.

    Attributes
    ----------
    claimed_frames
        What the header says; for progress only.
    frames_read
        How many frames came out so far: the truth when `blocks` has ended.
    remarks
        Pairs of a code and a sentence about what was odd in the file.
    """

    descriptor: int
    name: str
    kind: Format
    codec: str
    bit_depth: int | None
    sample_rate_hz: int
    channels: int
    claimed_frames: int
    limits: Limits
    frames_read: int = 0
    remarks: list[tuple[str, str]] = field(default_factory=list)

    @property
    def limit_frames(self) -> int:
        """How many frames the allowed duration has at this rate."""
        return round(self.limits.duration_s * self.sample_rate_hz)

    @property
    def duration_s(self) -> float:
        """Duration of what was read so far."""
        return self.frames_read / self.sample_rate_hz

    def sha256(self) -> str:
        """SHA-256 of the file's bytes, read past the decoder's own position."""
        digest = hashlib.sha256()
        position = 0
        while chunk := os.pread(self.descriptor, _HASH_BYTES, position):
            digest.update(chunk)
            position += len(chunk)
        return digest.hexdigest()

    def blocks(self) -> Iterator[Block]:
        """Yield the audio from the front.

        Yields
        ------
        ndarray of float32 [shape=(frames, channels)]
            At most `BLOCK_FRAMES` frames, full scale at 1.0, never clipped. The memory is
            used again for the next block.

        Raises
        ------
        AudioRefused
            Too long, not finite, beyond all scale, broken from the first frame, or without any frame.
        """
        if self.claimed_frames > self.limit_frames:
            self._prove_length()
        with _open(self.descriptor) as source:
            for block in self._read(source):
                _check_samples(block)
                yield block
        self._check_end()

    def again(self) -> Iterator[Block]:
        """Read a file that passed once more from the front, without the checks."""
        frames = self.frames_read
        try:
            with _open(self.descriptor) as source:
                self.frames_read = 0
                yield from self._read(source)
        finally:
            self.frames_read = frames

    def _prove_length(self) -> None:
        """Decode without measuring, so that an overlong file is refused before the work."""
        with _open(self.descriptor) as source:
            for _ in self._read(source):
                pass
        self.frames_read = 0
        self.remarks.clear()

    def _read(self, source: soundfile.SoundFile) -> Iterator[Block]:
        buffer = np.empty((BLOCK_FRAMES, self.channels), dtype=np.float32)
        while True:
            try:
                block = source.read(out=buffer)
            except soundfile.LibsndfileError:
                self._note_damage()
                return
            if len(block) == 0:
                return
            self.frames_read += len(block)
            if self.frames_read > self.limit_frames:
                raise AudioRefused(
                    RefusalCode.TOO_LONG,
                    f"The file is longer than {self.limits.duration_s / 60:g} minutes, "
                    "which is the most that can be measured. Bounce one track at a time.",
                )
            yield block

    def _note_damage(self) -> None:
        if self.frames_read == 0:
            raise _unreadable()
        self.remarks.append(("damaged", f"The file cannot be read beyond {self.duration_s:.1f} s; that is measured."))

    def _check_end(self) -> None:
        if self.frames_read == 0:
            raise AudioRefused(RefusalCode.NO_AUDIO, "The file has a header but no audio in it. Bounce it again.")
        claimed_s = self._claimed_duration_s()
        if claimed_s - self.duration_s > 0.1 and not self.remarks:
            reason = (
                f"The header claims {claimed_s:.1f} s, the file ends after "
                f"{self.duration_s:.1f} s; what is there was measured."
            )
            self.remarks.append(("shorter_than_claimed", reason))

    def _claimed_duration_s(self) -> float:
        """The header's own claim; an MP3 makes none that could be held against it."""
        if self.kind is Format.WAV:
            return _claimed_wav_duration_s(self.descriptor)
        if self.kind is Format.FLAC:
            return self.claimed_frames / self.sample_rate_hz
        return 0.0


def _check_samples(block: Block) -> None:
    """Refuse what is no number, or so far over full scale that it is no audio.

    No sample of a block is larger than the root of its energy, which costs one pass and no copy.
    """
    samples = block.ravel()
    with np.errstate(over="ignore"):
        if np.dot(samples, samples) <= HIGHEST_SAMPLE**2:
            return
    if not np.isfinite(samples).all():
        raise AudioRefused(
            RefusalCode.NOT_FINITE,
            "The file holds samples that are no numbers (NaN or infinity). "
            "Bounce it again; a plug-in that has failed is the usual cause.",
        )
    if max(samples.max(), -samples.min()) > HIGHEST_SAMPLE:
        raise AudioRefused(
            RefusalCode.BEYOND_SCALE,
            "The file holds samples more than 60 dB over full scale, which is no audio any more. "
            "Bounce it again; a plug-in that has failed is the usual cause.",
        )


@contextmanager
def open_audio(source: Path | int, *, name: str, limits: Limits) -> Iterator[Decoder]:
    """Open a file, or take an open descriptor, and let it through the gate.

    Parameters
    ----------
    source
        A path, or a descriptor that stays open and belongs to the caller.
    name
        The name that the person knows; its extension must agree with the content.
    limits
        What is refused as too long, too wide, too slow or too fast.

    Raises
    ------
    AudioRefused
        With the reason and the way out.
    """
    descriptor = source if isinstance(source, int) else os.open(source, os.O_RDONLY)
    try:
        yield _pass_gate(descriptor, name, limits)
    finally:
        if not isinstance(source, int):
            os.close(descriptor)


def _pass_gate(descriptor: int, name: str, limits: Limits) -> Decoder:
    kind = _announced_format(os.pread(descriptor, HEAD_BYTES, 0), name)
    try:
        with _open(descriptor) as source:
            container, subtype = source.format, source.subtype
            rate_hz, channels, frames = source.samplerate, source.channels, source.frames
    except soundfile.LibsndfileError as error:
        raise _unreadable() from error
    if container not in _CONTAINERS[kind]:
        raise AudioRefused(
            RefusalCode.NOT_THIS_FORMAT,
            f"The file begins like {FORMATS[kind].label} but holds something else. {_ACCEPTED}",
        )
    if kind is Format.FLAC:
        codec, bit_depth = "flac", _CODECS.get(subtype, ("", None))[1]
    elif subtype in _CODECS:
        codec, bit_depth = _CODECS[subtype]
    else:
        raise AudioRefused(
            RefusalCode.NOT_SUPPORTED,
            f"The sound in this {FORMATS[kind].label} file is packed in a way that is not "
            "supported. Bounce it as 24-bit PCM.",
        )
    _check_shape(rate_hz, channels, limits)
    return Decoder(descriptor, name, kind, codec, bit_depth, rate_hz, channels, max(0, frames), limits)


def _announced_format(head: bytes, name: str) -> Format:
    if not head:
        raise AudioRefused(RefusalCode.EMPTY, "The file is empty. Bounce it again.")
    kind = sniff(head)
    if kind is None:
        known = recognise_unsupported(head, name)
        if known is None:
            raise AudioRefused(RefusalCode.NOT_SUPPORTED, f"This is no audio file that can be read. {_ACCEPTED}")
        raise AudioRefused(RefusalCode.NOT_SUPPORTED, f"This is {known.label}. {known.way_out}")
    if kind is Format.LIVE_SET:
        raise AudioRefused(RefusalCode.NOT_SUPPORTED, "This is an Ableton Live set, which has no sound in it.")
    claimed = format_of_name(name)
    if claimed is not None and claimed is not kind:
        raise AudioRefused(
            RefusalCode.NOT_THIS_FORMAT,
            f"The file is named {FORMATS[claimed].label} but is {FORMATS[kind].label}. "
            f"Name it {FORMATS[kind].extensions[0]}, or bounce it again.",
        )
    return kind


def _check_shape(rate_hz: int, channels: int, limits: Limits) -> None:
    if channels > limits.channels:
        raise AudioRefused(
            RefusalCode.TOO_MANY_CHANNELS,
            f"The file has {channels} channels; {limits.channels} are the most. Bounce a stereo mix.",
        )
    if rate_hz < limits.min_rate_hz:
        raise AudioRefused(
            RefusalCode.SAMPLE_RATE_TOO_LOW,
            f"The file has {rate_hz} samples a second; {limits.min_rate_hz} are the least. "
            "Bounce it at 44.1 kHz or more.",
        )
    if rate_hz > limits.max_rate_hz:
        raise AudioRefused(
            RefusalCode.SAMPLE_RATE_TOO_HIGH,
            f"The file has {rate_hz} samples a second; {limits.max_rate_hz} are the most. Bounce it at 96 kHz or less.",
        )


def _unreadable() -> AudioRefused:
    return AudioRefused(
        RefusalCode.UNREADABLE,
        "The file is cut off or damaged and cannot be read. Bounce or export it again.",
    )


def _open(descriptor: int) -> soundfile.SoundFile:
    os.lseek(descriptor, 0, os.SEEK_SET)
    return _SequentialFile(descriptor, closefd=False)


def _claimed_wav_duration_s(descriptor: int) -> float:
    """Duration by the sizes in a WAV header (RIFF chunks; RF64: EBU Tech 3306), or zero."""
    position, bytes_per_s, long_data_bytes = 12, 0, 0
    for _ in range(256):
        header = os.pread(descriptor, 8, position)
        if len(header) < 8:
            return 0.0
        chunk, size = struct.unpack("<4sI", header)
        body = os.pread(descriptor, 24, position + 8)
        if chunk == b"fmt " and len(body) >= 12:
            bytes_per_s = struct.unpack_from("<I", body, 8)[0]
        elif chunk == b"ds64" and len(body) >= 16:
            long_data_bytes = struct.unpack_from("<Q", body, 8)[0]
        elif chunk == b"data":
            claimed = long_data_bytes if long_data_bytes and size == 0xFFFFFFFF else size
            return claimed / bytes_per_s if bytes_per_s else 0.0
        position += 8 + size + (size & 1)
    return 0.0
