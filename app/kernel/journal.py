"""Logs that are kept for so many days and then gone: one file a day, one JSON object a line.

Any number of processes append to the same day's file; the sweep removes the old ones, so that
no process has to be alive at midnight.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from pathlib import Path

    from app.kernel.clock import Clock


class Journal:
    """One log of a data folder."""

    def __init__(self, folder: Path, name: str, *, days: int, clock: Clock) -> None:
        """Make nothing yet."""
        self._folder = folder
        self._name = name
        self._days = days
        self._clock = clock

    def write(self, **fields: Any) -> None:
        """Append a line; JSON escapes line ends, so that nobody can forge one."""
        now = self._clock()
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        line = msgspec.json.encode({"at": now.isoformat(timespec="milliseconds"), **fields}) + b"\n"
        with (self._folder / f"{self._name}-{now.date().isoformat()}.log").open("ab") as file:
            file.write(line)

    def remove_due(self) -> int:
        """Remove the days whose first line has reached its term; tell how many."""
        last = self._clock().date() - timedelta(days=self._days)
        due = [file for file in self._folder.glob(f"{self._name}-*.log") if _day_of(file) <= last]
        for file in due:
            file.unlink(missing_ok=True)
        return len(due)


def _day_of(file: Path) -> date:
    try:
        return date.fromisoformat(file.stem[-10:])
    except ValueError:
        return date.max
