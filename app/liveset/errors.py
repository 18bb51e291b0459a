"""Why a Live set is refused: a code that programs compare and a sentence that people read.

LiveSetRefused is the only exception that this package raises on purpose about a file. Whatever
else leaves it is a defect, and the caller may try again.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn


class RefusalCode(StrEnum):
    """The reasons for which a Live set is refused for good."""

    EMPTY = "empty"
    NOT_A_LIVE_SET = "not_a_live_set"
    UNREADABLE = "unreadable"
    MORE_THAN_ONE_FILE = "more_than_one_file"
    FORBIDDEN_XML = "forbidden_xml"
    TOO_LARGE = "too_large"
    TOO_COMPLEX = "too_complex"


class LiveSetRefused(Exception):
    """The set can never be read as it is.

    Attributes
    ----------
    code
        What a program compares.
    reason
        A sentence or two for the person, with the way out where there is one.
    """

    def __init__(self, code: RefusalCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason

    def __reduce__(self) -> tuple[type[LiveSetRefused], tuple[RefusalCode, str]]:
        """Cross the border of a process whole."""
        return LiveSetRefused, (self.code, self.reason)


def refuse_complex(what: str) -> NoReturn:
    """Refuse a document that is built as no set is."""
    raise LiveSetRefused(RefusalCode.TOO_COMPLEX, f"This is not read as a Live set: {what}.")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a set may be at most; the largest of 39 real sets stands behind each number.

    Attributes
    ----------
    unpacked_bytes
        Size of the XML (34 MB seen).
    ratio, ratio_from_bytes
        Bytes out for each byte in, judged from this size on (40 seen; a gzip bomb has 1000).
    depth
        Elements inside each other (32 seen).
    elements
        Elements in all (0.7 million seen).
    looked_at
        Elements that are not skipped but looked at, which takes several times as long (0.2 million
        seen): values of devices, unknown parts, and notes and points of automation, which count
        twice.
    attributes
        Attributes of one element (8 seen).
    names
        Different names of elements and attributes (2,416 seen in all); expat keeps each for good.
    token_bytes
        Longest piece of markup: expat 2.5 reads an unfinished one anew with each call
        (CVE-2023-52425), and keeps it whole.
    value_characters
        Longest attribute value that is kept; a longer one, such as a plug-in's state, is not.
    alive
        Elements that are kept at one time while a track, a device or a clip is read.
    items
        Tracks, clips, devices, envelopes and other results in all (1,911 seen).
    """

    unpacked_bytes: int = 256 << 20
    ratio: int = 200
    ratio_from_bytes: int = 1 << 20
    depth: int = 256
    elements: int = 5_600_000
    looked_at: int = 1_500_000
    attributes: int = 200
    names: int = 20_000
    token_bytes: int = 4 << 20
    value_characters: int = 4096
    alive: int = 200_000
    items: int = 30_000
