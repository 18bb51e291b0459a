"""The remarks of one report, in the order in which they were made."""

from __future__ import annotations

from app.audio.model import Note, NoteCode


class Notes:
    """Collects why something is null and what else should be known."""

    def __init__(self) -> None:
        self._notes: list[Note] = []

    def add(self, path: str, code: NoteCode, reason: str) -> None:
        """Remember one remark about a part of the document."""
        self._notes.append(Note(path, code, reason))

    def all(self) -> list[Note]:
        """Return the remarks."""
        return list(self._notes)
