"""Waiting for a condition, never for a time."""

from __future__ import annotations

import asyncio
import inspect
import time
from typing import TYPE_CHECKING, TypeVar, cast, overload

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

POLL_S = 0.02
T = TypeVar("T")


@overload
async def eventually(condition: Callable[[], Awaitable[T]], deadline_s: float = ...) -> T: ...
@overload
async def eventually(condition: Callable[[], T], deadline_s: float = ...) -> T: ...
async def eventually(condition: Callable[[], T | Awaitable[T]], deadline_s: float = 30.0) -> T:
    """Return the first true answer of a condition, plain or async, or fail at the deadline."""
    until_s = time.monotonic() + deadline_s
    while True:
        answer = condition()
        value = cast("T", await answer if inspect.isawaitable(answer) else answer)
        if value:
            return value
        if time.monotonic() > until_s:
            raise AssertionError(f"not true within {deadline_s} s: {_text_of(condition)}")
        await asyncio.sleep(POLL_S)


def _text_of(condition: Callable[[], object]) -> str:
    try:
        return inspect.getsource(condition).strip()
    except TypeError:  # a partial or another object without source
        return repr(condition)
