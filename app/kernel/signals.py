"""Wake-ups between processes: something of this topic changed, look into the database.

Redis carries no state. A signal that is lost costs a reader the few seconds until it looks
by itself; with Redis away everything goes on at that pace. Beside signals it carries what is
live and stands in no row yet, such as the newest words of an answer; that may be lost too.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import structlog
from redis.exceptions import RedisError

from app.kernel.tasks import end

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from redis.asyncio import Redis

CHANNEL = "wake"
LIVE_CHANNEL = "live"
RECONNECT_S = 1.0

log = structlog.get_logger()


class Signals:
    """One subscription for the whole process, handed on to any number of waiting readers."""

    def __init__(self, redis: Redis, subscriber: Redis) -> None:
        """Connect to nothing yet; the subscriber is a client that may wait without a timeout."""
        self._redis = redis
        self._subscriber = subscriber
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)
        self._reader: asyncio.Task[None] | None = None
        self._hear: Callable[[bytes], None] | None = None

    def on_live(self, hear: Callable[[bytes], None]) -> None:
        """Hand what is live in any process to the one part that knows it."""
        self._hear = hear

    async def tell(self, live: bytes) -> None:
        """Send what is live to every process, this one too."""
        try:
            await self._redis.publish(LIVE_CHANNEL, live)
        except (RedisError, OSError) as error:
            log.warning("signals.tell_failed", error=type(error).__name__)

    async def publish(self, topic: str) -> None:
        """Wake the readers of a topic, here and in other processes."""
        self._wake(topic)
        try:
            await self._redis.publish(CHANNEL, topic)
        except (RedisError, OSError) as error:
            log.warning("signals.publish_failed", error=type(error).__name__)

    @asynccontextmanager
    async def listen(self, topic: str) -> AsyncIterator[asyncio.Event]:
        """Yield an event that is set at each signal; the reader clears it before it looks."""
        if self._reader is None:
            self._reader = asyncio.create_task(self._read())
        event = asyncio.Event()
        self._waiting[topic].add(event)
        try:
            yield event
        finally:
            self._waiting[topic].discard(event)
            if not self._waiting[topic]:
                del self._waiting[topic]

    async def close(self) -> None:
        """End the subscription."""
        if self._reader is not None:
            await end([self._reader])
            self._reader = None
        await self._subscriber.aclose(close_connection_pool=True)

    def _wake(self, topic: str) -> None:
        for event in self._waiting.get(topic, ()):
            event.set()

    def _take(self, channel: str, data: bytes) -> None:
        if channel == CHANNEL:
            self._wake(data.decode())
        elif self._hear is not None:
            self._hear(data)

    async def _read(self) -> None:
        while True:
            try:
                async with self._subscriber.pubsub() as subscription:
                    await subscription.subscribe(CHANNEL, LIVE_CHANNEL)
                    async for message in subscription.listen():
                        if message["type"] == "message":
                            self._take(message["channel"].decode(), message["data"])
            except (RedisError, OSError) as error:
                log.warning("signals.lost", error=type(error).__name__)
            await asyncio.sleep(RECONNECT_S)


async def wait(event: asyncio.Event, timeout_s: float) -> bool:
    """Wait for the next signal, at most so long; tell whether it came."""
    try:
        async with asyncio.timeout(timeout_s):
            await event.wait()
    except TimeoutError:
        return False
    return True
