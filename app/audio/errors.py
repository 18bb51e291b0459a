"""Why a file is refused: a code that programs compare and a sentence that people read.

AudioRefused is the only exception that this package raises on purpose about a file. Whatever
else leaves it is a defect, and the caller may try again.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class RefusalCode(StrEnum):
    """The reasons for which a file is refused for good."""

    EMPTY = "empty"
    NOT_SUPPORTED = "not_supported"
    NOT_THIS_FORMAT = "not_this_format"
    UNREADABLE = "unreadable"
    NO_AUDIO = "no_audio"
    TOO_LONG = "too_long"
    TOO_MANY_CHANNELS = "too_many_channels"
    SAMPLE_RATE_TOO_LOW = "sample_rate_too_low"
    SAMPLE_RATE_TOO_HIGH = "sample_rate_too_high"
    NOT_FINITE = "not_finite"
    BEYOND_SCALE = "beyond_scale"


class AudioRefused(Exception):
    """The file can never be measured as it is.

    Attributes
    ----------
    code
        What a program compares.
    reason
        A sentence or two for the person, with the way out.
    """

    def __init__(self, code: RefusalCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason

    def __reduce__(self) -> tuple[type[AudioRefused], tuple[RefusalCode, str]]:
        """Cross the border of a process whole."""
        return AudioRefused, (self.code, self.reason)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may be at most; checked against what is read, never against a claim alone."""

    duration_s: float = 15 * 60.0
    channels: int = 8
    min_rate_hz: int = 8_000
    max_rate_hz: int = 192_000
