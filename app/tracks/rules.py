"""What a track is and how it gets its name, as pure rules."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

NAME_MAX = 120
UNNAMED = "Untitled"


@dataclass(frozen=True, slots=True)
class Track:
    """A song of one account."""

    id: UUID
    name: str
    created_at: datetime
    expires_at: datetime


def display_name(text: str) -> str:
    """Return a name that is safe to show: composed, one line, no controls or bidirectional marks, cut.

    It is never used as a path; a folder in front of it is dropped.
    """
    composed = unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode("utf-8"))
    last = composed.replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C")
    words = " ".join(shown.split())
    if len(words) <= NAME_MAX:
        return words or UNNAMED
    suffix = PurePosixPath(words).suffix[:8]
    return words[: NAME_MAX - len(suffix)].rstrip() + suffix


def track_name(wanted: str, file_name: str) -> str:
    """Return what a new track is called: what was asked for, else its file's name without the ending."""
    wanted = display_name(wanted) if wanted.strip() else ""
    return wanted or PurePosixPath(display_name(file_name)).stem or UNNAMED
