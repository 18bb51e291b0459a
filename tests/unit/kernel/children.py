"""What the confined child is asked to do in tests; runs there, and nowhere else."""

from __future__ import annotations

import os
import resource
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.kernel.isolate import Emit

BLOCK = 8 * 2**20


def read_all(emit: Emit, descriptor: int) -> None:
    """Say what the file holds."""
    emit({"kind": "content", "text": os.read(descriptor, 1000).decode()})


def say_much(emit: Emit, _: int, *, size: int) -> None:
    """Say a long line."""
    emit({"kind": "long", "text": "x" * size})


def crash(_: Emit, __: int) -> None:
    """End as broken native code does."""
    os.abort()


def leave(_: Emit, __: int) -> None:
    """End without the closing message."""
    os._exit(0)


def hide(_: Emit, descriptor: int) -> None:
    """Close the pipe, as if the process were over, and stay."""
    for number in set(range(3, 64)) - {descriptor}:
        with suppress(OSError):
            os.close(number)
    time.sleep(60)


def fail(_: Emit, __: int) -> None:
    """Raise, with something secret in the text."""
    raise ValueError("a stranger's words")


def sleep(emit: Emit, _: int, *, seconds: float) -> None:
    """Say the process's number, then do nothing."""
    emit({"kind": "pid", "pid": os.getpid()})
    time.sleep(seconds)


def grow(_: Emit, __: int) -> None:
    """Hold more and more memory."""
    held = []
    while True:
        held.append(bytearray(os.urandom(4096) * (BLOCK // 4096)))
        time.sleep(0.01)


def nest(emit: Emit, descriptor: int) -> None:
    """Say something that is as deep as it is long."""
    babble(emit, descriptor, text='{"kind":' + "[" * 100_000)


def babble(_: Emit, descriptor: int, *, text: str) -> None:
    """Write something to the pipe that is no message."""
    for number in range(3, 64):
        if number != descriptor:
            with suppress(OSError):
                os.write(number, text.encode() + b"\n")


def send_through(emit: Emit, _: int, *, text: str, through: tuple[tuple[int, int], ...]) -> None:
    """Send a text through programs and say what comes back."""
    ((writing, reading),) = through
    os.write(writing, text.encode())
    os.close(writing)
    with os.fdopen(reading, "rb") as back:
        emit({"kind": "back", "text": back.read().decode()})


def send_and_leave(emit: Emit, _: int, *, through: tuple[tuple[int, int], ...]) -> None:
    """Send something and do not wait for the answer."""
    os.write(through[0][0], b"x")
    emit({"kind": "sent"})


def leave_pipes(emit: Emit, _: int, *, through: tuple[tuple[int, int], ...]) -> None:
    """Send nothing."""
    emit({"kind": "left" if through else "none"})


def start_thread(emit: Emit, _: int) -> None:
    """Use a thread, which is allowed."""
    said: list[str] = []
    thread = threading.Thread(target=said.append, args=("hello",))
    thread.start()
    thread.join()
    emit({"kind": "thread", "said": said})


def tell_limits(emit: Emit, _: int) -> None:
    """Say what the kernel holds against this process."""
    names = ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_NOFILE", "RLIMIT_CORE")
    emit({"kind": "limits", **{name: resource.getrlimit(getattr(resource, name)) for name in names}})
