"""Spoils audio files: blindly, and along their grammar so that a spoilt one gets past the first checks."""

from __future__ import annotations

import random
import struct
from functools import cache
from typing import TYPE_CHECKING

from tests.making.audio import ENCODINGS, encode, music
from tests.prove.ogg import with_checksums

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 0.12
HEADER_BYTES = 160
NUMBERS = (0, 1, 2, 3, 7, 8, 127, 128, 255, 256, 32_767, 32_768, 65_535)
NUMBERS_32 = (65_536, 2**31 - 1, 2**31, 2**32 - 1, 2**32 - 2, 0x7FFFFFF0, 44_100, 192_000, 192_001, 7_999)
MARKS = (b"fmt ", b"data", b"ds64", b"LIST", b"fact", b"COMM", b"SSND", b"FORM", b"RIFF", b"OggS", b"vorbis", b"Opus")
MAX_BYTES = 120_000


@cache
def seeds() -> tuple[tuple[str, bytes], ...]:
    """Return a short file of each encoding, stereo and mono, with its name."""
    found = []
    for encoding in ENCODINGS:
        both = music(SECONDS, encoding.rate_hz)
        for frames in (both, both[:, :1]):
            content = encode(
                frames, encoding.rate_hz, container=encoding.container, subtype=encoding.subtype, endian=encoding.endian
            )
            found.append((encoding.name, content))
    return tuple(found)


def name_of(seed: int) -> str:
    """Return the name under which the file of this number comes."""
    name, _ = random.Random(seed).choice(seeds())  # noqa: S311 - repeatable, no secret
    return name


def spoilt(seed: int) -> bytes:
    """Return the file of this number: the same number, the same file."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, no secret
    _, content = chance.choice(seeds())
    spoiled = bytearray(content)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        chance.choice(WAYS)(spoiled, chance)
        if not spoiled:
            break
    if spoiled[:4] == b"OggS" and chance.random() < 0.8:
        return with_checksums(bytes(spoiled[:MAX_BYTES]))
    return bytes(spoiled[:MAX_BYTES])


def _place(content: bytearray, chance: random.Random, width: int = 1) -> int:
    """Choose a place, in the header more often than not."""
    most = max(1, len(content) - width)
    return chance.randrange(min(most, HEADER_BYTES)) if chance.random() < 0.6 else chance.randrange(most)


def _flip(content: bytearray, chance: random.Random) -> None:
    for _ in range(chance.randint(1, 12)):
        content[_place(content, chance)] ^= 1 << chance.randrange(8)


def _noise(content: bytearray, chance: random.Random) -> None:
    start = _place(content, chance)
    content[start : start + chance.randint(1, 64)] = chance.randbytes(chance.randint(1, 64))


def _truncate(content: bytearray, chance: random.Random) -> None:
    del content[_place(content, chance) :]


def _remove(content: bytearray, chance: random.Random) -> None:
    start = _place(content, chance)
    del content[start : start + chance.randint(1, 400)]


def _repeat(content: bytearray, chance: random.Random) -> None:
    start = _place(content, chance)
    part = content[start : start + chance.randint(1, 600)]
    content[start:start] = part * chance.choice((1, 2, 30))


def _splice(content: bytearray, chance: random.Random) -> None:
    _, other = chance.choice(seeds())
    start = chance.randrange(len(other))
    place = _place(content, chance)
    content[place : place + chance.randint(0, 2000)] = other[start : start + chance.randint(1, 4000)]


def _field(content: bytearray, chance: random.Random) -> None:
    """Put a telling number of 16, 32 or 64 bits somewhere."""
    kind = chance.choice(("<H", ">H", "<I", ">I", "<Q", ">Q"))
    width = struct.calcsize(kind)
    if len(content) <= width:
        return
    number = chance.choice(NUMBERS if width == 2 else NUMBERS + NUMBERS_32)
    struct.pack_into(kind, content, _place(content, chance, width), number)


def _chunk_size(content: bytearray, chance: random.Random) -> None:
    """Change the size or the body's start of a chunk that is there."""
    mark = chance.choice(MARKS)
    place = content.find(mark)
    if 0 <= place < len(content) - 12:
        number = chance.choice(NUMBERS + NUMBERS_32 + (len(content), len(content) * 2))
        kind = ">I" if content[:4] == b"FORM" else "<I"
        struct.pack_into(kind, content, place + chance.choice((4, 8)), number)


def _other_chunk(content: bytearray, chance: random.Random) -> None:
    """Insert a chunk before one that is there."""
    place = content.find(chance.choice(MARKS))
    if place > 0:
        size = chance.choice(NUMBERS + NUMBERS_32)
        kind = ">4sI" if content[:4] == b"FORM" else "<4sI"
        content[place:place] = struct.pack(kind, chance.choice(MARKS)[:4].ljust(4), size) + chance.randbytes(
            min(size, 64)
        )


def _header(content: bytearray, chance: random.Random) -> None:
    """Take another file's beginning."""
    _, other = chance.choice(seeds())
    size = chance.randint(4, HEADER_BYTES)
    content[:size] = other[:size]


def _non_finite(content: bytearray, chance: random.Random) -> None:
    """Put a float that is none, or hardly one, into the samples."""
    if len(content) > 256:
        value = chance.choice((float("nan"), float("inf"), float("-inf"), 1e-42, 3e38))
        place = chance.randrange(64, (len(content) - 8)) & ~3
        struct.pack_into("<f", content, place, value)


WAYS: tuple[Callable[[bytearray, random.Random], None], ...] = (
    *(_flip, _noise, _truncate, _remove, _repeat, _splice, _field, _field),
    *(_chunk_size, _chunk_size, _other_chunk, _header, _non_finite),
)
