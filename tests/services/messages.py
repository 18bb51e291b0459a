"""A Messages API on loopback: streams as Anthropic's does, and fails in every way that it can.

Spoken in plain bytes, so that a stream can be cut, malformed or endless.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.services.processes import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

ANSWER = "Your true peak is **+1.2 dBTP**. Lower the ceiling to -1 dBTP.\n\n1. Cut 2 dB at 1.6 kHz.\n2. Export again."
USAGE = {
    "input_tokens": 40,
    "cache_creation_input_tokens": 2000,
    "cache_read_input_tokens": 0,
    "output_tokens": 1,
}


@dataclass(slots=True)
class Script:
    """How the next requests are answered."""

    text: str = ANSWER
    piece: int = 7
    """Characters of a piece."""
    first_s: float = 0.0
    """How long the first piece takes."""
    gap_s: float = 0.0
    """How long each next one takes."""
    status: int = 200
    retry_after: str = ""
    error: str = "api_error"
    after_pieces: int | None = None
    """After so many pieces the ``fault`` happens."""
    fault: str = ""
    """``overloaded``, ``cut``, ``malformed``, ``endless`` or ``silent``."""
    stop_reason: str = "end_turn"
    times: int | None = None
    """For so many requests; then the answer is normal."""
    hold: asyncio.Event | None = None
    """Where it is set, pieces wait for it after the first."""


@dataclass(slots=True)
class MessagesServer:
    """One Messages API, listening on loopback."""

    url: str
    script: Script = field(default_factory=Script)
    answer: Callable[[dict[str, Any]], str] | None = None
    """Makes the text of an answer from the request."""
    requests: list[dict[str, Any]] = field(default_factory=list)
    """The bodies, in order."""
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    first_sent_at: list[float] = field(default_factory=list)
    """When the first words of each answer left, by the loop's clock."""
    gone: int = 0
    """How many clients left before the end."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                while await self._one(reader, writer):
                    pass
        finally:
            writer.close()
            with suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        headers = {name.lower(): value for name, value in headers.items()}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.headers.append(headers)
        self.bodies.append(body)
        self.requests.append(json.loads(body))
        script = self.script
        if script.times is not None:
            script.times -= 1
            if script.times <= 0:
                self.script = Script()
        if script.status != 200:
            self._refuse(writer, script)
            await writer.drain()
            return True
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nrequest-id: req_loopback\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        try:
            return await self._stream(writer, script, self.requests[-1])
        except ConnectionError:
            self.gone += 1
            raise

    def _refuse(self, writer: asyncio.StreamWriter, script: Script) -> None:
        content = json.dumps({"type": "error", "error": {"type": script.error, "message": "made up"}}).encode()
        retry = f"retry-after: {script.retry_after}\r\n" if script.retry_after else ""
        writer.write(
            f"HTTP/1.1 {script.status} Made\r\nContent-Type: application/json\r\n{retry}"
            f"Content-Length: {len(content)}\r\n\r\n".encode()
            + content
        )

    async def _stream(self, writer: asyncio.StreamWriter, script: Script, request: dict[str, Any]) -> bool:
        async def send(kind: str, **fields: Any) -> None:
            await self._chunk(writer, f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n")

        await send("message_start", message=_message(request))
        await send("content_block_start", index=0, content_block={"type": "text", "text": ""})
        await send("ping")
        await asyncio.sleep(script.first_s)
        text = self.answer(request) if self.answer else script.text
        pieces = [text[index : index + script.piece] for index in range(0, len(text), script.piece)]
        for index, piece in enumerate(pieces):
            if index == script.after_pieces and not await self._fault(writer, script, send):
                return False
            if index == 0:
                self.first_sent_at.append(asyncio.get_running_loop().time())
            elif script.hold is not None:
                await script.hold.wait()
            await send("content_block_delta", index=0, delta={"type": "text_delta", "text": piece})
            if script.gap_s:
                await asyncio.sleep(script.gap_s)
        await send("content_block_stop", index=0)
        await send(
            "message_delta",
            delta={"stop_reason": script.stop_reason, "stop_sequence": None},
            usage={"output_tokens": len(text) // 4},
        )
        await send("message_stop")
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True

    async def _fault(self, writer: asyncio.StreamWriter, script: Script, send: Any) -> bool:
        """Do what is to go wrong; tell whether the stream goes on."""
        if script.fault == "overloaded":
            await send("error", error={"type": "overloaded_error", "message": "Overloaded"})
        elif script.fault == "malformed":
            await self._chunk(writer, 'event: content_block_delta\ndata: {"type": "content_block_delta", "ind\n\n')
        elif script.fault == "silent":
            await asyncio.sleep(3600)
        elif script.fault == "endless":
            while True:
                await send("content_block_delta", index=0, delta={"type": "text_delta", "text": "and on " * 40})
                await asyncio.sleep(0)
        elif not script.fault:
            return True
        return False

    async def _chunk(self, writer: asyncio.StreamWriter, text: str) -> None:
        content = text.encode()
        writer.write(f"{len(content):x}\r\n".encode() + content + b"\r\n")
        await writer.drain()


def _message(request: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "msg_loopback",
        "type": "message",
        "role": "assistant",
        "model": request["model"],
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": USAGE,
    }


@asynccontextmanager
async def running_messages() -> AsyncIterator[MessagesServer]:
    """Serve a Messages API on a loopback port, in the test's own loop."""
    port = free_port()
    messages = MessagesServer(f"http://127.0.0.1:{port}")
    open_tasks: set[asyncio.Task[Any]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_tasks.add(task)
        try:
            await messages.serve(reader, writer)
        finally:
            open_tasks.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    try:
        yield messages
    finally:
        server.close()
        for task in list(open_tasks):
            task.cancel()
        await asyncio.gather(*open_tasks, return_exceptions=True)
        await server.wait_closed()
