"""Deadlines of tests: an async test fails inside its own loop, so that the next one finds it whole.

pytest-timeout's signal would break out of the event loop in the middle of whatever runs, and
leave it unusable; for async tests it is only the last resort, which ends the run.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

TEST_S = 300.0
LAST_RESORT_S = 60.0


def _seconds_of(item: pytest.Item) -> float:
    marker = item.get_closest_marker("timeout")
    return float(marker.args[0]) if marker is not None and marker.args else TEST_S


def within(seconds: float, test: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """Return the test with a deadline."""

    @functools.wraps(test)
    async def patient(*arguments: Any, **named: Any) -> None:
        async with asyncio.timeout(seconds):
            await test(*arguments, **named)

    return patient


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give every async test a deadline of its own, and the run a later one."""
    for item in items:
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
            seconds = _seconds_of(item)
            item.obj = within(seconds, item.obj)
            item.add_marker(pytest.mark.timeout(seconds + LAST_RESORT_S, method="thread"), append=False)
