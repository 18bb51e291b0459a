"""Wake-ups between processes: heard where Redis is, replaced by looking where it is not."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from app.kernel.queue import connect
from app.kernel.signals import Signals, wait
from tests.prove.stage import RedisServer
from tests.services.processes import free_port
from tests.services.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@asynccontextmanager
async def signals_of(url: str) -> AsyncIterator[Signals]:
    """Lend the signals of one process."""
    publishing, listening = connect(url), connect(url, answer_timeout_s=None)
    signals = Signals(publishing, listening)
    try:
        yield signals
    finally:
        await signals.close()
        await publishing.aclose(close_connection_pool=True)
        await listening.aclose(close_connection_pool=True)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[RedisServer]:
    """Lend a Redis that can be killed."""
    server = RedisServer(free_port(), tmp_path)
    await server.start()
    yield server
    server.kill()


async def heard(here: Signals, event: asyncio.Event, topic: str) -> bool:
    """Publish until it is heard: the subscription takes a moment."""
    await here.publish(topic)
    return await wait(event, 0.05)


async def test_a_signal_of_another_process_is_heard(server: RedisServer) -> None:
    """Only its own topic wakes a reader."""
    async with (
        signals_of(server.url) as here,
        signals_of(server.url) as there,
        there.listen("a") as event,
        there.listen("b") as other,
    ):
        await eventually(lambda: heard(here, event, "a"))
        assert not other.is_set()


async def test_readers_of_the_same_process_need_no_redis(tmp_path: Path) -> None:
    """A signal goes to them directly, and its loss elsewhere is no error."""
    async with signals_of(f"redis://127.0.0.1:{free_port()}/0") as signals, signals.listen("a") as event:
        await signals.publish("a")
        assert event.is_set()


async def test_a_reader_hears_again_after_redis_was_away(server: RedisServer) -> None:
    """The subscription is made anew, without anybody asking."""
    async with signals_of(server.url) as here, signals_of(server.url) as there, there.listen("a") as event:
        await eventually(lambda: heard(here, event, "a"))
        server.kill()
        event.clear()
        await here.publish("a")
        assert not event.is_set()
        await server.start()
        await eventually(lambda: heard(here, event, "a"), deadline_s=15)


async def test_waiting_ends_without_a_signal() -> None:
    """A reader looks by itself after its time."""
    event = asyncio.Event()
    assert not await wait(event, 0.01)
    event.set()
    assert await wait(event, 0.01)


async def test_nothing_is_kept_of_readers_that_are_gone(server: RedisServer) -> None:
    """A topic without readers is forgotten."""
    async with signals_of(server.url) as signals:
        async with signals.listen("a"):
            assert "a" in signals._waiting
        assert "a" not in signals._waiting
