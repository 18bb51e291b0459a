"""What bombs of several formats share."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Bombs = dict[str, bytes]

FLOATS = {
    "nan": float("nan"),
    "inf": float("inf"),
    "minus-inf": float("-inf"),
    "denormal": 1e-42,
    "largest": 3.4e38,
    "smallest": -3.4e38,
}
ZIP_END = b"PK\x05\x06" + bytes(18)
PAGE = b"<html><script>alert(1)</script></html>"
PLAYLIST = b"ffconcat version 1.0\nfile /etc/passwd\n"


def cut(whole: bytes, places: Iterable[int]) -> Bombs:
    """Return a file's beginnings."""
    return {f"cut at {place}": whole[:place] for place in places if place <= len(whole)}


def polyglots(whole: bytes) -> Bombs:
    """Return a file that is something else too."""
    return {
        "with a ZIP's end": whole + ZIP_END,
        "with a page behind": whole + PAGE,
        "with a playlist behind": whole + PLAYLIST,
        "behind a page": PAGE + whole,
        "behind a playlist": PLAYLIST + whole,
        "behind a megabyte of zeros": bytes(1 << 20) + whole,
        "with a megabyte of ones": whole + b"\xff" * (1 << 20),
    }


def id3(body: bytes = b"", *, claimed: int | None = None, version: int = 3, flags: int = 0) -> bytes:
    """Return an ID3v2 tag, which may claim another size than it has."""
    size = len(body) if claimed is None else claimed
    sizes = bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3" + bytes([version, 0, flags]) + sizes + body


def id3_frame(name: bytes, body: bytes, *, claimed: int | None = None) -> bytes:
    """Return one frame of an ID3v2.3 tag."""
    return name + struct.pack(">IH", len(body) if claimed is None else claimed, 0) + body
