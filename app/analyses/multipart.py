"""A multipart form as a stream: fields first, then files, nothing spooled anywhere."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from litestar.exceptions import InternalServerException
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from app.kernel.errors import BadRequest, ClientGone

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from litestar import Request

    from app.settings import Settings

MAX_PARTS = 12
MAX_HEADER_BYTES = 4096
MAX_FIELD_BYTES = 4096
BROKEN = "The form could not be read."
WAY_OUT = "Load the page again and choose the file once more."


class FormStream:
    """The parts of one form, in the order in which they come."""

    def __init__(self, content_type: str, blocks: AsyncIterator[bytes]) -> None:
        """Read the boundary; no byte of the body yet."""
        kind, options = parse_options_header(content_type)
        boundary = options.get("boundary", "")
        if kind != "multipart/form-data" or not boundary:
            raise BadRequest(BROKEN, way_out=WAY_OUT)
        self._events = _events(boundary, blocks)

    async def parts(self) -> AsyncIterator[MultipartSegment]:
        """Yield the head of each part; its content is what the part before the next has left to read."""
        async for event in self._events:
            if isinstance(event, MultipartSegment):
                yield event

    async def content(self) -> AsyncIterator[bytes]:
        """Yield the bytes of the part whose head came last."""
        async for event in self._events:
            if not isinstance(event, bytes | bytearray):
                return
            if event:
                yield bytes(event)

    async def field(self) -> str:
        """Return the part whose head came last as a field's text."""
        value = b""
        async for block in self.content():
            value += block
            if len(value) > MAX_FIELD_BYTES:
                raise BadRequest(BROKEN, way_out=WAY_OUT)
        with suppress(UnicodeDecodeError):
            return value.decode().replace("\0", "")
        raise BadRequest(BROKEN, way_out=WAY_OUT)


async def _events(
    boundary: str, blocks: AsyncIterator[bytes]
) -> AsyncIterator[MultipartSegment | bytes | bytearray | None]:
    try:
        with PushMultipartParser(boundary, max_segment_count=MAX_PARTS, max_header_size=MAX_HEADER_BYTES) as parser:
            async for block in blocks:
                for event in parser.parse(block) if block else ():
                    yield event
    except MultipartError as error:
        raise BadRequest(BROKEN, way_out=WAY_OUT) from error


def form_stream(request: Request[Any, Any, Any], settings: Settings) -> FormStream:
    """Return the form that a request streams."""
    blocks = blocks_of(request, settings.policy.uploads.idle_seconds)
    return FormStream(request.headers.get("content-type", ""), blocks)


async def blocks_of(request: Request[Any, Any, Any], idle_s: float) -> AsyncIterator[bytes]:
    """Yield a body's blocks; a cut or silent connection ends it as what it is, not as a fault of ours."""
    stream = aiter(request.stream())
    while True:
        try:
            async with asyncio.timeout(idle_s):
                block = await anext(stream)
        except StopAsyncIteration:
            return
        except InternalServerException as error:
            raise ClientGone("The connection was cut before the file was whole.") from error
        except TimeoutError as error:
            raise ClientGone(f"Nothing came for {idle_s:.0f} s.", way_out="Try again.") from error
        if block:
            yield block
