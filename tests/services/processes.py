"""Processes of the product and of its servers, started for a test and always ended."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from app.supervisor import die_with_parent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parents[2]
STOP_S = 10.0
OWN_PORTS = range(12_000, 32_000)


def own_command(*arguments: str) -> tuple[str, ...]:
    """Call ``tracksensei`` with the Python that runs the tests."""
    return (sys.executable, "-m", "app", *arguments)


def free_port() -> int:
    """Name a loopback port that nobody listens on.

    It is under those that the system gives to connections that go out, one of which would
    otherwise take it before it is listened on, in a suite with thousands of connections.
    """
    while True:
        port = secrets.choice(OWN_PORTS)  # not by what a property test seeds
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


@contextmanager
def running(
    command: Sequence[str], *, environment: Mapping[str, str] | None = None, log: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process in its own group; at the end ask it to stop, then kill the group."""
    with (log or Path(os.devnull)).open("ab") as output:
        process = subprocess.Popen(
            command,
            env=environment,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent(),  # noqa: PLW1509 - a suite that is killed leaves nothing behind
        )
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Stop a process and its group, kindly first."""
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        pass
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(STOP_S)
