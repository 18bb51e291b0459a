"""A run holds its row through a moment without its database."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from app.analyses.lease import Lease, LeasedRow, LeaseLost
from app.analyses.tables import Analysis
from tests.making.policy import with_short_lease
from tests.making.traces import analysis_row, watched_log
from tests.prove.life import content_of, make_account, upload
from tests.services.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from app.bootstrap import Services
    from app.settings import Settings

FAILED = "lease.not_renewed"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Let hearts beat twice a second."""
    return with_short_lease(settings)


@asynccontextmanager
async def held(services: Services) -> AsyncIterator[UUID]:
    """Hold the row of an analysis as its run does."""
    account_id = await make_account("ada@example.com")
    analysis_id = await upload(services, account_id, content_of(1))
    run_id = uuid4()
    await Analysis.update({Analysis.state: "running", Analysis.run_id: run_id}).where(Analysis.id == analysis_id)
    row = LeasedRow(analysis_id, account_id, run_id)
    policy = services.settings.policy.analysis
    async with Lease(row, (), policy=policy, clock=services.clock, signals=services.signals):
        yield analysis_id


async def test_a_lease_outlives_a_database_that_fails_for_a_moment(services: Services) -> None:
    """A renewal that fails is followed by the next one."""
    with watched_log() as events:
        async with held(services) as analysis_id:
            await Analysis.raw('ALTER TABLE "analysis" RENAME TO "analysis_away"')
            await eventually(lambda: any(event["event"] == FAILED for event in events))
            await Analysis.raw('ALTER TABLE "analysis_away" RENAME TO "analysis"')

            async def is_renewed() -> bool:
                return (await analysis_row(analysis_id))["lease_until"] is not None

            await eventually(is_renewed)


async def test_a_run_ends_when_its_row_is_another_runs(services: Services) -> None:
    """The heart notices, and the loss is told as such."""

    async def run_until_lost() -> None:
        async with held(services) as analysis_id:
            await Analysis.update({Analysis.run_id: uuid4()}).where(Analysis.id == analysis_id)
            await asyncio.Event().wait()

    async with asyncio.timeout(10):
        with pytest.raises(LeaseLost):
            await run_until_lost()
