"""How an analysis ends without a report, and how an upload goes.

State, charge and the files' mark move in one transaction; then the bytes go, then the row says
when. Whoever finds a row that says ``deleting`` finishes the work, so that a process that dies
between the steps breaks no promise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog

from app.analyses import receipts, store
from app.kernel.db import transaction
from app.kernel.waypoints import Waypoint
from app.usage.rules import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import timedelta
    from uuid import UUID

    from piccolo.custom_types import Combinable
    from piccolo.engine.base import Engine

    from app.analyses.rules import State
    from app.kernel.clock import Clock
    from app.kernel.storage import LocalStorage
    from app.kernel.waypoints import Observer
    from app.usage.service import UsageLedger

log = structlog.get_logger()


class Deleting:
    """Ends files and gives back what was taken for them."""

    def __init__(
        self,
        *,
        engine: Engine[Any],
        storage: LocalStorage,
        usage: UsageLedger,
        clock: Clock,
        receipt_term: timedelta,
        reached: Observer,
    ) -> None:
        """Keep what deleting needs."""
        self._receipt_term = receipt_term
        self._engine = engine
        self._storage = storage
        self._usage = usage
        self._clock = clock
        self._reached = reached

    async def end(
        self,
        analysis_id: UUID,
        changes: Mapping[Any, Any],
        *,
        states: Iterable[State],
        condition: Combinable | None = None,
        keeps_files: bool = False,
    ) -> bool:
        """End an analysis that is in one of these states: nothing stays charged; tell whether it was in one."""
        async with transaction(self._engine):
            is_ended = await store.change(analysis_id, changes, now=self._clock(), states=states, condition=condition)
            if is_ended:
                await self._give_back(analysis_id)
                if not keeps_files:
                    await store.mark_deleting(analysis_id)
        if is_ended and not keeps_files:
            await self.finish(analysis_id)
        return is_ended

    async def finish(self, analysis_id: UUID | None = None) -> int:
        """Remove the bytes of every upload that is marked, of one analysis or of all; tell how many."""
        marked = await store.deleting(analysis_id)
        for upload_id in marked:
            await self._storage.remove(upload_id)
            await self._reached(Waypoint.UNLINKED)
            await self._note(upload_id)
            await self._reached(Waypoint.FORGOTTEN)
            log.info("upload.deleted", upload=str(upload_id))
        return len(marked)

    async def files_of(self, analysis_id: UUID) -> None:
        """Delete the files of an analysis now."""
        await store.mark_deleting(analysis_id)
        await self.finish(analysis_id)

    async def _note(self, upload_id: UUID) -> None:
        """Say that a file is gone, and write its owner the proof."""
        now = self._clock()
        async with transaction(self._engine):
            if await store.mark_deleted(upload_id, now):
                await receipts.issue(upload_id, now=now, until=now + self._receipt_term)

    async def _give_back(self, analysis_id: UUID) -> None:
        """Give back what the period was charged for this analysis; twice is once."""
        charge = await store.charge_of(analysis_id)
        if charge is not None:
            account_id, period_start = charge
            await self._usage.give_back(account_id, Kind.ANALYSES, period_start)
