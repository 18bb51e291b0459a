"""Programs that are kept running: what dies comes back, and none outlives its keeper."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

FIRST_DELAY_S = 0.2
LONGEST_DELAY_S = 10.0
SETTLED_S = 10.0
"""A program that lived so long starts again without an added delay."""
EXIT_REFUSED = 2
"""A program that ends so has said what is wrong with its settings; it is not started again."""
_PR_SET_PDEATHSIG = 1

Notice = Callable[[str, int, float], None]
"""Hear that a program ended: its name, its exit code, the seconds until it starts again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What is run, and how long it may take to end."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    grace_s: float = 5.0


class Keeper:
    """Keeps one program running until it is stopped."""

    def __init__(self, program: Program, notice: Notice) -> None:
        """Keep the program's description; nothing runs before ``start``."""
        self.program = program
        self._notice = notice
        self._stopping = asyncio.Event()
        self._hurrying = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> asyncio.Task[None]:
        """Begin; the task ends when the program is stopped or refuses its settings."""
        self._task = asyncio.create_task(self._keep())
        return self._task

    async def stop(self) -> None:
        """End the program and everything that it started, within its grace."""
        self._stopping.set()
        if self._task is not None:
            await self._task

    def hurry(self) -> None:
        """Let a stop in progress, or the next one, wait no longer."""
        self._hurrying.set()

    async def _keep(self) -> None:
        delay_s = FIRST_DELAY_S
        while not self._stopping.is_set():
            started_s = _now_s()
            process = await start_program(self.program)
            ended = asyncio.create_task(process.wait())
            await _first(asyncio.shield(ended), self._stopping.wait())
            if self._stopping.is_set():
                await self._end(process, ended)
                return
            end_group(process.pid)
            if ended.result() == EXIT_REFUSED:
                return
            if _now_s() - started_s > SETTLED_S:
                delay_s = FIRST_DELAY_S
            self._notice(self.program.name, ended.result(), delay_s)
            await _first(self._stopping.wait(), timeout_s=delay_s)
            delay_s = min(delay_s * 2, LONGEST_DELAY_S)

    async def _end(self, process: asyncio.subprocess.Process, ended: asyncio.Task[int]) -> None:
        """Ask the program to end, wait, then kill its whole group."""
        # Only the program itself is asked: it knows in which order its own children go.
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await _first(asyncio.shield(ended), self._hurrying.wait(), timeout_s=self.program.grace_s)
        end_group(process.pid)
        await ended


async def start_program(program: Program) -> asyncio.subprocess.Process:
    """Start a program in a process group of its own, tied to this process's life."""
    return await asyncio.create_subprocess_exec(
        *program.command,
        env=program.environment,
        stdin=asyncio.subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=die_with_parent(),
    )


def end_group(group_id: int) -> None:
    """Kill what is left of a process group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group_id, signal.SIGKILL)


def die_with_parent() -> Callable[[], None] | None:
    """Return what a new process runs first, where the kernel can end it with its parent."""
    if sys.platform != "linux":
        return None
    parent_id, prctl = os.getpid(), ctypes.CDLL(None).prctl

    def run() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent_id:  # the parent went before the kernel was asked
            os._exit(1)

    return run


async def _first(*awaitables: Awaitable[object], timeout_s: float | None = None) -> None:
    """Wait until one is done or the time is over, and cancel the others."""
    waiting = [asyncio.ensure_future(each) for each in awaitables]
    try:
        await asyncio.wait(waiting, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waiting:
            each.cancel()


def _now_s() -> float:
    return asyncio.get_running_loop().time()
