"""Hostile FLAC files (RFC 9639)."""

from __future__ import annotations

import struct

from tests.making.audio import encode, music
from tests.prove import flac
from tests.prove.bombs.common import Bombs, cut, id3, polyglots

MANY = 5_000
FULL, FULL_24, FULL_36 = 0xFFFFFFFF, (1 << 24) - 1, (1 << 36) - 1
PADDING, APPLICATION, SEEK_TABLE, COMMENT, CUE_SHEET, PICTURE = range(1, 7)
SHORT = flac.frame(0, samples=4_096)
INFO = flac.stream_info(samples=4_096)


def bombs() -> dict[str, tuple[str, bytes]]:
    """Return all of them."""
    real = encode(music(0.2), 44_100, container="FLAC", subtype="PCM_16")
    found = {**_shapes(), **_silence(), **_blocks(), **_comments(), **_frames(), **_real(real)}
    found |= cut(real, (1, 4, 8, 20, 41, 42, 43, 86, 200, len(real) // 2, len(real) - 1)) | polyglots(real)
    return {label: ("bomb.flac", content) for label, content in found.items()}


def _shapes() -> Bombs:
    def with_info(**fields: int) -> bytes:
        return flac.stream(flac.stream_info(**{"samples": 4_096, **fields}), SHORT)

    rates = {f"rate {n}": with_info(rate_hz=n) for n in (0, 1, 7_999, 192_001, 655_350, (1 << 20) - 1)}
    channels = {f"{n} channels": with_info(channels=n) for n in (2, 8)}
    bits = {f"{n} bits": with_info(bits=n) for n in (1, 4, 24, 32)}
    samples = {f"{n} samples claimed": with_info(samples=n) for n in (0, 1, 2**31, 2**32, FULL_36)}
    sizes = {
        f"blocks of {low} to {high}": flac.stream(struct.pack(">HH", low, high) + INFO[4:], SHORT)
        for low, high in ((0, 0), (1, 1), (65_535, 16), (16, 16))
    }
    return rates | channels | bits | samples | sizes


def _silence() -> Bombs:
    claims = {"nothing": 0, "a sample": 1, "ten seconds": 80_000, "2^36-1 samples": FULL_36}
    return {
        "20 hours of silence": flac.silence(20),
        **{f"an hour that claims {label}": flac.silence(1, claimed=claim) for label, claim in claims.items()},
        "an hour at 192 kHz": flac.silence(1, rate_hz=192_000),
        "16 minutes in 8 channels": flac.silence(16 / 60, rate_hz=48_000, channels=8),
        "15 minutes and a block": flac.silence(15.2 / 60, claimed=0),
    }


def _blocks() -> Bombs:
    def between(*blocks: bytes) -> bytes:
        return flac.stream(INFO, SHORT, *blocks)

    picture = struct.pack(">I", FULL) * 8
    kinds = {f"block of kind {n}": between(flac.block(n, bytes(16), is_last=True)) for n in (0, 7, 126, 127)}
    claims = {
        f"block {n} claims 2^24-1": between(flac.block(n, bytes(64), is_last=True, claimed=FULL_24))
        for n in range(1, 7)
    }
    return kinds | claims | {
        "no last block": between(flac.block(PADDING, bytes(16), is_last=False)),
        "5,000 blocks": between(*[flac.block(PADDING, b"", is_last=n == MANY - 1) for n in range(MANY)]),
        "8 MB of padding": between(flac.block(PADDING, bytes(8 << 20), is_last=True)),
        "8 MB of a picture": between(flac.block(PICTURE, struct.pack(">I", 3) + bytes(8 << 20), is_last=True)),
        "a picture of 2^32": between(flac.block(PICTURE, picture, is_last=True)),
        "900,000 seek points": between(flac.block(SEEK_TABLE, bytes(FULL_24 // 18 * 18), is_last=True)),
        "seek points of 2^64": between(flac.block(SEEK_TABLE, b"\xff" * 1_800, is_last=True)),
        "255 tracks": between(flac.block(CUE_SHEET, bytes(395) + b"\xff" + bytes(64), is_last=True)),
        "a short first block": b"fLaC" + flac.block(0, bytes(10), is_last=True) + SHORT,
        "no first block": b"fLaC" + flac.block(PADDING, bytes(34), is_last=True) + SHORT,
        "only its name": b"fLaC",
    }  # fmt: skip


def _comments() -> Bombs:
    def with_comment(body: bytes) -> bytes:
        return flac.stream(INFO, SHORT, flac.block(COMMENT, body, is_last=True))

    entry = struct.pack("<I", 3) + b"A=B"
    return {
        "vendor of 2^32": with_comment(struct.pack("<I", FULL) + b"x"),
        "2^32 comments": with_comment(struct.pack("<II", 0, FULL) + entry),
        "a comment of 2^32": with_comment(struct.pack("<III", 0, 1, FULL) + b"A=B"),
        "100,000 comments": with_comment(struct.pack("<II", 0, 100_000) + entry * 100_000),
        "8 MB in a comment": with_comment(struct.pack("<III", 0, 1, 8 << 20) + b"A=" + b"B" * ((8 << 20) - 2)),
        "comments without an equals sign": with_comment(struct.pack("<II", 0, 1) + struct.pack("<I", 3) + b"ABC"),
    }


def _frames() -> Bombs:
    second = flac.frame(1, samples=4_096)
    wide = flac.frame(1, channels=2, samples=4_096)
    fast = flac.frame(1, rate_hz=192_000, samples=4_096)
    spoiled = bytearray(SHORT)
    spoiled[-1] ^= 1
    return {
        "no frames": flac.stream(INFO, b""),
        "a wrong checksum": flac.stream(INFO, bytes(spoiled)),
        "channels change": flac.stream(flac.stream_info(samples=8_192), SHORT + wide),
        "rate changes": flac.stream(flac.stream_info(samples=8_192), SHORT + fast),
        "frames out of order": flac.stream(flac.stream_info(samples=8_192), second + SHORT),
        "a frame 2,000 times": flac.stream(flac.stream_info(samples=0), SHORT * 2_000),
        "zeros for frames": flac.stream(INFO, bytes(1 << 20)),
        "ones for frames": flac.stream(INFO, b"\xff" * (1 << 20)),
        "endless sync": flac.stream(INFO, b"\xff\xf8" * (1 << 19)),
        **{
            f"reserved bits {byte:02x}": flac.stream(INFO, SHORT[:2] + bytes([byte]) + SHORT[3:])
            for byte in (0x0F, 0xFF)
        },
    }


def _real(real: bytes) -> Bombs:
    noise = bytes(range(256)) * 40
    return {
        "behind a tag": id3(bytes(100)) + real,
        "behind a tag of 2^28": id3(bytes(100), claimed=(1 << 28) - 1) + real,
        "twice": real + real,
        "500 times": real * 500,
        "noise in the middle": real[: len(real) // 2] + noise + real[len(real) // 2 :],
        "noise behind the header": real[:42] + noise,
        "half of it zeros": real[: len(real) // 2] + bytes(len(real) // 2),
    }
