"""A child process for what a stranger sent: started warm, confined, watched, ended by force.

The child is forked from a small single-threaded server process that has the engine loaded
(:mod:`multiprocessing`'s forkserver), so that it starts in well under 150 ms. It answers in
JSON lines over one pipe: nothing that it says is ever unpickled here. Before it reads a
stranger's byte it gives up everything but the one open file, the pipe, memory and time.
"""

from __future__ import annotations

import asyncio
import importlib
import multiprocessing
import os
import signal
import traceback
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from app.kernel.confine import Limits, confine, die_with_parent
from app.kernel.descriptors import Handed, keep_open
from app.kernel.programs import Programs, Rows

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable
    from multiprocessing.context import ForkServerContext, ForkServerProcess

    Emit = Callable[[dict[str, Any]], None]

MAX_LINE_BYTES = 64 * 1024 * 1024
LOOK_EVERY_S = 0.1
LAST_BREATH_S = 2.0
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class ChildEnded(Exception):
    """The child ended, or was ended, without saying that it was done."""

    code = "crashed"


class ChildTimedOut(ChildEnded):
    """It was still at work when its time was over."""

    code = "timed_out"


class ChildTooLarge(ChildEnded):
    """It held more memory than it may."""

    code = "memory"


@dataclass(frozen=True, slots=True)
class Task:
    """A function named ``module:function``; called as ``function(emit, descriptor, **arguments)``."""

    function: str
    file: Path
    """The one file that the child may read; opened before anything else is given up."""
    arguments: dict[str, Any]
    programs: Programs | None = None
    """What it may send bytes through; the function is called with ``through``, a (writing, reading) for each row."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a child may use before it is ended."""

    wall_clock_s: float
    resident_bytes: int
    """Memory really held, watched from here."""
    limits: Limits
    """What the kernel itself refuses."""


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

    async def run(self, task: Task, bounds: Bounds) -> AsyncIterator[dict[str, Any]]:
        """Yield what the child says until it ends.

        Raises
        ------
        ChildEnded
            The child died, or its pipe ended without the closing message.
        ChildTimedOut, ChildTooLarge
            It went over its bounds and was ended.

        """
        reading, writing = os.pipe()
        rows = Rows(self._context, task.programs)
        through = tuple(tuple(map(Handed, ends)) for ends in rows.ends)
        given = (Handed(writing), through, task, bounds.limits)
        process = self._context.Process(target=_serve, args=given, daemon=True)
        watch: asyncio.Task[bool] | None = None
        try:
            await _started(process, rows, reading, writing)
            watch = asyncio.create_task(_watch(process, bounds.resident_bytes))
            async for message in _messages(reading, asyncio.get_running_loop().time() + bounds.wall_clock_s):
                if message.get("kind") == "end":
                    return
                if message.get("kind") == "failed":
                    raise ChildEnded(str(message.get("detail")))
                yield message
            code = await asyncio.to_thread(_ended, process)
            raise ChildTooLarge(f"exit code {code}") if await watch else ChildEnded(f"exit code {code}")
        except TimeoutError as error:
            raise ChildTimedOut(f"after {bounds.wall_clock_s:.0f} s") from error
        finally:
            if watch is not None:
                watch.cancel()
            for started in (process, *rows.processes):
                with suppress(ValueError, AttributeError):
                    started.kill()
            await asyncio.shield(asyncio.to_thread(_join_all, (process, *rows.processes)))


def _start(process: ForkServerProcess, rows: Rows, reading: int, writing: int) -> None:
    try:
        process.start()
        rows.start()
    except BaseException:
        os.close(reading)
        raise
    finally:
        os.close(writing)
        rows.close()


def _join(process: ForkServerProcess) -> int | None:
    if process.pid is None:
        return None
    process.join()
    return process.exitcode


def _join_all(processes: Iterable[ForkServerProcess]) -> None:
    for process in processes:
        _join(process)


def _ended(process: ForkServerProcess) -> int | None:
    """Return the exit code of a child whose pipe is closed; one that stays all the same is ended."""
    process.join(LAST_BREATH_S)
    process.kill()
    return _join(process)


async def _started(process: ForkServerProcess, rows: Rows, reading: int, writing: int) -> None:
    """Start the child; a cancellation waits until there is one that can be ended."""
    starting = asyncio.ensure_future(asyncio.to_thread(_start, process, rows, reading, writing))
    try:
        await asyncio.shield(starting)
    except asyncio.CancelledError:
        await asyncio.gather(starting, return_exceptions=True)
        if not starting.cancelled() and starting.exception() is None:
            os.close(reading)
        raise


async def _watch(process: ForkServerProcess, resident_bytes: int) -> bool:
    """End a child that holds too much; tell whether it did, once it is over."""
    while process.exitcode is None:
        if _resident_bytes(process.pid) > resident_bytes:
            process.kill()
            return True
        await asyncio.sleep(LOOK_EVERY_S)
    return False


def _resident_bytes(pid: int | None) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * PAGE_BYTES
    except (OSError, IndexError, ValueError):
        return 0  # over, or a system without /proc


async def _messages(reading: int, deadline: float) -> AsyncIterator[dict[str, Any]]:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=MAX_LINE_BYTES)
    transport, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(reading, "rb", buffering=0)
    )
    try:
        while line := await _line(reader, deadline):
            yield msgspec.json.decode(line, type=dict[str, Any])
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise ChildEnded("said something that is no message") from error
    finally:
        transport.close()


async def _line(reader: asyncio.StreamReader, deadline: float) -> bytes:
    # The deadline holds for the reading alone: a generator must not cancel the code that it yields to.
    async with asyncio.timeout_at(deadline):
        return await reader.readline()


def _nothing() -> None:
    os._exit(0)


def _serve(writing: int, through: tuple[tuple[int, int], ...], task: Task, limits: Limits) -> None:
    """Run one task in the child and say when it is over."""
    # It follows the server process, which itself ends when the worker is gone.
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    encoder = msgspec.json.Encoder()
    module, _, name = task.function.partition(":")
    function = getattr(importlib.import_module(module), name)
    descriptor = os.open(task.file, os.O_RDONLY | os.O_CLOEXEC)
    keep_open(descriptor, writing, *chain.from_iterable(through))
    confine(limits)

    def emit(message: dict[str, Any]) -> None:
        _write_all(writing, encoder.encode(message) + b"\n")

    arguments = {**task.arguments, "through": through} if through else task.arguments
    try:
        function(emit, descriptor, **arguments)
        emit({"kind": "end"})
    except Exception as error:  # noqa: BLE001 - whatever it was, the parent is told its kind and place
        emit({"kind": "failed", "detail": _place_of(error)})
    # Libraries that were loaded before the fork would join threads that are not in this process.
    os._exit(0)


def _place_of(error: BaseException) -> str:
    """Return an error's kind and place; its text may hold what a stranger wrote."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {last.name}, {Path(last.filename).name}:{last.lineno}"


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
