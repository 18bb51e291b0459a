"""What is written down is one line an event, whoever wrote it."""

from __future__ import annotations

import io
import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from app.kernel.logs import configure_logging

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Send the log to memory, as JSON, and put everything back."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    stream = io.StringIO()
    configure_logging("json", stream=stream)
    yield stream
    root.handlers = handlers
    root.setLevel(level)
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()


def events(stream: io.StringIO) -> list[dict[str, Any]]:
    """Parse each line."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_own_events_and_library_records_look_alike(written: io.StringIO) -> None:
    """An event of ours and a record of a library have the same fields."""
    structlog.get_logger("ours").info("analysis.done", seconds=3)
    logging.getLogger("theirs").warning("plain %s", "record")
    ours, theirs = events(written)
    assert ours["event"] == "analysis.done"
    assert ours["seconds"] == 3
    assert theirs["event"] == "plain record"
    assert theirs["level"] == "warning"
    assert {"event", "level", "logger", "timestamp"} <= ours.keys() & theirs.keys()


def test_bound_fields_reach_library_records(written: io.StringIO) -> None:
    """What is bound for a request or a job stands in every line of it."""
    with structlog.contextvars.bound_contextvars(analysis="a1"):
        logging.getLogger("theirs").warning("record")
    assert events(written)[0]["analysis"] == "a1"


def test_nobody_forges_a_line(written: io.StringIO) -> None:
    """Line ends and terminal codes in a value are written as escapes."""
    structlog.get_logger().info("event", value="one\r\ntwo\x1b[31m")
    logging.getLogger("theirs").warning("three\nfour")
    assert len(written.getvalue().splitlines()) == 2
    assert events(written)[0]["value"] == "one\\r\\ntwo\\x1b[31m"


def test_text_is_one_line_an_event_too() -> None:
    """The form for people cannot be forged either."""
    stream = io.StringIO()
    configure_logging("text", stream=stream)
    try:
        logging.getLogger("theirs").warning("one\ntwo")
    finally:
        logging.getLogger().handlers = []
        structlog.reset_defaults()
    assert len(stream.getvalue().splitlines()) == 1


def test_a_traceback_stays_in_its_event(written: io.StringIO) -> None:
    """An exception is a field of its event."""
    try:
        int("no number")
    except ValueError:
        structlog.get_logger().exception("job.failed")
    (event,) = events(written)
    assert "ValueError" in event["exception"]


@pytest.mark.parametrize("name", ["httpx", "arq.worker", "uvicorn.error", "uvicorn.access", "httpcore"])
def test_chatty_libraries_are_quiet(written: io.StringIO, name: str) -> None:
    """Lines with addresses or arguments are not written."""
    logging.getLogger(name).info("GET https://example.com/secret")
    assert events(written) == []
