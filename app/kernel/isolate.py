"""A child process for what a stranger sent: started warm, watched, ended by force.

The child is forked from a small single-threaded server process that has the engine loaded
(:mod:`multiprocessing`'s forkserver), so that it starts in well under 150 ms. It answers in
JSON lines over one pipe: nothing that it says is ever unpickled here.
"""

from __future__ import annotations

import asyncio
import ctypes
import importlib
import multiprocessing
import os
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from multiprocessing.context import ForkServerContext, ForkServerProcess

    Emit = Callable[[dict[str, Any]], None]

MAX_LINE_BYTES = 64 * 1024 * 1024
PR_SET_PDEATHSIG = 1


class ChildCrashed(Exception):
    """The child ended without saying that it was done."""


class ChildTimedOut(Exception):
    """The child was still at work when its time was over."""


@dataclass(frozen=True, slots=True)
class Task:
    """A function named ``module:function`` and its arguments; called as ``function(emit, **arguments)``."""

    function: str
    arguments: dict[str, Any]


class Isolator:
    """Starts children of one warm server process."""

    def __init__(self, preload: str) -> None:
        """Name the module that the server process loads before it forks."""
        self._context: ForkServerContext = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([preload])

    async def warm(self) -> None:
        """Start the server process and fork once, so that the first task does not wait for the engine."""
        process = self._context.Process(target=_nothing, daemon=True)
        await asyncio.to_thread(process.start)
        await asyncio.to_thread(_join, process)

    async def run(self, task: Task, *, wall_clock_s: float) -> AsyncIterator[dict[str, Any]]:
        """Yield what the child says until it ends.

        Raises
        ------
        ChildCrashed
            The child died, or its pipe ended without the closing message.
        ChildTimedOut
            ``wall_clock_s`` went by.

        """
        reading, writing = os.pipe()
        process = self._context.Process(target=_serve, args=(_Pipe(writing), task), daemon=True)
        try:
            await asyncio.to_thread(_start, process, reading, writing)
            async for message in _messages(reading, asyncio.get_running_loop().time() + wall_clock_s):
                if message.get("kind") == "end":
                    return
                yield message
            raise ChildCrashed(f"exit code {await asyncio.to_thread(_join, process)}")
        except TimeoutError as error:
            raise ChildTimedOut(f"after {wall_clock_s:.0f} s") from error
        finally:
            with suppress(ValueError, AttributeError):
                process.kill()
            await asyncio.shield(asyncio.to_thread(_join, process))


class _Pipe:
    """Carries the writing end into the child, where it has another number."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def __reduce__(self) -> tuple[Any, ...]:
        from multiprocessing.reduction import DupFd  # noqa: PLC0415 - only when a child is started

        return _received, (DupFd(self._descriptor),)


def _received(handed: Any) -> int:
    return int(handed.detach())


def _start(process: ForkServerProcess, reading: int, writing: int) -> None:
    try:
        process.start()
    except BaseException:
        os.close(reading)
        raise
    finally:
        os.close(writing)


def _join(process: ForkServerProcess) -> int | None:
    if process.pid is None:
        return None
    process.join()
    return process.exitcode


async def _messages(reading: int, deadline: float) -> AsyncIterator[dict[str, Any]]:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=MAX_LINE_BYTES)
    transport, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(reading, "rb", buffering=0)
    )
    try:
        while line := await _line(reader, deadline):
            yield msgspec.json.decode(line, type=dict[str, Any])
    except (msgspec.DecodeError, ValueError) as error:
        raise ChildCrashed("said something that is no message") from error
    finally:
        transport.close()


async def _line(reader: asyncio.StreamReader, deadline: float) -> bytes:
    # The deadline holds for the reading alone: a generator must not cancel the code that it yields to.
    async with asyncio.timeout_at(deadline):
        return await reader.readline()


def _nothing() -> None:
    os._exit(0)


def _serve(writing: int, task: Task) -> None:
    """Run one task in the child and say when it is over."""
    _die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    encoder = msgspec.json.Encoder()

    def emit(message: dict[str, Any]) -> None:
        _write_all(writing, encoder.encode(message) + b"\n")

    module, _, name = task.function.partition(":")
    getattr(importlib.import_module(module), name)(emit, **task.arguments)
    emit({"kind": "end"})
    # Libraries that were loaded before the fork would join threads that are not in this process.
    os._exit(0)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _die_with_parent() -> None:
    """Follow the server process, which itself ends when the worker is gone."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
