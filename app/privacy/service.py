"""The sweep: deletes everything whose time has come. Worker, web and a command call the same one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import structlog

from app.kernel.db import rewrite_tables, truncate_log
from app.kernel.waypoints import Waypoint
from app.privacy import holdings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from piccolo.engine.base import Engine

    from app.accounts.service import Accounts
    from app.analyses.deleting import Deleting
    from app.analyses.service import Analyses
    from app.billing.departures import Departures
    from app.chat.service import Conversations
    from app.kernel.clock import Clock
    from app.kernel.journal import Journal
    from app.kernel.personal import PersonalData
    from app.kernel.storage import LocalStorage
    from app.kernel.waypoints import Observer
    from app.policy import RetentionPolicy
    from app.privacy.erasing import Erasing
    from app.privacy.erasure_log import ErasureLog
    from app.privacy.exporting import Exports
    from app.privacy.shelf import Shelf
    from app.tracks.service import Tracks

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What one sweep deleted."""

    files_past_deadline: int
    files_half_deleted: int
    files_without_row: int
    analyses: int
    messages: int
    tracks: int
    sessions: int
    payment_records: int
    """Which messages of Stripe were taken, and departures that were given up."""
    account_records: int
    """Mails, links, security events, and accounts that were never confirmed."""
    log_days: int
    backups: int
    accounts: int
    """Accounts whose erasure a death had left half done."""
    exports: int
    other_rows: int
    """Rows of any table whose declared deadline has passed."""

    @property
    def total(self) -> int:
        """Everything together."""
        return sum(getattr(self, field.name) for field in fields(self))


class Sweeper:
    """Keeps the promises of retention; doing it twice is doing it once."""

    def __init__(  # noqa: PLR0913 - the composition root hands over its parts by name
        self,
        *,
        policy: RetentionPolicy,
        entries: Sequence[PersonalData],
        engine: Engine[Any],
        clock: Clock,
        storage: LocalStorage,
        accounts: Accounts,
        tracks: Tracks,
        analyses: Analyses,
        conversations: Conversations,
        deleting: Deleting,
        departures: Departures,
        exports: Exports,
        erasing: Erasing,
        erasures: ErasureLog,
        journals: Sequence[Journal],
        shelf: Shelf,
        reached: Observer,
    ) -> None:
        """Keep the parts."""
        self._policy = policy
        self._engine = engine
        self._clock = clock
        self._storage = storage
        self._accounts = accounts
        self._tracks = tracks
        self._analyses = analyses
        self._conversations = conversations
        self._deleting = deleting
        self._departures = departures
        self._exports = exports
        self._erasing = erasing
        self._erasures = erasures
        self._entries = entries
        self._journals = journals
        self._shelf = shelf
        self._reached = reached

    async def sweep(self) -> SweepReport:
        """Delete what is due and say how much that was."""
        half_deleted = await self._deleting.finish()
        await self._reached(Waypoint.SWEPT)
        report = SweepReport(
            files_half_deleted=half_deleted,
            files_past_deadline=await self._analyses.end_overdue_files(),
            analyses=await self._analyses.end_due(),
            messages=await self._conversations.end_due(),
            tracks=await self._tracks.end_due(),
            sessions=await self._accounts.end_due_sessions(),
            payment_records=await self._departures.end_due(),
            account_records=await self._accounts.end_due(),
            accounts=await self._erasing.finish_due(),
            exports=await self._exports.end_due(),
            log_days=self._end_logs(),
            backups=await asyncio.to_thread(self._shelf.prune),
            other_rows=await self._end_rows(),
            files_without_row=await self._remove_orphans(),
        )
        # Always: what others deleted since the last sweep, such as a mail that left, lives on in the log too.
        await truncate_log(self._engine)
        if report.total:
            log.info("sweep.deleted", total=report.total)
        return report

    async def rewrite(self) -> None:
        """Let nothing of a deleted row be left in the database's own files."""
        await rewrite_tables(self._engine)

    def _end_logs(self) -> int:
        days = sum(journal.remove_due() for journal in self._journals)
        return days + self._erasures.remove_due(self._clock())

    async def _end_rows(self) -> int:
        """Delete what is due in whatever table declares a deadline, after the subjects had their turn."""
        now = self._clock()
        return sum([await holdings.delete_due(entry, now) for entry in self._entries])

    async def _remove_orphans(self) -> int:
        """Remove files that no row knows, once they are too old to be just arriving."""
        before = self._clock() - self._policy.orphan_file
        old = [file.key async for file in self._storage.files() if file.changed_at < before]
        # The rows are read after the folder: a file whose row is new cannot be among the old ones.
        orphans = set(old) - await self._analyses.known_uploads()
        for key in orphans:
            await self._storage.remove(key)
            log.warning("sweep.orphan", upload=str(key))
        return len(orphans)
