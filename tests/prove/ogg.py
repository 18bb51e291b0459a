"""Ogg pages (RFC 3533): taken apart, put together, with the right checksum."""

from __future__ import annotations

import struct
from functools import cache

HEADER_BYTES = 27
POLYNOMIAL = 0x04C11DB7
FULL_SEGMENT = 255


@cache
def _table() -> tuple[int, ...]:
    table = []
    for number in range(256):
        register = number << 24
        for _ in range(8):
            register = (register << 1 ^ (POLYNOMIAL if register & 0x80000000 else 0)) & 0xFFFFFFFF
        table.append(register)
    return tuple(table)


def checksum(page: bytes) -> int:
    """Return the CRC-32 of a page whose own field is zero."""
    register, table = 0, _table()
    for byte in page:
        register = (register << 8 & 0xFFFFFFFF) ^ table[register >> 24 ^ byte]
    return register


def page(payload: bytes, *, serial: int, number: int, kind: int = 0, granule: int = 0) -> bytes:
    """Return one page that holds one packet's bytes."""
    sizes = bytes([FULL_SEGMENT] * (len(payload) // FULL_SEGMENT) + [len(payload) % FULL_SEGMENT])
    head = struct.pack("<4sBBqIIIB", b"OggS", 0, kind, granule, serial, number, 0, len(sizes))
    return with_checksums(head + sizes + payload)


def pages(content: bytes) -> list[bytes]:
    """Take a stream apart, as far as its pages can be followed."""
    found, place = [], 0
    while content[place : place + 4] == b"OggS" and len(content) >= place + HEADER_BYTES:
        segments = content[place + 26]
        size = HEADER_BYTES + segments + sum(content[place + HEADER_BYTES : place + HEADER_BYTES + segments])
        found.append(content[place : place + size])
        place += size
    return found


def with_checksums(content: bytes) -> bytes:
    """Return a stream whose pages all have the right checksum."""
    fixed, place = bytearray(content), 0
    while (place := content.find(b"OggS", place)) >= 0 and len(content) >= place + HEADER_BYTES:
        segments = content[place + 26]
        size = HEADER_BYTES + segments + sum(content[place + HEADER_BYTES : place + HEADER_BYTES + segments])
        fixed[place + 22 : place + 26] = bytes(4)
        struct.pack_into("<I", fixed, place + 22, checksum(bytes(fixed[place : place + size])))
        place += max(size, HEADER_BYTES)
    return bytes(fixed)
