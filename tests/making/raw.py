"""Requests byte by byte, for what no client library would send."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from tests.services.site import Site

ANSWER_S = 15.0


@dataclass(frozen=True, slots=True)
class Answer:
    """The head and the body of an answer."""

    status: int
    text: str


@dataclass(slots=True)
class Connection:
    """One TCP connection to the site."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    site: Site

    async def head(self, method: str, path: str, headers: Mapping[str, str]) -> None:
        """Send a request's line and header."""
        host = f"{self.site.settings.host}:{self.site.settings.port}"
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", f"Origin: {self.site.url}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        await self.send("\r\n".join([*lines, "", ""]).encode())

    async def send(self, content: bytes) -> None:
        """Send some bytes."""
        self.writer.write(content)
        await self.writer.drain()

    async def answer(self, within_s: float = ANSWER_S) -> Answer:
        """Read one answer, whether or not the request is whole."""
        async with asyncio.timeout(within_s):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            length = next(
                (int(line.split(":")[1]) for line in head.split("\r\n") if line.lower().startswith("content-length:")),
                0,
            )
            body = await self.reader.readexactly(length)
        return Answer(int(head.split(" ", 2)[1]), body.decode())

    def reset(self) -> None:
        """Make the end of this connection a hard one."""
        linger = struct.pack("ii", 1, 0)
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


@asynccontextmanager
async def connected(site: Site) -> AsyncIterator[Connection]:
    """Open a connection, and close it at the end of the block."""
    reader, writer = await asyncio.open_connection(site.settings.host, site.settings.port)
    try:
        yield Connection(reader, writer, site)
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
