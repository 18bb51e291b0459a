"""Exports: ordered on a page, made by the worker, fetched once within their term.

The row is the job, as with an analysis: it is claimed by one conditional statement under a lease,
so that a worker's death is followed by another try. The file lies in a folder of its own, under
the row's identifier, and goes with the row.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import structlog

from app.kernel.errors import NotFound
from app.kernel.storage import older_files
from app.privacy import copying, holdings
from app.privacy.copying import Part
from app.privacy.reading_page import reading_page
from app.privacy.tables import Export as ExportRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from app.kernel.clock import Clock
    from app.kernel.personal import PersonalData
    from app.kernel.ratelimit import RateLimiter
    from app.kernel.signals import Signals

TOPIC = "export"
LEASE = timedelta(minutes=2)
ENDING = ".zip"
HALF = ".new"

log = structlog.get_logger()


class ExportState(StrEnum):
    """Where an export is."""

    QUEUED = "queued"
    RUNNING = "running"
    READY = "ready"
    FETCHED = "fetched"


PENDING = (ExportState.QUEUED, ExportState.RUNNING)


@dataclass(frozen=True, slots=True)
class Export:
    """An export as its owner sees it."""

    id: UUID
    state: ExportState
    done: int
    total: int
    expires_at: datetime


class Exports:
    """An account's exports; every reading goes through the owner."""

    def __init__(  # noqa: PLR0913 - the composition root hands over its parts by name
        self,
        *,
        entries: Sequence[PersonalData],
        folder: Path,
        key: bytes,
        term: timedelta,
        clock: Clock,
        limiter: RateLimiter,
        signals: Signals,
    ) -> None:
        """Keep the parts; ``term`` is how long an export can be fetched."""
        self._entries = entries
        self._folder = folder
        self._key = key
        self._term = term
        self._clock = clock
        self._limiter = limiter
        self._signals = signals

    async def order(self, account_id: UUID) -> None:
        """Order a copy of everything, unless one is being made."""
        await self._limiter.hit("export", account=str(account_id))
        pending = (ExportRow.account == account_id) & ExportRow.state.is_in(list(PENDING))
        if not await ExportRow.exists().where(pending):
            await self.remove_all(account_id)
            now = self._clock()
            await ExportRow.insert(
                ExportRow(
                    id=uuid4(),
                    account=account_id,
                    state=ExportState.QUEUED,
                    total=len(self._entries),
                    created_at=now,
                    expires_at=now + self._term,
                )
            )
        await self._signals.publish(TOPIC)

    async def of(self, account_id: UUID) -> Export | None:
        """Return an account's newest export, unless it was fetched or its term is over."""
        rows = (
            await ExportRow.select()
            .where(
                (ExportRow.account == account_id)
                & (ExportRow.expires_at > self._clock())
                & (ExportRow.state != ExportState.FETCHED)
            )
            .order_by(ExportRow.created_at, ascending=False)
            .limit(1)
        )
        return _export(rows[0]) if rows else None

    async def fetch(self, account_id: UUID, export_id: UUID) -> Path:
        """Hand out the file, once: of any number of attempts at the same time one gets it.

        Raises
        ------
        NotFound
            When it was fetched already, is not ready, is over, or is another's.

        """
        taken = (
            await ExportRow.update({ExportRow.state: ExportState.FETCHED})
            .where(
                (ExportRow.id == export_id)
                & (ExportRow.account == account_id)
                & (ExportRow.state == ExportState.READY)
                & (ExportRow.expires_at > self._clock())
            )
            .returning(ExportRow.id)
        )
        if not taken:
            raise NotFound
        return self.path(export_id)

    async def finish(self, export_id: UUID) -> None:
        """Delete an export that was handed out, with its file, also a half written one."""
        for path in (self.path(export_id), self.path(export_id).with_suffix(HALF)):
            await asyncio.to_thread(path.unlink, missing_ok=True)
        await ExportRow.delete().where(ExportRow.id == export_id)

    async def make_due(self) -> int:
        """Make the copies that were ordered; tell how many."""
        now = self._clock()
        rows = await ExportRow.select(ExportRow.id, ExportRow.account).where(_claimable(now))
        made = 0
        for row in rows:
            if await self._claim(row["id"], now):
                await self._make(row["id"], row["account"])
                made += 1
        return made

    async def write_copy(self, account_id: UUID, path: Path, *, export_id: UUID | None = None) -> None:
        """Write a copy of everything that is held of an account."""
        now = self._clock()
        parts = []
        for entry in self._entries:
            parts.append(Part(entry, await holdings.rows_of(entry, account_id, now)))
            if export_id is not None:
                await ExportRow.update({ExportRow.done: ExportRow.done + 1}).where(ExportRow.id == export_id)
        await asyncio.to_thread(_write, path, self._key, parts, now)

    async def remove_all(self, account_id: UUID) -> None:
        """Delete every export of an account with its file."""
        for row in await ExportRow.select(ExportRow.id).where(ExportRow.account == account_id):
            await self.finish(row["id"])

    async def end_due(self) -> int:
        """Delete the exports whose term is over or that were handed out, and files that no row knows; tell how many."""
        now = self._clock()
        fetched_long_ago = (ExportRow.state == ExportState.FETCHED) & (ExportRow.ready_at <= now - self._term)
        due = await ExportRow.select(ExportRow.id).where((ExportRow.expires_at <= now) | fetched_long_ago)
        for row in due:
            await self.finish(row["id"])
        return len(due) + await self._remove_orphans(now)

    def path(self, export_id: UUID) -> Path:
        """Return where an export's file is."""
        return self._folder / f"{export_id}{ENDING}"

    async def _claim(self, export_id: UUID, now: datetime) -> bool:
        claimed = (
            await ExportRow.update(
                {ExportRow.state: ExportState.RUNNING, ExportRow.lease_until: now + LEASE, ExportRow.done: 0}
            )
            .where((ExportRow.id == export_id) & _claimable(now))
            .returning(ExportRow.id)
        )
        return bool(claimed)

    async def _make(self, export_id: UUID, account_id: UUID) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.path(export_id)
        await self.write_copy(account_id, path, export_id=export_id)
        now = self._clock()
        ready = (
            await ExportRow.update(
                {ExportRow.state: ExportState.READY, ExportRow.ready_at: now, ExportRow.expires_at: now + self._term}
            )
            .where((ExportRow.id == export_id) & (ExportRow.state == ExportState.RUNNING))
            .returning(ExportRow.id)
        )
        if not ready:  # its account went meanwhile
            path.unlink(missing_ok=True)
        log.info("export.made", export=str(export_id))

    async def _remove_orphans(self, now: datetime) -> int:
        known = {f"{row['id']}{ENDING}" for row in await ExportRow.select(ExportRow.id)}
        old = await asyncio.to_thread(older_files, self._folder, "*", now - self._term)
        lost = [file for file in old if file.name not in known]
        for file in lost:
            file.unlink(missing_ok=True)
        return len(lost)


def _write(path: Path, key: bytes, parts: Sequence[Part], now: datetime) -> None:
    new = path.with_suffix(HALF)
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    copying.write(new, parts, made_at=now)
    reading_page(new, parts, made_at=now)
    copying.seal(new, key)
    new.replace(path)


def _claimable(now: datetime) -> Any:
    lost = (ExportRow.state == ExportState.RUNNING) & (ExportRow.lease_until <= now)
    return ((ExportRow.state == ExportState.QUEUED) | lost) & (ExportRow.expires_at > now)


def _export(row: dict[str, Any]) -> Export:
    return Export(
        id=row["id"],
        state=ExportState(row["state"]),
        done=row["done"],
        total=row["total"],
        expires_at=row["expires_at"],
    )
