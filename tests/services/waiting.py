"""Waiting for a condition, never for a time."""

from __future__ import annotations

import asyncio
import inspect
import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

POLL_S = 0.02
T = TypeVar("T")


async def eventually(condition: Callable[[], T | Awaitable[T]], deadline_s: float = 10.0) -> T:
    """Return the first true answer of a condition, plain or async, or fail at the deadline."""
    until_s = time.monotonic() + deadline_s
    while True:
        answer = condition()
        if inspect.isawaitable(answer):
            answer = await answer
        if answer:
            return answer  # type: ignore[return-value] - an awaitable was awaited above
        if time.monotonic() > until_s:
            raise AssertionError(f"{inspect.getsource(condition).strip()} was not true within {deadline_s} s")
        await asyncio.sleep(POLL_S)
