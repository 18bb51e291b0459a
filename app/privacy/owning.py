"""What an owner sees and deletes of everything that is held of them, whatever table it is in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.kernel.db import truncate_log
from app.kernel.errors import NotFound
from app.kernel.personal import Retention
from app.privacy import holdings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from piccolo.engine.base import Engine

    from app.analyses.service import Analyses
    from app.kernel.clock import Clock
    from app.kernel.personal import PersonalData
    from app.privacy.holdings import Held

DELETABLE = frozenset({Retention.RESULTS, Retention.UPLOAD})
"""What its owner may delete one by one; the rest goes with what it belongs to."""
ANALYSIS_OF = {"analysis": "id", "report": "analysis", "upload": "analysis"}
"""Tables whose rows have a file or a run behind them: the analysis goes as a whole."""


class Holdings:
    """An account's data by table; every reading goes through the owner."""

    def __init__(
        self, *, entries: Sequence[PersonalData], engine: Engine[Any], clock: Clock, analyses: Analyses
    ) -> None:
        """Keep the parts."""
        self._entries = {entry.name: entry for entry in entries}
        self._engine = engine
        self._clock = clock
        self._analyses = analyses

    async def everything(self, account_id: UUID) -> list[Held]:
        """Tell how much is held in each table."""
        now = self._clock()
        return [await holdings.held(entry, account_id, now) for entry in self._entries.values()]

    async def rows(self, account_id: UUID, table: str) -> tuple[PersonalData, list[dict[str, Any]]]:
        """Return an account's rows of one table.

        Raises
        ------
        NotFound
            When there is no such table.

        """
        entry = self._entry(table)
        return entry, await holdings.rows_of(entry, account_id, self._clock())

    async def delete_all(self, account_id: UUID, table: str) -> None:
        """Delete what an account holds in one table, with all that hangs on it."""
        entry = self._deletable(table)
        if table in ANALYSIS_OF or table == "track":
            await self._analyses.erase_all(account_id)
        await self._delete(entry, account_id)
        await truncate_log(self._engine)

    async def delete_one(self, account_id: UUID, table: str, row_id: UUID) -> None:
        """Delete one row of an account, with all that hangs on it.

        Raises
        ------
        NotFound
            When it is not there, or another's.

        """
        entry = self._deletable(table)
        row = await holdings.row_of(entry, account_id, row_id, self._clock())
        if row is None:
            raise NotFound
        if table in ANALYSIS_OF:
            await self._analyses.delete(account_id, row[ANALYSIS_OF[table]])
        elif table == "track":
            await self._delete_track(account_id, row_id)
        await self._delete(entry, account_id, row_id)
        await truncate_log(self._engine)

    async def delete_results(self, account_id: UUID) -> None:
        """Delete every result of an account, and its files."""
        await self._analyses.erase_all(account_id)
        for entry in self._entries.values():
            if entry.retention is Retention.RESULTS:
                await self._delete(entry, account_id)
        await truncate_log(self._engine)

    async def _delete_track(self, account_id: UUID, track_id: UUID) -> None:
        for analysis in await self._analyses.all_of(account_id):
            if analysis.track_id == track_id:
                await self._analyses.erase(analysis.id)

    async def _delete(self, entry: PersonalData, account_id: UUID, row_id: UUID | None = None) -> None:
        if not entry.freed_by:  # a file's row goes with its analysis, when the bytes are gone
            await holdings.delete_rows(entry, account_id, row_id)

    def _entry(self, table: str) -> PersonalData:
        try:
            return self._entries[table]
        except KeyError:
            raise NotFound from None

    def _deletable(self, table: str) -> PersonalData:
        entry = self._entry(table)
        if entry.retention not in DELETABLE:
            raise NotFound
        return entry
