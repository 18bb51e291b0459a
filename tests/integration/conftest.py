"""No test of this folder may make the server fail, whatever it asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.making.traces import errors_in, watched_log

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def quiet_server() -> Iterator[None]:
    """Fail a test after which the log tells of an error of ours."""
    with watched_log() as events:
        yield
    assert errors_in(events) == []
