"""FLAC streams built by hand (RFC 9639): constant frames, so that a few bytes are hours."""

from __future__ import annotations

import struct
from functools import cache

LONGEST_BLOCK = 65_535
STREAMINFO, LAST = 0, 0x80
RATE_CODES = {8_000: 4, 44_100: 9, 48_000: 10, 96_000: 11, 192_000: 3}


@cache
def _table(bits: int, polynomial: int) -> tuple[int, ...]:
    top, mask = 1 << (bits - 1), (1 << bits) - 1
    table = []
    for number in range(256):
        register = number << (bits - 8)
        for _ in range(8):
            register = (register << 1 ^ polynomial if register & top else register << 1) & mask
        table.append(register)
    return tuple(table)


def _checksum(content: bytes, bits: int, polynomial: int) -> int:
    register, table, mask = 0, _table(bits, polynomial), (1 << bits) - 1
    for byte in content:
        register = (register << 8 & mask) ^ table[(register >> (bits - 8) ^ byte) & 0xFF]
    return register


def stream_info(*, rate_hz: int = 8_000, channels: int = 1, bits: int = 16, samples: int = 0) -> bytes:
    """Return the first metadata block's body."""
    shape = rate_hz << 44 | (channels - 1) << 41 | (bits - 1) << 36 | samples
    return struct.pack(">HH", LONGEST_BLOCK, LONGEST_BLOCK) + bytes(6) + struct.pack(">Q", shape) + bytes(16)


def block(kind: int, body: bytes, *, is_last: bool, claimed: int | None = None) -> bytes:
    """Return a metadata block, which may claim another size than it has."""
    size = len(body) if claimed is None else claimed
    return bytes([kind | (LAST if is_last else 0)]) + size.to_bytes(3, "big") + body


def frame(number: int, *, rate_hz: int = 8_000, channels: int = 1, samples: int = LONGEST_BLOCK) -> bytes:
    """Return a frame of silence, 16 bits."""
    head = bytes([0xFF, 0xF8, 0x70 | RATE_CODES[rate_hz], (channels - 1) << 4 | 0x08])
    head += chr(number).encode("utf-8", "surrogatepass") + struct.pack(">H", samples - 1)
    content = head + bytes([_checksum(head, 8, 0x07)]) + bytes(3) * channels
    return content + struct.pack(">H", _checksum(content, 16, 0x8005))


def stream(info: bytes, frames: bytes, *blocks: bytes) -> bytes:
    """Return a whole file; further metadata blocks come between."""
    return b"fLaC" + block(STREAMINFO, info, is_last=not blocks) + b"".join(blocks) + frames


def silence(hours: float, *, rate_hz: int = 8_000, channels: int = 1, claimed: int | None = None) -> bytes:
    """Return so many hours of silence."""
    count = max(1, round(hours * 3600 * rate_hz / LONGEST_BLOCK))
    samples = count * LONGEST_BLOCK if claimed is None else claimed
    frames = b"".join(frame(number, rate_hz=rate_hz, channels=channels) for number in range(count))
    return stream(stream_info(rate_hz=rate_hz, channels=channels, samples=samples), frames)
