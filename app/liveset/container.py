"""What is round the XML: nothing or one gzip member, unpacked by blocks within a budget."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app.liveset.errors import LiveSetRefused, RefusalCode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.liveset.errors import Limits

BLOCK_BYTES = 1 << 16
"""Bytes of the file that are read at once, and bytes of XML that are handed on at once."""

GZIP_MARK = b"\x1f\x8b"
UTF8_MARK = b"\xef\xbb\xbf"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")

Source = int | Path | bytes
"""An open file descriptor at the start of the set, a path, or the bytes themselves."""


OnPart = Callable[[float], None]
"""Told how much of the file has been read, between 0 and 1."""


def ignore(part: float) -> None:
    """Listen to nothing."""
    del part


@contextmanager
def opened(source: Source, on_part: OnPart = ignore) -> Iterator[Iterator[bytes]]:
    """Give the blocks of a source; a descriptor that came in stays open."""
    if isinstance(source, bytes):
        yield (source[start : start + BLOCK_BYTES] for start in range(0, len(source), BLOCK_BYTES))
        return
    descriptor = source if isinstance(source, int) else os.open(source, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield _told(iter(lambda: os.read(descriptor, BLOCK_BYTES), b""), os.fstat(descriptor).st_size, on_part)
    finally:
        if descriptor is not source:
            os.close(descriptor)


def _told(blocks: Iterator[bytes], size_bytes: int, on_part: OnPart) -> Iterator[bytes]:
    """Tell how far the reading is once its block is used, no more often than each hundredth."""
    read_bytes, told = 0, 0.0
    for block in blocks:
        yield block
        read_bytes += len(block)
        part = min(read_bytes / max(size_bytes, 1), 1.0)
        if part - told >= 0.01:
            told = part
            on_part(part)


def xml_blocks(blocks: Iterator[bytes], limits: Limits) -> Iterator[bytes]:
    """Give the XML by blocks, whatever is round it.

    The first two bytes decide; a name says nothing, since people keep unpacked sets under .als.
    """
    head = b""
    while len(head) < 4 and (block := next(blocks, b"")):
        head += block
    if not head:
        raise LiveSetRefused(RefusalCode.EMPTY, "The file is empty. Save the set again in Live and drop it anew.")
    if head[:2] == GZIP_MARK:
        return _within_budget(_unpacked(head, blocks, limits), limits)
    _check_start(head)
    return _within_budget(_chained(head, blocks), limits)


def _chained(head: bytes, blocks: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from blocks


def _check_start(head: bytes) -> None:
    """Refuse at once what cannot be XML in UTF-8."""
    if head[:2] in UTF16_MARKS or not head.removeprefix(UTF8_MARK).lstrip().startswith(b"<"):
        raise LiveSetRefused(
            RefusalCode.NOT_A_LIVE_SET,
            "This is no Ableton Live set: it is neither gzip nor XML in UTF-8. Drop the .als file that Live saved.",
        )


def _within_budget(blocks: Iterator[bytes], limits: Limits) -> Iterator[bytes]:
    """Count what is unpacked, and refuse what expat would take for another encoding."""
    total = 0
    for block in blocks:
        if total == 0:
            _check_start(block)
        total += len(block)
        if total > limits.unpacked_bytes:
            raise LiveSetRefused(
                RefusalCode.TOO_LARGE,
                f"The set unpacks to more than {limits.unpacked_bytes >> 20} MiB, which is the limit.",
            )
        if b"\0" in block:
            raise LiveSetRefused(RefusalCode.UNREADABLE, "The set holds NUL bytes: it is damaged.")
        yield block


def _unpacked(head: bytes, blocks: Iterator[bytes], limits: Limits) -> Iterator[bytes]:
    """Unpack one gzip member (RFC 1952) and refuse anything behind it."""
    inflater = zlib.decompressobj(wbits=31)
    read = written = 0
    for packed in _chained(head, blocks):
        read += len(packed)
        waiting = packed
        while waiting and not inflater.eof:
            block = _inflated(inflater, waiting)
            waiting = inflater.unconsumed_tail
            written += len(block)
            if written > max(limits.ratio_from_bytes, limits.ratio * read):
                raise LiveSetRefused(
                    RefusalCode.TOO_LARGE,
                    f"The set unpacks to more than {limits.ratio} times its size, which no Live set does.",
                )
            if block:
                yield block
        if inflater.eof:
            _refuse_more(inflater.unused_data, blocks)
            return
    raise LiveSetRefused(
        RefusalCode.UNREADABLE, "The set is cut short: its end is missing. Copy or save it again and drop it anew."
    )


def _inflated(inflater: zlib._Decompress, packed: bytes) -> bytes:
    try:
        return inflater.decompress(packed, BLOCK_BYTES)
    except zlib.error:
        raise LiveSetRefused(
            RefusalCode.UNREADABLE, "The set is damaged: it cannot be unpacked. Copy or save it again and drop it anew."
        ) from None


def _refuse_more(rest: bytes, blocks: Iterator[bytes]) -> None:
    rest = rest or next(blocks, b"")
    if rest.startswith(GZIP_MARK):
        raise LiveSetRefused(
            RefusalCode.MORE_THAN_ONE_FILE, "More than one gzip file stands in this file; a Live set is exactly one."
        )
    if rest:
        raise LiveSetRefused(
            RefusalCode.UNREADABLE, "Something stands behind the end of the set that Live did not write."
        )
