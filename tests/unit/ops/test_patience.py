"""A test that hangs fails by itself and breaks no other."""

from __future__ import annotations

import asyncio

import pytest

from tests.services.patience import within


async def test_a_hanging_test_fails_at_its_deadline() -> None:
    """A test that waits for ever is ended inside its loop."""

    async def hanging() -> None:
        await asyncio.Event().wait()

    with pytest.raises(TimeoutError):
        await within(0.01, hanging)()


async def test_a_test_of_its_time_gets_its_fixtures(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The deadline hides nothing of a test: it is asked for its fixtures as before."""
    assert tmp_path_factory is not None
