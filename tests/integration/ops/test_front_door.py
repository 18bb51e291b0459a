"""What stands before the application: framing, sizes and addresses of requests."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from app.asgi import create_app
from app.kernel.html import access
from app.server import HEADER_MAX_BYTES
from tests.making.people import visitor
from tests.making.raw import connected
from tests.services.site import running_site

if TYPE_CHECKING:
    from app.settings import Settings
    from tests.services.site import Site

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
SPOOFED = {"X-Forwarded-For": "203.0.113.9"}


async def test_an_endless_header_is_closed(live_site: Site) -> None:
    """A header over the size is let go of at once, long before its deadline."""
    async with connected(live_site) as connection:
        await connection.send(b"GET / HTTP/1.1\r\nHost: x\r\n")
        async with asyncio.timeout(5):
            with suppress(ConnectionError):
                for _ in range(20 * HEADER_MAX_BYTES // 1024):
                    await connection.send(b"X-Filler: " + b"x" * 1000 + b"\r\n")
            with suppress(ConnectionError):
                assert await connection.reader.read() == b""


async def test_a_large_header_is_still_read(live_site: Site) -> None:
    """What browsers send at most is far below."""
    async with connected(live_site) as connection:
        await connection.head("GET", "/health/live", {"X-Filler": "x" * 16_000})
        assert (await connection.answer()).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Length": "5", "Transfer-Encoding": "chunked"},
        {"Transfer-Encoding": "chunked", "Content-Length": "5"},
        {"Content-Length": "5, 6"},
        {"Transfer-Encoding": "xchunked"},
        {"Content-Length": "-1"},
        {"Content-Length": "+5"},
    ],
)
async def test_a_body_whose_end_is_told_twice_is_refused(live_site: Site, headers: dict[str, str]) -> None:
    """No request can hide behind another where the proxy and we would count differently."""
    async with connected(live_site) as connection:
        await connection.head("POST", "/login", {**FORM, **headers})
        await connection.send(b"0\r\n\r\n")
        assert (await connection.answer()).status == 400


async def test_a_form_that_drips_is_refused(live_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole of a form has a deadline, so that slow bodies hold nothing for long."""
    monkeypatch.setattr(access, "FORM_DEADLINE_S", 0.3)
    async with connected(live_site) as connection:
        await connection.head("POST", "/login", {**FORM, "Content-Length": "1000"})
        await connection.send(b"email=")
        answer = await connection.answer()
        assert answer.status == 400
        assert "Not all arrived in time." in answer.text


async def test_nobody_chooses_the_address_that_limits_count(live_site: Site) -> None:
    """Without a trusted proxy what a visitor says of the address is ignored."""
    assert await address_logged(live_site) == "127.0.0.1"


async def test_a_trusted_proxy_names_the_address(settings: Settings) -> None:
    """Its word counts, and the last address that it did not vouch for is the visitor's."""
    behind = replace(settings, trusted_proxies="127.0.0.1")
    async with running_site(create_app(behind), behind) as site:
        assert await address_logged(site) == "203.0.113.9"
        assert await address_logged(site, {"X-Forwarded-For": "198.51.100.1, 203.0.113.8"}) == "203.0.113.8"


async def address_logged(site: Site, headers: dict[str, str] = SPOOFED) -> str:
    """Ask for a page; return the address that the access log has of it."""
    async with visitor(site) as person:
        assert (await person.client.get("/", headers=headers)).status_code == 200
    (file,) = site.settings.logs_dir.glob("access-*.log")
    return file.read_text().splitlines()[-1].partition('"address":"')[2].partition('"')[0]
