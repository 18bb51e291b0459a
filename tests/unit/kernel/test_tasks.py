"""Tasks end, however often a cancellation is lost in them."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from app.kernel.queue import connect
from app.kernel.tasks import end


async def _lose(count: int) -> None:
    """Go on after so many cancellations, as under a timeout that takes them for its own."""
    for _ in range(count):
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
    await asyncio.Event().wait()


async def _fail() -> None:
    raise OSError


async def _go_on(redis_url: str) -> None:
    redis = connect(redis_url)
    try:
        while True:
            await redis.ping()
    finally:
        await redis.aclose(close_connection_pool=True)


async def test_a_lost_cancellation_comes_again() -> None:
    """One hears the first, one the third, one failed and one was over before."""
    over = asyncio.create_task(asyncio.sleep(0))
    await over
    tasks = [*(asyncio.create_task(_lose(count)) for count in (0, 2)), asyncio.create_task(_fail()), over]
    await asyncio.sleep(0)
    await end(tasks, again_s=0.01)
    assert all(task.done() for task in tasks)


async def test_there_may_be_nothing_to_end() -> None:
    """Nobody waits for nobody."""
    await asyncio.wait_for(end([]), 1.0)


async def test_who_talks_to_redis_ends(redis_url: str) -> None:
    """At whatever place of its talk it is stopped, of which some lose a cancellation."""
    for steps in range(40):
        task = asyncio.create_task(_go_on(redis_url))
        for _ in range(steps):
            await asyncio.sleep(0)
        await asyncio.wait_for(end([task], again_s=0.05), 10.0)
        assert task.done()
