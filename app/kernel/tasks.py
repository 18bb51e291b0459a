"""Ending tasks for certain."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

AGAIN_S = 5.0


async def end(tasks: Iterable[asyncio.Task[Any]], *, again_s: float = AGAIN_S) -> None:
    """Cancel tasks, again and again until all are over; what they raise is dropped.

    One cancellation can be lost: before Python 3.12 `asyncio.wait_for` drops one that comes together with its
    answer, and `asyncio.timeout(0)` takes one for its own time that is up (CPython issue 134471). redis-py asks
    under both, so that a task that talks to Redis may go on as if nobody had stopped it.
    """
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        over, pending = await asyncio.wait(pending, timeout=again_s)
        # Looked at, or the loop complains of an error that nobody wanted.
        for task in over:
            if not task.cancelled():
                task.exception()
