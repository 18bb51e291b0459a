"""Programs of the system that turn bytes into other bytes, each in a confined process of its own.

A child that reads a stranger's file starts no program. Where it needs one (an encoder that no
library has) it is handed both ends of each row of them: what it writes goes into the first, what
comes out of the last is read back. Each of them may read its own libraries and its standard
input and write its standard output. It can open, write and reach nothing else, starts no
process, and is ended with its task. None is executed before the first byte goes into its row, and then all.
"""

from __future__ import annotations

import multiprocessing
import os
import platform
import select
import signal
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from app.kernel.confine import ARCHITECTURES, EXECUTE, READ_FILE, Kept, Limits, confine, die_with_parent, layers
from app.kernel.descriptors import Handed, keep_open

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.context import ForkServerContext, ForkServerProcess

STANDARD_INPUT, STANDARD_OUTPUT = 0, 1
_NICE = 10
"""Whoever measures goes first: it has more to do in the same time than programs that it waits for in the end."""
LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache")
"""Where a program's shared libraries may lie; one that needs others does not start."""


@dataclass(frozen=True, slots=True)
class Programs:
    """Rows of commands, each a path and its arguments, and what each process of them may use."""

    rows: tuple[tuple[tuple[str, ...], ...], ...]
    limits: Limits


def can_run() -> bool:
    """Tell whether this machine has every layer that a foreign program is held by."""
    return layers().landlock_version > 0 and layers().seccomp


@contextmanager
def running(programs: Programs) -> Iterator[tuple[tuple[int, int], ...]]:
    """Run rows beside this process for as long as the block, which closes both ends of each that it is given."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    rows = Rows(context, programs)
    ends = tuple((os.dup(writing), os.dup(reading)) for writing, reading in rows.ends)
    rows.start()
    rows.close()
    try:
        yield ends
    finally:
        for process in rows.processes:
            process.kill()
            process.join()


class Rows:
    """The processes of rows of programs, from pipe to pipe."""

    def __init__(self, context: ForkServerContext, programs: Programs | None) -> None:
        """Make pipes and processes; nothing is started. Without programs there is nothing of it."""
        self.processes: list[ForkServerProcess] = []
        self.ends: list[tuple[int, int]] = []
        """For whoever uses a row: where to write, and where to read."""
        self._open: list[int] = []
        if programs is not None:
            for commands in programs.rows:
                self._add(context, commands, programs.limits)

    def _add(self, context: ForkServerContext, commands: tuple[tuple[str, ...], ...], limits: Limits) -> None:
        pipes = [os.pipe() for _ in range(len(commands) + 1)]
        self._open += [end for pipe in pipes for end in pipe]
        self.ends.append((pipes[0][1], pipes[-1][0]))
        for command, (before, after) in zip(commands, pairwise(pipes), strict=True):
            given = (Handed(pipes[0][0]), Handed(before[0]), Handed(after[1]), command, limits)
            self.processes.append(context.Process(target=_become, args=given, daemon=True))

    def start(self) -> None:
        """Start the processes."""
        for process in self.processes:
            process.start()

    def close(self) -> None:
        """Let go of the pipes, which the processes have by now."""
        while self._open:
            os.close(self._open.pop())


def _become(waking: int, reading: int, writing: int, command: tuple[str, ...], limits: Limits) -> None:
    """Wait for the first byte into the row, then give up everything but its own pipes and be the program."""
    die_with_parent()
    os.nice(_NICE)
    keep_open(waking, reading, writing)
    if not _has_input(waking, reading):
        os._exit(0)
    os.close(waking)
    os.dup2(reading, STANDARD_INPUT)
    os.dup2(writing, STANDARD_OUTPUT)
    os.close(reading)
    os.close(writing)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    confine(limits, _kept_for(command[0]))
    # Nothing of this process's environment comes along, neither secrets nor settings of the loader.
    os.execve(command[0], command, {})  # noqa: S606  # nosec B606 - the path is the operator's


def _has_input(*descriptors: int) -> bool:
    """Wait until there is something to read in one of them, or nobody who could write to any."""
    waiting, left = select.poll(), set(descriptors)
    for descriptor in descriptors:
        waiting.register(descriptor, select.POLLIN)
    while left:
        for descriptor, event in waiting.poll():
            if event & select.POLLIN:
                return True
            waiting.unregister(descriptor)
            left.discard(descriptor)
    return False


def _kept_for(program: str) -> Kept:
    """Return the rights to read libraries, and to execute this program and what loads it."""
    libraries = [(path, READ_FILE) for path in LIBRARIES]
    loaders = [family.loader for name, family in ARCHITECTURES.items() if name == platform.machine()]
    executed = [(path, EXECUTE | READ_FILE) for path in (program, *loaders)]
    return Kept(tuple(libraries + executed), starts_program=True)
