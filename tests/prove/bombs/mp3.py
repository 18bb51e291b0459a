"""Hostile MP3 files (ISO 11172-3, 13818-3; ID3v2.3; Xing, LAME and VBRI headers)."""

from __future__ import annotations

import struct

from tests.making.audio import encode, music
from tests.prove.bombs.common import Bombs, cut, id3, id3_frame, polyglots

FULL = 0xFFFFFFFF
MPEG_1, MPEG_2, MPEG_25 = 3, 2, 0
STEREO, MONO = 0, 3
KBIT_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
KBIT_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
RATES = {MPEG_1: (44_100, 48_000, 32_000), MPEG_2: (22_050, 24_000, 16_000), MPEG_25: (11_025, 12_000, 8_000)}
SIDE_BYTES = {(MPEG_1, STEREO): 32, (MPEG_1, MONO): 17}


def frame(  # the fields in the order of the header
    version: int = MPEG_1, layer: int = 1, bit_rate: int = 1, rate: int = 0, mode: int = MONO, *, body: bytes = b""
) -> bytes:
    """Return a frame whose body is silence, or begins with what is given."""
    head = bytes([0xFF, 0xE0 | version << 3 | layer << 1 | 1, bit_rate << 4 | rate << 2, mode << 6])
    table, factor = (KBIT_1, 144) if version == MPEG_1 else (KBIT_2, 72)
    rates = RATES.get(version, RATES[MPEG_1])
    size = factor * table[min(bit_rate, 14)] * 1000 // rates[min(rate, 2)]
    return head + body[: max(0, size - 4)].ljust(max(0, size - 4), b"\x00")


def xing(name: bytes = b"Xing", *, frames: int = FULL, size: int = FULL, flags: int = 0xF) -> bytes:
    """Return a frame with a header that tells (or lies about) the whole."""
    body = bytes(SIDE_BYTES[MPEG_1, MONO]) + name + struct.pack(">III", flags, frames, size) + b"\xff" * 100
    return frame(bit_rate=9, body=body + struct.pack(">I", FULL) + b"LAME3.100" + b"\xff" * 27)


PLAIN = frame(bit_rate=5) * 60
SLOW = frame(MPEG_25, bit_rate=1, rate=2)


def bombs() -> dict[str, tuple[str, bytes]]:
    """Return all of them."""
    real = encode(music(0.3), 44_100, container="MP3", subtype="MPEG_LAYER_III")
    found = {**_headers(), **_endless(), **_lies(), **_tags(real), **_streams(real)}
    found |= cut(real, (1, 2, 3, 4, 5, 36, 40, 100, 400, len(real) // 2, len(real) - 1)) | polyglots(real)
    return {label: ("bomb.mp3", content) for label, content in found.items()}


def _headers() -> Bombs:
    layers = {f"layer code {n}": frame(layer=n, bit_rate=5) * 60 for n in (0, 2, 3)}
    versions = {f"version code {n}": frame(version=n, bit_rate=5) * 60 for n in (0, 1, 2)}
    bit_rates = {f"bit rate code {n}": (frame(bit_rate=n) + bytes(200)) * 60 for n in (0, 15)}
    rates = {f"rate code {n}": frame(bit_rate=5, rate=n) * 60 for n in (1, 2, 3)}
    modes = {f"mode {n}": frame(bit_rate=5, mode=n) * 60 for n in (0, 1, 2)}
    return layers | versions | bit_rates | rates | modes


def _endless() -> Bombs:
    return {
        "two hours of frames": SLOW * 100_000,
        "16 minutes of frames": SLOW * 13_400,
        "a million sync bytes": b"\xff" * (1 << 20),
        "sync words only": b"\xff\xfb" * (1 << 19),
        "headers only": frame(bit_rate=9)[:4] * (1 << 18),
        "noise behind each header": b"".join(
            frame(bit_rate=9, body=bytes((n * i) % 256 for i in range(400))) for n in range(1, 80)
        ),
        "ones for bodies": frame(bit_rate=9, body=b"\xff" * 500) * 80,
    }


def _lies() -> Bombs:
    numbers = (0, 1, 2**31 - 1, 2**31, FULL)
    frames = {f"Xing claims {n} frames": xing(frames=n) + PLAIN for n in numbers}
    sizes = {f"Xing claims {n} bytes": xing(size=n) + PLAIN for n in numbers}
    flags = {f"Xing with flags {n}": xing(flags=n) + PLAIN for n in (0, 1, FULL)}
    vbri = bytes(32) + b"VBRI" + struct.pack(">HHHIIHHHH", 1, 0, 0, FULL, FULL, 65_535, 65_535, 65_535, 65_535)
    return frames | sizes | flags | {
        "Info claims everything": xing(b"Info") + PLAIN,
        "Xing and nothing": xing(),
        "1,000 Xing": xing() * 1_000,
        "VBRI claims everything": frame(bit_rate=9, body=vbri) + PLAIN,
        "a Xing of an hour": xing(frames=140_000) + PLAIN,
    }  # fmt: skip


def _tags(real: bytes) -> Bombs:
    cover = id3_frame(b"APIC", b"\x00image/png\x00\x03\x00" + bytes(8 << 20))
    claims = {f"tag claims {n}": id3(bytes(64), claimed=n) + real for n in (0, 10, 1 << 20, (1 << 28) - 1)}
    versions = {f"tag version {n}": id3(bytes(64), version=n) + real for n in (0, 2, 4, 5, 255)}
    flags = {f"tag flags {n:02x}": id3(bytes(64), flags=n) + real for n in (0x10, 0x40, 0x80, 0xFF)}
    return claims | versions | flags | {
        "8 MB of cover": id3(cover) + real,
        "a cover of 2^32": id3(id3_frame(b"APIC", bytes(64), claimed=FULL)) + real,
        "50,000 frames in a tag": id3(id3_frame(b"TXXX", b"\x00a\x00b") * 50_000) + real,
        "5,000 tags": id3() * 5_000 + real,
        "a tag in a tag": id3(id3(id3(bytes(10)))) + real,
        "only a tag": id3(bytes(500)),
        "only an old tag": b"TAG" + bytes(125),
        "an APE tag of 2^32": real + b"APETAGEX" + struct.pack("<IIII", 2000, FULL, FULL, 0x80000000) + bytes(8),
        "sizes with the high bit": b"ID3\x03\x00\x00\xff\xff\xff\xff" + real,
    }  # fmt: skip


def _streams(real: bytes) -> Bombs:
    mixed = b"".join(frame(bit_rate=5, rate=n % 3, mode=(MONO, STEREO)[n % 2]) for n in range(100))
    versions = b"".join(frame((MPEG_1, MPEG_2, MPEG_25)[n % 3], bit_rate=5) for n in range(100))
    return {
        "rate and channels change": mixed,
        "versions change": versions,
        "400 times": real * 400,
        "zeros between": (real[:417] + bytes(5_000)) * 50,
        "a reservoir that is not there": frame(bit_rate=9, body=b"\xff\x80" + bytes(300)) * 60,
        "noise in the middle": real[: len(real) // 2] + bytes(range(256)) * 60 + real[len(real) // 2 :],
        "backwards": real[::-1],
    }
