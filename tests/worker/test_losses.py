"""Whatever dies on the way, an analysis ends once, with one report and one charge."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app.analyses.tables import Analysis, Upload
from app.policy import Policy
from tests.making.audio import wav
from tests.making.people import member
from tests.making.policy import with_analyses, with_policy, with_short_lease
from tests.making.processes import engines_of, kill
from tests.making.traces import analysis_row, reports, services_after, states, uploads_in, used_by
from tests.services.site import running_site, running_worker
from tests.services.waiting import eventually

if TYPE_CHECKING:
    import subprocess
    from uuid import UUID

    from redis.asyncio import Redis

    from app.settings import Settings
    from tests.making.people import Person
    from tests.services.site import Site

TEN = 10
AT_WORK_AGAIN_S = 60.0
RESTART_S = 10.0
"""A worker starts in this time at the latest, its engine warmed."""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Find a lost run within seconds, and let one account upload ten files."""
    return with_analyses(with_short_lease(settings))


async def running_rows() -> list[dict[str, Any]]:
    """Return the analyses at work."""
    return await Analysis.select().where(Analysis.state == "running")


async def until_at_work(worker: subprocess.Popen[bytes]) -> None:
    """Wait until a worker's child measures something."""

    async def is_at_work() -> bool:
        return bool(await running_rows()) and bool(engines_of(worker.pid))

    await eventually(is_at_work, deadline_s=60)


async def upload_ten(person: Person) -> list[UUID]:
    """Send ten short mixes."""
    return [await person.upload(f"mix {number}.wav", wav(2.0)) for number in range(TEN)]


async def assert_all_done_once(person: Person, analyses: list[UUID]) -> None:
    """Check ten reports, one an analysis, ten charges, and an empty disk."""

    async def all_over() -> bool:
        return set(await states()) <= {"done", "failed", "cancelled"}

    await eventually(all_over, deadline_s=180)
    assert Counter(await states()) == {"done": len(analyses)}
    assert sorted(await reports()) == sorted(analyses)
    assert await used_by(person.email) == len(analyses)
    await eventually(lambda: not uploads_in(person.site.settings))


async def test_a_killed_worker_loses_and_doubles_nothing(live_site: Site) -> None:
    """After kill -9 in the middle of ten, each run at work begins again once, and all are done once."""
    async with member(live_site) as person:
        async with running_worker(live_site.settings) as worker:
            analyses = await upload_ten(person)

            async def is_in_the_middle() -> bool:
                return Counter(await states())["done"] >= 2 and bool(engines_of(worker.pid))

            await eventually(is_in_the_middle, deadline_s=120)
            kill(worker.pid)
            killed_at = datetime.now(UTC)
            at_work = {row["id"] for row in await running_rows()}
            assert at_work
        async with running_worker(live_site.settings):
            await assert_all_done_once(person, analyses)
        for analysis_id in analyses:
            row = await analysis_row(analysis_id)
            assert row["attempts"] == (2 if analysis_id in at_work else 1)
            if analysis_id in at_work:
                assert row["started_at"] - killed_at < timedelta(seconds=AT_WORK_AGAIN_S)


async def test_what_a_dead_worker_held_goes_on_as_soon_as_another_starts(live_site: Site) -> None:
    """No lease has to run out where the next worker sees that the last one is gone."""
    async with member(live_site) as person:
        settings = with_policy(live_site.settings, analysis={"lease_seconds": 600.0})
        async with running_worker(settings) as worker:
            analysis_id = await person.upload("mix.wav", wav(20.0))
            await until_at_work(worker)
            kill(worker.pid)
        assert [row["id"] for row in await running_rows()] == [analysis_id]
        async with running_worker(settings):
            await person.until(analysis_id, "done")
        assert (await analysis_row(analysis_id))["attempts"] == 2


def test_the_policys_lease_puts_a_lost_run_to_work_within_a_minute() -> None:
    """Lease, reconciler and the restart of a worker together stay under sixty seconds."""
    policy = Policy.read().analysis
    assert policy.lease_seconds + policy.reconcile_seconds + RESTART_S <= AT_WORK_AGAIN_S
    assert policy.heartbeat_seconds * 2 < policy.lease_seconds


async def test_emptying_redis_during_ten_uploads_loses_nothing(live_site: Site, redis_url: str) -> None:
    """The rows are the jobs: with every bell erased all ten are done, each once."""
    from redis.asyncio import Redis

    async with Redis.from_url(redis_url) as redis, member(live_site) as person, running_worker(live_site.settings):
        emptying = asyncio.create_task(_empty(redis))
        try:
            analyses = await upload_ten(person)
            await assert_all_done_once(person, analyses)
        finally:
            emptying.cancel()
            await asyncio.gather(emptying, return_exceptions=True)


async def _empty(redis: Redis) -> None:
    while True:
        await redis.flushall()
        await asyncio.sleep(0.05)


async def test_a_bell_that_nobody_heard_is_made_good(live_site: Site, redis_url: str) -> None:
    """What was queued before any worker, with Redis emptied since, is found by the reconciler."""
    from redis.asyncio import Redis

    async with member(live_site) as person:
        analysis_id = await person.upload("mix.wav", wav(2.0))
        async with Redis.from_url(redis_url) as redis:
            await redis.flushall()
        async with running_worker(live_site.settings):
            await person.until(analysis_id, "done")
        assert (await analysis_row(analysis_id))["attempts"] == 1


async def test_a_worker_that_is_asked_to_stop_gives_its_runs_back(live_site: Site) -> None:
    """SIGTERM puts a run back into the queue and counts no attempt; the next worker finishes it."""
    async with member(live_site) as person:
        async with running_worker(live_site.settings) as worker:
            analysis_id = await person.upload("mix.wav", wav(20.0))
            await until_at_work(worker)
            worker.send_signal(signal.SIGTERM)
            await eventually(lambda: worker.poll() is not None, deadline_s=60)
            assert worker.returncode == 0
        row = await analysis_row(analysis_id)
        assert (row["state"], row["attempts"], row["run_id"]) == ("queued", 0, None)
        assert any(path.is_file() for path in uploads_in(live_site.settings))
        async with running_worker(live_site.settings):
            await person.until(analysis_id, "done")
        assert (await analysis_row(analysis_id))["attempts"] == 1


async def test_a_cancelled_run_ends_its_child(live_site: Site) -> None:
    """Cancel while measuring ends the child, deletes the file and counts nothing."""
    async with member(live_site) as person, running_worker(live_site.settings) as worker:
        analysis_id = await person.upload("mix.wav", wav(20.0))
        await eventually(lambda: bool(engines_of(worker.pid)), deadline_s=60)
        await person.until(analysis_id, "running")
        answer = await person.client.post(f"/analyses/{analysis_id}/cancel", headers=person.headers)
        assert 'data-state="cancelled"' in answer.text
        await eventually(lambda: not engines_of(worker.pid), deadline_s=30)
        await eventually(lambda: not uploads_in(live_site.settings))
        assert await used_by(person.email) == 0
        assert await reports() == []


async def test_three_crashes_fail_with_a_reason_and_a_retry(live_site: Site) -> None:
    """The file of a failure of ours waits for a retry, which takes one analysis again and succeeds."""
    async with member(live_site) as person, running_worker(live_site.settings) as worker:
        analysis_id = await person.upload("mix.wav", wav(20.0))
        await _crash_until_failed(person, analysis_id, worker.pid)
        row = await analysis_row(analysis_id)
        assert (row["failure_code"], row["attempts"], row["is_permanent"]) == ("crashed", 3, False)
        assert await used_by(person.email) == 0
        card = await person.card(analysis_id)
        assert "Measuring stopped without a reason that we know. Nothing was counted." in card
        assert "The file is kept until" in card
        assert "Try again" in card
        assert any(path.is_file() for path in uploads_in(live_site.settings))
        retried = await person.client.post(f"/analyses/{analysis_id}/retry", headers=person.headers)
        assert retried.status_code == 200
        await person.until(analysis_id, "done")
        assert await used_by(person.email) == 1
        await eventually(lambda: not uploads_in(live_site.settings))


async def test_the_file_of_a_failure_goes_at_its_deadline(live_site: Site) -> None:
    """A failed upload is kept to its deadline, which a retry does not move, and then swept."""
    async with member(live_site) as person:
        async with running_worker(live_site.settings) as worker:
            analysis_id = await person.upload("mix.wav", wav(20.0))
            (file,) = await Upload.select().where(Upload.analysis == analysis_id)
            assert file["delete_after"] - file["created_at"] == timedelta(hours=24)
            await _crash_until_failed(person, analysis_id, worker.pid)
        async with services_after(live_site.settings, timedelta(hours=23, minutes=50)) as before:
            assert (await before.sweeper.sweep()).files_past_deadline == 0
            assert any(path.is_file() for path in uploads_in(live_site.settings))
        async with services_after(live_site.settings, timedelta(hours=24, seconds=1)) as after:
            assert (await after.sweeper.sweep()).files_past_deadline == 1
        await eventually(lambda: not uploads_in(live_site.settings))
        card = await person.card(analysis_id)
        assert "Try again" not in card
        assert "The upload is deleted." in card


async def _crash_until_failed(person: Person, analysis_id: UUID, worker_id: int) -> None:
    async def has_failed() -> bool:
        for engine in engines_of(worker_id):
            kill(engine)
        return await person.state(analysis_id) in {"failed", "done"}

    await eventually(has_failed, deadline_s=120)
    assert await person.state(analysis_id) == "failed"


async def test_a_run_that_takes_too_long_is_ended(settings: Settings) -> None:
    """The wall clock ends a run; after the last attempt the card says so."""
    from app.asgi import create_app

    hasty = with_policy(settings, analysis={"wall_clock_seconds": 0.2})
    async with running_site(create_app(hasty), hasty) as site, member(site) as person, running_worker(hasty) as worker:
        analysis_id = await person.upload("mix.wav", wav(20.0))
        card = await person.until(analysis_id, "failed", "done")
        row = await analysis_row(analysis_id)
        assert (row["state"], row["failure_code"], row["attempts"]) == ("failed", "timed_out", 3)
        assert "Measuring took longer than it may. Nothing was counted." in card
        assert await used_by(person.email) == 0
        assert engines_of(worker.pid) == []
