"""Remarks about the numbers: why one is null, or what else should be known."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class NoteCode(StrEnum):
    """Kinds of remarks about a report."""

    NOT_MEASURED = "not_measured"
    TOO_SHORT = "too_short"
    SILENT = "silent"
    NOT_HEARD = "not_heard"
    MODELS_OFF = "models_off"
    ONE_CHANNEL = "one_channel"
    ASSUMED_LAYOUT = "assumed_layout"
    SHORTER_THAN_CLAIMED = "shorter_than_claimed"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Note:
    """Why something is null, or what else should be known about a number.

    `path` names the part of the document, such as "rhythm" or "loudness.range_lu".
    """

    path: str
    code: NoteCode
    reason: str
