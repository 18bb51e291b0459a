"""Hostile AIFF and AIFF-C files (Apple, AIFF 1.3 and AIFF-C draft)."""

from __future__ import annotations

import struct

from tests.prove.bombs.common import FLOATS, Bombs, cut, id3, polyglots

MANY = 50_000
FULL = 0xFFFFFFFF
SOUND = struct.pack(">hh", 1000, -1000) * 2_000
FRAMES = 2_000
CODECS = (
    *(b"sowt", b"fl32", b"FL32", b"fl64", b"ulaw", b"alaw", b"ima4", b"GSM ", b"DWVW", b"QDMC", b"MAC3", b"MAC6"),
    *(b"raw ", b"in24", b"in32", b"ADP4", b"twos", b"xxxx", b"\x00\x00\x00\x00"),
)
RATES = {
    "0": bytes(10),
    "not a number": b"\x7f\xff\xff\xff\xff\xff\xff\xff\xff\xff",
    "infinite": b"\x7f\xff\x80\x00\x00\x00\x00\x00\x00\x00",
    "negative": b"\xc0\x0e\xac\x44\x00\x00\x00\x00\x00\x00",
    "denormal": b"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01",
    "2^62": b"\x40\x3d\x80\x00\x00\x00\x00\x00\x00\x00",
    "2^31": b"\x40\x1e\x80\x00\x00\x00\x00\x00\x00\x00",
    "1": b"\x3f\xff\x80\x00\x00\x00\x00\x00\x00\x00",
    "without its leading bit": b"\x40\x0e\x2c\x44\x00\x00\x00\x00\x00\x00",
    "384,000": b"\x40\x11\xbb\x80\x00\x00\x00\x00\x00\x00",
}
RATE_44100 = b"\x40\x0e\xac\x44\x00\x00\x00\x00\x00\x00"


def chunk(name: bytes, body: bytes = b"", *, claimed: int | None = None) -> bytes:
    """Return a chunk, padded to an even length."""
    return name + struct.pack(">I", len(body) if claimed is None else claimed) + body + b"\x00" * (len(body) % 2)


def comm(
    channels: int = 2, frames: int = FRAMES, bits: int = 16, rate: bytes = RATE_44100, *, extra: bytes = b""
) -> bytes:
    """Return the chunk that tells the sound's shape."""
    return chunk(b"COMM", struct.pack(">HIH", channels, frames, bits) + rate + extra)


def ssnd(sound: bytes = SOUND, *, offset: int = 0, block: int = 0, claimed: int | None = None) -> bytes:
    """Return the chunk of the sound."""
    return chunk(b"SSND", struct.pack(">II", offset, block) + sound, claimed=claimed)


def form(*chunks: bytes, kind: bytes = b"AIFF", size: int | None = None) -> bytes:
    """Return a file."""
    body = kind + b"".join(chunks)
    return b"FORM" + struct.pack(">I", len(body) if size is None else size) + body


def aifc(codec: bytes, sound: bytes = SOUND, bits: int = 16, frames: int = FRAMES) -> bytes:
    """Return an AIFF-C file of some compression."""
    version = chunk(b"FVER", struct.pack(">I", 0xA2805140))
    return form(version, comm(bits=bits, frames=frames, extra=codec + b"\x00\x00"), ssnd(sound), kind=b"AIFC")


WHOLE = form(comm(), ssnd())


def bombs() -> dict[str, tuple[str, bytes]]:
    """Return all of them."""
    found = {**_shapes(), **_codecs(), **_orders(), **_chunks(), **_values()}
    found |= cut(WHOLE, (1, 4, 8, 11, 12, 16, 20, 22, 26, 28, 38, 42, 46, 50, 54, 55)) | polyglots(WHOLE)
    return {label: ("bomb.aiff", content) for label, content in found.items()}


def _shapes() -> Bombs:
    channels = {f"{n} channels": form(comm(channels=n), ssnd()) for n in (0, 9, 255, 1024, 1025, 32_768, 65_535)}
    frames = {f"{n} frames": form(comm(frames=n), ssnd()) for n in (0, 1, 2**31 - 1, 2**31, FULL)}
    bits = {f"{n} bits": form(comm(bits=n), ssnd()) for n in (0, 1, 7, 9, 17, 33, 64, 255, 65_535)}
    rates = {f"rate {label}": form(comm(rate=rate), ssnd()) for label, rate in RATES.items()}
    return channels | frames | bits | rates


def _codecs() -> Bombs:
    plain = {f"codec {codec!r}": aifc(codec) for codec in CODECS}
    boasting = {f"codec {codec!r} of 2^32 frames": aifc(codec, frames=FULL) for codec in (b"ima4", b"GSM ", b"DWVW")}
    return plain | boasting | {"AIFC without a codec": form(comm(), ssnd(), kind=b"AIFC")}


def _orders() -> Bombs:
    sizes = (0, 7, 2**31 - 1, 2**31, FULL - 1, FULL)
    claims = {f"SSND claims {n}": form(comm(), ssnd(claimed=n)) for n in sizes}
    wholes = {f"FORM claims {n}": form(comm(), ssnd(), size=n) for n in (0, 4, FULL)}
    offsets = {f"offset {n}": form(comm(), ssnd(offset=n)) for n in (1, 7_999, 2**31, FULL)}
    blocks = {f"block {n}": form(comm(), ssnd(block=n)) for n in (1, 2**31, FULL)}
    return claims | wholes | offsets | blocks | {
        "no COMM": form(ssnd()),
        "no SSND": form(comm()),
        "nothing": form(),
        "SSND before COMM": form(ssnd(), comm()),
        "two COMM": form(comm(), comm(channels=1, bits=8), ssnd()),
        "two SSND": form(comm(), ssnd(), ssnd()),
        "short COMM": form(chunk(b"COMM", bytes(6)), ssnd()),
        "an AIFF inside": form(comm(), ssnd(WHOLE)),
    }  # fmt: skip


def _chunks() -> Bombs:
    huge = {
        f"{name.decode()} claims {n}": form(comm(), chunk(name, bytes(64), claimed=n), ssnd())
        for name in (b"MARK", b"INST", b"COMT", b"NAME", b"APPL", b"ID3 ", b"PEAK")
        for n in (FULL, 2**31)
    }
    return huge | {
        "50,000 empty chunks": form(comm(), chunk(b"junk") * MANY, ssnd()),
        "50,000 chunks behind": form(comm(), ssnd(), chunk(b"junk") * MANY),
        "50,000 COMM": form(comm() * MANY, ssnd()),
        "65,535 marks": form(comm(), chunk(b"MARK", struct.pack(">H", 65_535) + bytes(32)), ssnd()),
        "8 MB of a tag": form(comm(), chunk(b"ID3 ", id3(bytes(8 << 20))), ssnd()),
    }  # fmt: skip


def _values() -> Bombs:
    found = {}
    for label, value in FLOATS.items():
        found[f"float {label}"] = aifc(b"fl32", struct.pack(">f", value) * 4_000, bits=32)
        found[f"double {label}"] = aifc(b"fl64", struct.pack(">d", value) * 4_000, bits=64)
    return found
