"""AAC and Opus by ffmpeg, in processes of its own, from pipe to pipe.

No library here writes AAC, and the one that writes Opus holds its rate by what it spent before,
so that a passage alone becomes another one than in the whole file; ffmpeg's Opus varies freely,
as it does at YouTube.

Whoever measures starts nothing: it is handed the pipe into an encoder and the pipe out of a
decoder, which run elsewhere under limits (:mod:`app.kernel.programs`). What goes in is PCM that
was decoded here, never a stranger's file.

Apple Music streams AAC at about 256 kbit/s, at a rate that varies. So does this encoder: a fixed
quality, which comes to about as much on music. Of ffmpeg's tools those are off that make rare,
large overshoots (noise shaping in time) or that no service needs at this rate (intensity stereo,
noise in place of sound). Opus works at complexity 6, the highest at which it does not listen for
seconds whether it hears music or speech: a passage alone becomes what it is in the whole file.
"""

from __future__ import annotations

import os
import select
import struct
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

AAC_KBPS, OPUS_KBPS = 256, 128


@dataclass(frozen=True, slots=True)
class Encoding:
    """Arguments that encode and decode, and by how many samples what comes back is late."""

    encoder: tuple[str, ...]
    decoder: tuple[str, ...]
    delay: int


_AAC_TOOLS = ("-aac_coder", "fast", "-aac_tns", "0", "-aac_is", "0", "-aac_pns", "0")
_OPUS_TOOLS = ("-vbr", "on", "-compression_level", "6")
_OGG = ("-fflags", "+bitexact", "-f", "ogg")
"""Streams that are numbered: ffmpeg may not open what gives random numbers, and takes a quarter of a second without."""
ENCODINGS = {
    # What is written as ADTS comes back a frame late: there is no field that says so.
    "AAC": Encoding(("-c:a", "aac", "-q:a", "2.5", *_AAC_TOOLS, "-f", "adts"), ("-f", "aac"), 1024),
    "Opus": Encoding(("-c:a", "libopus", *_OPUS_TOOLS, "-b:a", f"{OPUS_KBPS}k", *_OGG), ("-f", "ogg"), 0),
}
"""By the names of the codecs, in the order in which programs and pipes are handed over."""


class Exchange(Protocol):
    """What encodes and decodes elsewhere."""

    def wake(self) -> None:
        """Load meanwhile what will be needed."""

    def __call__(self, data: bytes, most_bytes: int) -> bytearray:
        """Take a WAV file and how many bytes of float32 PCM may come back; return those, which may be written to."""


_WAV_BEGINS = b"RIFF"
_PIECE = 1 << 16
_FLOAT_FORMAT, _BYTES_A_SAMPLE = 3, 4


def commands(ffmpeg: str, codec: str) -> tuple[tuple[str, ...], ...]:
    """Return what encodes and what decodes again, from standard input to standard output."""
    encoding = ENCODINGS[codec]
    program = (ffmpeg, "-nostdin", "-loglevel", "quiet")
    one_thread = ("-threads", "1")
    return (
        (*program, "-f", "wav", "-i", "pipe:0", *one_thread, *encoding.encoder, "pipe:1"),
        (*program, *encoding.decoder, "-i", "pipe:0", *one_thread, "-f", "f32le", "pipe:1"),
    )


def wav_of(samples: memoryview, rate_hz: int, channels: int) -> bytes:
    """Put a header before interleaved float32 samples."""
    frame_bytes = channels * _BYTES_A_SAMPLE
    kind = struct.pack("<HHIIHH", _FLOAT_FORMAT, channels, rate_hz, rate_hz * frame_bytes, frame_bytes, 32)
    chunks = b"WAVEfmt " + struct.pack("<I", len(kind)) + kind + b"data" + struct.pack("<I", len(samples))
    return b"".join((_WAV_BEGINS, struct.pack("<I", len(chunks) + len(samples)), chunks, samples))


class Through:
    """An exchange over the pipes into and out of what encodes and decodes; it can be called once."""

    def __init__(self, writing: int, reading: int, within_s: float) -> None:
        self._writing, self._reading = writing, reading
        self._within_s = within_s
        self._open = {writing, reading}
        self._sent = 0

    def wake(self) -> None:
        """Send what every file begins with: at the first byte the programs load, a tenth of a second each."""
        with suppress(OSError):
            self._sent = os.write(self._writing, _WAV_BEGINS)

    def __call__(self, data: bytes, most_bytes: int) -> bytearray:
        """Write all of it while reading to the end of what comes back.

        Raises
        ------
        TimeoutError
            If that takes longer than it may.
        ValueError
            If more comes back than may.
        OSError
            If nobody reads at the other end.
        """
        try:
            return self._exchange(memoryview(data)[self._sent :], most_bytes, time.monotonic() + self._within_s)
        finally:
            self.close()

    def close(self) -> None:
        """Let go of the pipes, so that the other side ends."""
        for descriptor in tuple(self._open):
            self._close(descriptor)

    def _close(self, descriptor: int) -> None:
        self._open.discard(descriptor)
        os.close(descriptor)

    def _exchange(self, left: memoryview, most_bytes: int, deadline_s: float) -> bytearray:
        received = bytearray()
        waiting = select.poll()
        waiting.register(self._reading, select.POLLIN)
        waiting.register(self._writing, select.POLLOUT)
        while ready := dict(waiting.poll(max(1000 * (deadline_s - time.monotonic()), 0.0))):
            if self._writing in ready:
                # So much fits without waiting into a pipe that says that it is ready.
                left = left[os.write(self._writing, left[: select.PIPE_BUF]) :]
                if not left:
                    waiting.unregister(self._writing)
                    self._close(self._writing)
            if self._reading in ready:
                piece = os.read(self._reading, _PIECE)
                received += piece
                if len(received) > most_bytes:
                    raise ValueError("more than was sent")
                if not piece:
                    return received
        raise TimeoutError


def exchanges(ends: Iterable[tuple[int, int]], within_s: float) -> dict[str, Through]:
    """Return an exchange for each codec over the pipes into and out of its programs, in the order of `ENCODINGS`."""
    return {codec: Through(*pipes, within_s) for codec, pipes in zip(ENCODINGS, ends, strict=False)}
