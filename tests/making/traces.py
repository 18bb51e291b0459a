"""What is left behind: files on the disk, rows, counted usage, errors in the log."""

from __future__ import annotations

from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import structlog

from app.accounts.tables import Account
from app.analyses.tables import Analysis, Report
from app.bootstrap import build
from app.kernel.db import bind
from app.registry import TABLES
from app.usage.tables import Usage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, MutableMapping
    from datetime import timedelta
    from pathlib import Path
    from uuid import UUID

    from app.bootstrap import Services
    from app.settings import Settings


def uploads_in(settings: Settings) -> list[Path]:
    """List everything that lies in the uploads folder."""
    return sorted(settings.uploads_dir.rglob("*")) if settings.uploads_dir.exists() else []


async def used_by(email: str) -> int:
    """Count the analyses that were charged to an account in all periods."""
    rows = await Usage.select(Usage.used).where(Usage.account.email == email)
    return sum(int(row["used"]) for row in rows)


async def analysis_row(analysis_id: UUID) -> dict[str, Any]:
    """Return an analysis as it stands in the database."""
    (row,) = await Analysis.select().where(Analysis.id == analysis_id)
    return row


async def states() -> list[str]:
    """List the state of every analysis, the oldest first."""
    rows = await Analysis.select(Analysis.state).order_by(Analysis.created_at)
    return [row["state"] for row in rows]


async def reports() -> list[UUID]:
    """List the analysis of every report."""
    return [row["analysis"] for row in await Report.select(Report.analysis)]


async def account_id_of(email: str) -> UUID:
    """Return the identifier of an account."""
    (row,) = await Account.select(Account.id).where(Account.email == email)
    found: UUID = row["id"]
    return found


@contextmanager
def watched_log() -> Iterator[list[MutableMapping[str, Any]]]:
    """Collect the product's own log events of this process."""
    with structlog.testing.capture_logs() as events:
        yield events


def errors_in(events: list[MutableMapping[str, Any]]) -> list[MutableMapping[str, Any]]:
    """Leave only what tells of a failure of ours."""
    return [event for event in events if event["log_level"] in {"error", "critical", "exception"}]


@asynccontextmanager
async def services_after(settings: Settings, span: timedelta) -> AsyncIterator[Services]:
    """Lend services whose clock is ahead; the tables go back to the engine that they had."""
    engine = TABLES[0]._meta.db
    later = build(settings, clock=lambda: datetime.now(UTC) + span)
    try:
        async with later.open():
            yield later
    finally:
        bind(engine, TABLES)
