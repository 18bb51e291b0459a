"""Where backups lie, and how long one may: what is too old goes, whoever looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.kernel.storage import older_files

if TYPE_CHECKING:
    from datetime import datetime, timedelta
    from pathlib import Path

    from app.kernel.clock import Clock

ENDING = ".jsonl.gz.age"
NAME = "tracksensei-"


class Shelf:
    """A folder of backups, each for the same term."""

    def __init__(self, folder: Path, *, term: timedelta, clock: Clock) -> None:
        """Make nothing yet."""
        self.folder = folder
        self.term = term
        self._clock = clock

    def path(self, made_at: datetime, folder: Path | None = None) -> Path:
        """Name the file of a backup, here or in another folder."""
        return (folder or self.folder) / f"{NAME}{made_at:%Y%m%dT%H%M%SZ}{ENDING}"

    def is_over(self, made_at: datetime) -> bool:
        """Tell whether a backup of this moment is too old to be there."""
        return made_at <= self._clock() - self.term

    def prune(self, folder: Path | None = None) -> int:
        """Delete what is too old, half written ones too; tell how many. Files of other names stay."""
        old = older_files(folder or self.folder, f"{NAME}*", self._clock() - self.term)
        for file in old:
            file.unlink(missing_ok=True)
        return len(old)
