"""Hostile Ogg files: Vorbis, Opus and others (RFC 3533, RFC 7845, Vorbis I)."""

from __future__ import annotations

import struct
from functools import cache

from tests.making.audio import ENCODINGS, encoded
from tests.prove.bombs.common import Bombs, cut, polyglots
from tests.prove.ogg import HEADER_BYTES, page, pages, with_checksums

FULL = 0xFFFFFFFF
FIRST, LAST, CONTINUED = 2, 4, 1
GRANULES = (0, 1, 2**40, 2**62, 2**63 - 1, -1, -(2**63))
SERIAL = 7
IDENT, COMMENT = HEADER_BYTES + 1, b"\x03vorbis"


@cache
def _real(name: str) -> bytes:
    return encoded(next(encoding for encoding in ENCODINGS if encoding.name == name), 0.3)


def vorbis_head(channels: int = 2, rate_hz: int = 44_100, *, blocks: int = 0xB8, framing: int = 1) -> bytes:
    """Return the first packet of a Vorbis stream."""
    return b"\x01vorbis" + struct.pack("<IBIiiiBB", 0, channels, rate_hz & FULL, 0, 0, 0, blocks, framing)


def opus_head(  # the fields in the order of the packet
    channels: int = 2, skip: int = 312, rate_hz: int = 48_000, gain: int = 0, family: int = 0, version: int = 1
) -> bytes:
    """Return the first packet of an Opus stream."""
    return b"OpusHead" + struct.pack("<BBHIhB", version, channels, skip, rate_hz & FULL, gain, family)


def bombs() -> dict[str, tuple[str, bytes]]:
    """Return all of them."""
    vorbis, opus = _real("vorbis.ogg"), _real("opus.opus")
    found = {**_vorbis(vorbis), **_opus(opus), **_comments(vorbis), **_pages(vorbis), **_chains(vorbis, opus)}
    found |= cut(vorbis, (1, 4, 26, 27, 28, 35, 58, 59, 100, 4_000, len(vorbis) - 1)) | polyglots(vorbis)
    found |= {f"opus {label}": content for label, content in cut(opus, (28, 36, 47, 48, 100, len(opus) - 1)).items()}
    return {label: ("bomb.ogg", content) for label, content in found.items()}


def _with_first(real: bytes, packet: bytes) -> bytes:
    """Put another first packet before a stream's other pages."""
    first, *others = pages(real)
    serial = struct.unpack_from("<I", first, 14)[0]
    return page(packet, serial=serial, number=0, kind=FIRST) + b"".join(others)


def _vorbis(real: bytes) -> Bombs:
    channels = {f"{n} channels": _with_first(real, vorbis_head(channels=n)) for n in (0, 1, 9, 255)}
    rates = {f"rate {n}": _with_first(real, vorbis_head(rate_hz=n)) for n in (0, 1, 7_999, 192_001, 2**31, FULL)}
    blocks = {f"blocks {n:02x}": _with_first(real, vorbis_head(blocks=n)) for n in (0, 0x11, 0x8B, 0xFF)}
    return channels | rates | blocks | {
        "no framing bit": _with_first(real, vorbis_head(framing=0)),
        "a head of 7 bytes": _with_first(real, b"\x01vorbis"),
        "a head of 60,000 bytes": _with_first(real, vorbis_head() + bytes(60_000)),
    }  # fmt: skip


def _opus(real: bytes) -> Bombs:
    channels = {f"opus, {n} channels": _with_first(real, opus_head(channels=n)) for n in (0, 1, 3, 9, 255)}
    skips = {f"opus skips {n}": _with_first(real, opus_head(skip=n)) for n in (0, 65_535)}
    rates = {f"opus rate {n}": _with_first(real, opus_head(rate_hz=n)) for n in (0, 1, FULL)}
    gains = {f"opus gain {n}": _with_first(real, opus_head(gain=n)) for n in (-32_768, 32_767)}
    families = {f"opus family {n}": _with_first(real, opus_head(family=n)) for n in (1, 2, 255)}
    versions = {f"opus version {n}": _with_first(real, opus_head(version=n)) for n in (0, 15, 16, 255)}
    return channels | skips | rates | gains | families | versions


def _comments(real: bytes) -> Bombs:
    def with_comment(body: bytes) -> bytes:
        first, *others = pages(real)
        serial = struct.unpack_from("<I", first, 14)[0]
        return first + page((COMMENT + body)[:60_000], serial=serial, number=1) + b"".join(others)

    return {
        "vendor of 2^32": with_comment(struct.pack("<I", FULL)),
        "2^32 comments": with_comment(struct.pack("<II", 0, FULL)),
        "a comment of 2^32": with_comment(struct.pack("<III", 0, 1, FULL)),
        "6,000 comments": with_comment(struct.pack("<II", 0, 6_000) + (struct.pack("<I", 3) + b"A=B") * 6_000),
        "no setup": page(vorbis_head(), serial=SERIAL, number=0, kind=FIRST)
        + page(COMMENT + bytes(9), serial=SERIAL, number=1),
    }


def _pages(real: bytes) -> Bombs:
    found = {}
    first, *others = pages(real)
    for granule in GRANULES:
        spoiled = [bytearray(each) for each in others]
        struct.pack_into("<q", spoiled[-1], 6, granule)
        found[f"ends at {granule}"] = with_checksums(first + b"".join(map(bytes, spoiled)))
    empty = page(b"", serial=SERIAL, number=1)
    endless = page(bytes(60_000), serial=SERIAL, number=1, kind=CONTINUED)
    return found | {
        "no last page": first + b"".join(others[:-1]),
        "no first page": b"".join(others),
        "first page twice": first + first + b"".join(others),
        "pages backwards": first + b"".join(reversed(others)),
        "a page left out": first + b"".join(others[1:]),
        "50,000 empty pages": first + empty * 50_000 + b"".join(others),
        "50,000 empty pages behind": real + empty * 50_000,
        "a packet without end": first + endless * 80,
        "wrong checksums": first + b"".join(each[:22] + b"\x00\x00\x00\x00" + each[26:] for each in others),
        "version 1": with_checksums(first[:4] + b"\x01" + first[5:] + b"".join(others)),
        "255 empty segments": with_checksums(first + b"OggS" + bytes(22) + b"\xff" + bytes(255)) + b"".join(others),
    }  # fmt: skip


def _chains(vorbis: bytes, opus: bytes) -> Bombs:
    def stream(packet: bytes) -> bytes:
        return page(packet, serial=SERIAL, number=0, kind=FIRST) + page(bytes(200), serial=SERIAL, number=1, kind=LAST)

    other = {
        f"holds {label}": stream(packet)
        for label, packet in {
            "FLAC": b"\x7fFLAC\x01\x00\x00\x01fLaC" + bytes(38),
            "Speex": b"Speex   1.2" + bytes(70),
            "Theora": b"\x80theora\x03\x02\x01" + bytes(40),
            "a skeleton": b"fishead\x00" + bytes(72),
            "nothing": b"",
        }.items()
    }
    return other | {
        "a chain of 200": vorbis * 200,
        "a chain of two codecs": vorbis + opus,
        "a chain of other channels": vorbis + _with_first(vorbis, vorbis_head(channels=1)),
        "a chain of other rates": vorbis + _with_first(vorbis, vorbis_head(rate_hz=8_000)),
        "an opus chain of 200": opus * 200,
        "side by side": pages(vorbis)[0] + pages(opus)[0] + b"".join(pages(vorbis)[1:]) + b"".join(pages(opus)[1:]),
    }  # fmt: skip
