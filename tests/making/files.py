"""Files that must be refused, or measured in spite of what they claim."""

from __future__ import annotations

import gzip
import struct
from functools import cache

import numpy as np

from tests.making.audio import RATE_HZ, encode, music, wav
from tests.making.sets import small_set

FFCONCAT = b"ffconcat version 1.0\nfile other.wav\n"
TEXT = b"This is a shopping list, not a mix.\n" * 40
M4A = b"\x00\x00\x00\x20ftypM4A \x00\x00\x00\x00M4A mp42isom\x00\x00\x00\x00" + bytes(8192)
SILENCE_HOURS = 20


@cache
def truncated_wav() -> bytes:
    """Return a WAV that ends inside its header."""
    return wav()[:30]


@cache
def long_silence_flac() -> bytes:
    """Return a FLAC of some 100 kB that unfolds to many hours of silence (RFC 9639, constant subframes)."""
    samples, block = SILENCE_HOURS * 3600 * 8000, 65_535
    shape = 8000 << 44 | 0 << 41 | 15 << 36 | samples
    head = b"fLaC\x80\x00\x00\x22" + struct.pack(">HH", block, block) + bytes(6) + struct.pack(">Q", shape) + bytes(16)
    frames = []
    for number in range(samples // block):
        header = b"\xff\xf8\x74\x08" + chr(number).encode("utf-8", "surrogatepass") + struct.pack(">H", block - 1)
        frame = header + bytes([_crc(header, 8, 0x07)]) + bytes(3)
        frames.append(frame + struct.pack(">H", _crc(frame, 16, 0x8005)))
    return head + b"".join(frames)


@cache
def many_channels_wav(channels: int = 16) -> bytes:
    """Return a WAV with more channels than are measured."""
    return encode(np.zeros((RATE_HZ, channels), dtype=np.float32), RATE_HZ)


@cache
def low_rate_wav(rate_hz: int = 4000) -> bytes:
    """Return a WAV with fewer samples a second than are measured."""
    return encode(np.zeros((rate_hz, 2), dtype=np.float32), rate_hz)


@cache
def boastful_wav(seconds: float = 3.0) -> bytes:
    """Return a WAV whose header claims four gigabytes."""
    whole = bytearray(encode(music(seconds), RATE_HZ))
    place = whole.index(b"data") + 4
    struct.pack_into("<I", whole, place, 0xFFFFFFF0)
    struct.pack_into("<I", whole, 4, 0xFFFFFFF8)
    return bytes(whole)


def live_set() -> bytes:
    """Return a small Ableton Live set."""
    return small_set()


def no_live_set() -> bytes:
    """Return what begins as a set and is none."""
    return gzip.compress(b'<?xml version="1.0" encoding="UTF-8"?>\n<Ableton Creator="Ableton Live 11.0" />', mtime=0)


def _crc(content: bytes, bits: int, polynomial: int) -> int:
    register, top, mask = 0, 1 << (bits - 1), (1 << bits) - 1
    for byte in content:
        register ^= byte << (bits - 8)
        for _ in range(8):
            register = (register << 1 ^ polynomial if register & top else register << 1) & mask
    return register
