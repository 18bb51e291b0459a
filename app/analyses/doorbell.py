"""The doorbell: tells the workers that something is queued, and nothing else.

The job carries no argument. Whoever hears it takes the oldest row that waits, so that a bell
which is lost, or rung twice, changes nothing but the waiting time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from redis.exceptions import RedisError

if TYPE_CHECKING:
    from arq import ArqRedis

JOB = "answer_doorbell"

log = structlog.get_logger()


class Doorbell:
    """Rings by arq."""

    def __init__(self, queue: ArqRedis) -> None:
        """Connect to nothing yet."""
        self._queue = queue

    async def ring(self) -> None:
        """Call a worker; without Redis the reconciler finds the row by itself."""
        try:
            await self._queue.enqueue_job(JOB)
        except (RedisError, OSError) as error:
            log.warning("doorbell.unheard", error=type(error).__name__)
