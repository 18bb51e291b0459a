"""Hostile WAV and RF64 files (RIFF; EBU Tech 3306)."""

from __future__ import annotations

import struct

from tests.prove.bombs.common import FLOATS, Bombs, cut, polyglots

MANY = 50_000
FULL = 0xFFFFFFFF
PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
OTHER_CODECS = (0, 2, 6, 7, 0x11, 0x31, 0x40, 0x50, 0x55, 0x161, 0x674F, 0xF1AC, 0xFFFF)
SOUND = struct.pack("<hh", 1000, -1000) * 2_000


def chunk(name: bytes, body: bytes = b"", *, claimed: int | None = None) -> bytes:
    """Return a chunk, padded to an even length."""
    return name + struct.pack("<I", len(body) if claimed is None else claimed) + body + b"\x00" * (len(body) % 2)


def fmt(  # the fields in the order of the file
    tag: int = PCM, channels: int = 2, rate_hz: int = 44_100, bits: int = 16, *, align: int | None = None,
    bytes_per_s: int | None = None, extra: bytes = b"",
) -> bytes:  # fmt: skip
    """Return a format chunk."""
    aligned = channels * bits // 8 if align is None else align
    flow = rate_hz * aligned if bytes_per_s is None else bytes_per_s
    return chunk(
        b"fmt ",
        struct.pack("<HHIIHH", tag, channels & 0xFFFF, rate_hz & FULL, flow & FULL, aligned & 0xFFFF, bits) + extra,
    )


def wave(*chunks: bytes, magic: bytes = b"RIFF", form: bytes = b"WAVE", size: int | None = None) -> bytes:
    """Return a file."""
    body = form + b"".join(chunks)
    return magic + struct.pack("<I", len(body) if size is None else size) + body


DATA = chunk(b"data", SOUND)
WHOLE = wave(fmt(), DATA)


def bombs() -> dict[str, tuple[str, bytes]]:
    """Return all of them."""
    found = {**_shapes(), **_codecs(), **_orders(), **_chunks(), **_rf64(), **_values()}
    found |= cut(WHOLE, (1, 4, 8, 11, 12, 16, 20, 24, 28, 34, 36, 40, 44, 45, 47)) | polyglots(WHOLE)
    return {label: ("bomb.wav", content) for label, content in found.items()}


def _shapes() -> Bombs:
    channels = {f"{n} channels": wave(fmt(channels=n), DATA) for n in (0, 9, 16, 255, 1024, 1025, 32_768, 65_535)}
    rates = {f"rate {n}": wave(fmt(rate_hz=n), DATA) for n in (0, 1, 7_999, 192_001, 2**31 - 1, 2**31, FULL)}
    bits = {f"{n} bits": wave(fmt(bits=n), DATA) for n in (0, 1, 7, 9, 17, 20, 33, 48, 64, 255, 65_535)}
    aligns = {f"align {n}": wave(fmt(align=n), DATA) for n in (0, 1, 3, 65_535)}
    flows = {f"{n} bytes a second": wave(fmt(bytes_per_s=n), DATA) for n in (0, 1, FULL)}
    return channels | rates | bits | aligns | flows


def _codecs() -> Bombs:
    plain = {f"codec {tag}": wave(fmt(tag), DATA) for tag in OTHER_CODECS}
    guid = struct.pack("<HHI", 22, 16, 3)
    extended = {
        f"extensible {kind[:2].hex()}": wave(fmt(EXTENSIBLE, extra=guid + kind), DATA)
        for kind in (bytes(16), b"\xff" * 16, struct.pack("<H", 2) + bytes(14))
    }
    return plain | extended | {"extensible without its part": wave(fmt(EXTENSIBLE), DATA)}


def _orders() -> Bombs:
    sizes = (0, 1, 2**31 - 1, 2**31, FULL - 1, FULL)
    claims = {f"data claims {n}": wave(fmt(), chunk(b"data", SOUND, claimed=n)) for n in sizes}
    wholes = {f"RIFF claims {n}": wave(fmt(), DATA, size=n) for n in (0, 4, FULL)}
    fmts = {f"fmt claims {n}": wave(fmt()[:4] + struct.pack("<I", n) + fmt()[8:], DATA) for n in (0, 14, 15, FULL)}
    return claims | wholes | fmts | {
        "no fmt": wave(DATA),
        "no data": wave(fmt()),
        "nothing": wave(),
        "fmt behind data": wave(DATA, fmt()),
        "two fmt": wave(fmt(), fmt(channels=1, bits=8), DATA),
        "two data": wave(fmt(), DATA, DATA),
        "fmt inside data": wave(fmt(), chunk(b"data", fmt() + SOUND)),
        "a WAV inside": wave(fmt(), chunk(b"data", WHOLE)),
    }  # fmt: skip


def _chunks() -> Bombs:
    huge = {
        f"{name.decode()} claims {n}": wave(fmt(), chunk(name, bytes(64), claimed=n), DATA)
        for name in (b"LIST", b"cue ", b"smpl", b"bext", b"fact", b"PEAK", b"id3 ", b"iXML")
        for n in (FULL, 2**31)
    }
    nested = b""
    for _ in range(2_000):
        nested = chunk(b"LIST", b"INFO" + nested)
    return huge | {
        "50,000 empty chunks": wave(fmt(), chunk(b"junk") * MANY, DATA),
        "50,000 chunks behind": wave(fmt(), DATA, chunk(b"junk") * MANY),
        "50,000 fmt": wave(fmt() * MANY, DATA),
        "2,000 lists in lists": wave(fmt(), nested, DATA),
        "2^32 cue points": wave(fmt(), chunk(b"cue ", struct.pack("<I", FULL) + bytes(24)), DATA),
        "2^32 loops": wave(fmt(), chunk(b"smpl", bytes(28) + struct.pack("<II", FULL, FULL)), DATA),
        "8 MB of a tag": wave(fmt(), chunk(b"id3 ", b"ID3" + bytes(8 << 20)), DATA),
    }  # fmt: skip


def _rf64() -> Bombs:
    claimed = chunk(b"data", SOUND, claimed=FULL)

    def with_ds64(riff: int, data: int, frames: int, table: int = 0) -> bytes:
        sizes = chunk(b"ds64", struct.pack("<QQQI", riff, data, frames, table))
        return wave(sizes, fmt(), claimed, magic=b"RF64", size=FULL)

    numbers = (0, 1, 2**31, 2**32, 2**40, 2**62, 2**63, 2**64 - 1)
    return {
        **{f"RF64 claims {n}": with_ds64(n, n, n) for n in numbers},
        "RF64 with a table of 2^32": with_ds64(0, 0, 0, FULL),
        "RF64 without ds64": wave(fmt(), claimed, magic=b"RF64", size=FULL),
        "RF64 with half a ds64": wave(chunk(b"ds64", bytes(10)), fmt(), claimed, magic=b"RF64", size=FULL),
    }


def _values() -> Bombs:
    found = {}
    for label, value in FLOATS.items():
        found[f"float {label}"] = wave(fmt(FLOAT, bits=32), chunk(b"data", struct.pack("<f", value) * 4_000))
        found[f"double {label}"] = wave(fmt(FLOAT, bits=64), chunk(b"data", struct.pack("<d", value) * 4_000))
    late = struct.pack("<f", 0.1) * 200_000 + struct.pack("<f", FLOATS["nan"])
    return found | {"nan at the end": wave(fmt(FLOAT, channels=1, bits=32), chunk(b"data", late))}
