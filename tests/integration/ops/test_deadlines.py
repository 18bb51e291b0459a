"""A connection that does not get to the point is closed."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from app.server import DeadlineProtocol, listen
from app.settings import SettingsError
from tests.services.processes import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.services.site import Site

REQUEST = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"
DEADLINE_S = 0.3
ENOUGH_S = 5.0


@pytest.fixture(autouse=True)
def short_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tests wait for less than ten seconds."""
    monkeypatch.setattr(DeadlineProtocol, "header_deadline_s", DEADLINE_S)


@asynccontextmanager
async def connected(site: Site) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Open a bare connection to the site."""
    reader, writer = await asyncio.open_connection(site.settings.host, site.settings.port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(ConnectionResetError):  # the server may have closed first, with a byte on its way
            await writer.wait_closed()


async def read_to_the_end(reader: asyncio.StreamReader) -> bytes:
    """Read until the server closes."""
    async with asyncio.timeout(ENOUGH_S):
        return await reader.read()


async def read_answer(reader: asyncio.StreamReader) -> bytes:
    """Read one answer of a kept connection."""
    async with asyncio.timeout(ENOUGH_S):
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        return head + await reader.readexactly(length)


async def test_a_silent_connection_is_closed(live_site: Site) -> None:
    """Who says nothing is let go."""
    async with connected(live_site) as (reader, _):
        assert await read_to_the_end(reader) == b""


async def test_half_a_header_is_closed(live_site: Site) -> None:
    """A header that does not end is let go."""
    async with connected(live_site) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nHost: loc")
        assert await read_to_the_end(reader) == b""


async def test_a_trickled_header_is_closed(live_site: Site) -> None:
    """Each further byte buys no further time."""

    async def trickle(writer: asyncio.StreamWriter) -> None:
        writer.write(b"GET / HTTP/1.1\r\nX: ")
        while True:
            writer.write(b"x")
            await asyncio.sleep(DEADLINE_S / 10)

    async with connected(live_site) as (reader, writer):
        trickling = asyncio.create_task(trickle(writer))
        try:
            assert await read_to_the_end(reader) == b""
        except ConnectionResetError:
            pass  # a byte was on its way when the server closed
        finally:
            trickling.cancel()


async def test_a_whole_request_is_answered_and_the_connection_kept(live_site: Site) -> None:
    """Who gets to the point within the deadline may go on."""
    async with connected(live_site) as (reader, writer):
        for _ in range(2):
            writer.write(REQUEST)
            assert (await read_answer(reader)).startswith(b"HTTP/1.1 200 ")


async def test_half_a_second_header_is_closed(live_site: Site) -> None:
    """The deadline holds for every request of a connection."""
    async with connected(live_site) as (reader, writer):
        writer.write(REQUEST)
        await read_answer(reader)
        writer.write(REQUEST[:-5])
        assert await read_to_the_end(reader) == b""


async def test_line_ends_between_requests_are_closed(live_site: Site) -> None:
    """Bytes that begin no request end the keep-alive time, and so need a deadline of their own."""
    async with connected(live_site) as (reader, writer):
        writer.write(REQUEST)
        await read_answer(reader)
        writer.write(b"\r\n")
        assert await read_to_the_end(reader) == b""


async def test_the_answer_names_no_server(live_site: Site) -> None:
    """An answer carries a date and no name or version of the server."""
    async with connected(live_site) as (reader, writer):
        writer.write(REQUEST)
        head = (await read_answer(reader)).lower()
    assert b"\r\ndate:" in head
    assert b"\r\nserver:" not in head


def test_a_taken_port_is_one_sentence() -> None:
    """Whoever finds the port taken is told what to set."""
    port = free_port()
    with listen("127.0.0.1", port), pytest.raises(SettingsError, match=f"port {port} .*PORT"):
        listen("127.0.0.1", port)
