"""How long it takes until a run whose worker was killed is at work again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID


class Recovery:
    """Measures from each kill to the next run of the same analysis."""

    def __init__(self) -> None:
        """Nothing is lost yet."""
        self._lost: dict[UUID, tuple[UUID, float]] = {}
        self._dead: set[UUID] = set()
        self.seconds: list[float] = []

    @property
    def count(self) -> int:
        """How many runs were killed."""
        return len(self._dead)

    @property
    def is_waiting(self) -> bool:
        """Whether something that was killed is not at work again."""
        return bool(self._lost)

    def alive(self, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """Leave out the runs that were killed and still hold their row."""
        return [row for row in rows if row["run_id"] not in self._dead]

    def lost(self, rows: Iterable[dict[str, Any]]) -> None:
        """Note the runs of a worker that was killed just now."""
        for row in self.alive(rows):
            self._dead.add(row["run_id"])
            self._lost[row["id"]] = (row["run_id"], time.monotonic())

    def look(self, rows: Iterable[dict[str, Any]]) -> None:
        """Compare with the runs of this moment."""
        for row in rows:
            known = self._lost.get(row["id"])
            if known is not None and row["run_id"] != known[0]:
                self.seconds.append(time.monotonic() - known[1])
                del self._lost[row["id"]]
