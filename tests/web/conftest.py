"""No test of this folder may make the server fail, whatever it sends."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from tests.making.traces import errors_in, watched_log

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def quiet_server(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail a test after which the log tells of an error of ours."""
    with watched_log() as events:
        yield
    assert errors_in(events) == []
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
