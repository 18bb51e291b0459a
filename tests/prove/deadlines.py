"""Deadlines that come while a proof runs: kept files are due in a moment instead of hours, and are watched."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from app.analyses.rules import FileState, State
from app.analyses.tables import Upload
from app.bootstrap import build
from tests.prove.audit import files_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from app.settings import Settings
    from tests.prove.figure import Result, Size

SOON = timedelta(seconds=1)
LOOK_S = 0.25
SLACK = timedelta(seconds=10)
"""A sweep ends this late at most on a machine that does much else."""
A_DAY = timedelta(hours=24, minutes=1)


class Deadlines:
    """Some files whose deadline was brought near, and how long each outlived it."""

    def __init__(self, settings: Settings) -> None:
        """Watch the files of these settings."""
        self._settings = settings
        self._due: dict[UUID, datetime] = {}
        self._late_s: dict[UUID, float] = {}

    @property
    def patience(self) -> timedelta:
        """How long after a deadline the sweep's turn may be over."""
        return timedelta(seconds=self._settings.policy.retention.sweep_seconds) + SLACK

    async def bring_near(self, *analysis_ids: UUID) -> None:
        """Let the files of some analyses be due in a moment, as if their hours had passed."""
        due = datetime.now(UTC) + SOON
        rows = (
            await Upload.update({Upload.delete_after: due})
            .where(Upload.analysis.is_in(list(analysis_ids)) & (Upload.state == FileState.STORED))
            .returning(Upload.id)
        )
        self._due |= {row["id"]: due for row in rows}

    async def bring_failed_near(self) -> None:
        """Do so for every file that is kept for a retry, in one writing: each waits for its turn at the database."""
        rows = await Upload.select(Upload.id, Upload.analysis).where(
            (Upload.state == FileState.STORED) & (Upload.analysis.state == State.FAILED)
        )
        failed = {row["analysis"] for row in rows if row["id"] not in self._due}
        if failed:
            await self.bring_near(*failed)

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Look at the disk again and again."""
        watch = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch

    async def conclude(self, size: Size, result: Result) -> None:
        """Wait until all that is due is gone; something must have been."""
        if not self._due:
            await self.bring_failed_near()
        with suppress(TimeoutError):
            async with asyncio.timeout((SOON + self.patience).total_seconds()):
                while self._left():
                    await asyncio.sleep(LOOK_S)
        late_s = [self._late_s.get(key, 0.0) for key in self._due]
        result.counts["files whose deadline came in the run"] = len(late_s)
        result.check("deadlines come in the run", holds=bool(late_s))
        result.check("every file whose deadline came is gone", holds=not self._left())
        if size.is_full and late_s:
            result.measure("seconds that a file outlived its deadline", late_s)
            in_time = max(late_s) < self.patience.total_seconds()
            result.check("no file outlives its deadline by more than a sweep's turn", holds=in_time)

    def _left(self) -> set[UUID]:
        return self._due.keys() & files_in(self._settings)

    async def _watch(self) -> None:
        while True:
            now = datetime.now(UTC)
            for key in self._left():
                self._late_s[key] = max(0.0, (now - self._due[key]).total_seconds())
            await asyncio.sleep(LOOK_S)


async def check_a_day_later(settings: Settings, result: Result) -> None:
    """Check that one sweep, a day later, leaves no file of any kind."""
    services = build(settings, clock=lambda: datetime.now(UTC) + A_DAY)
    async with services.open():
        await services.sweeper.sweep()
    result.check("a day later no file is left", holds=not files_in(settings))
