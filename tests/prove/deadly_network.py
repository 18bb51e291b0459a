"""A process to which the network is deadly: how a call home is seen without any tool that watches.

The filter is handed on to every process that is started from here, through fork and exec.
"""

from __future__ import annotations

import platform
import socket

from app.kernel.confine import (
    ALLOW,
    ARCHITECTURES,
    FAMILY,
    FIRST_ARGUMENT,
    JUMP_EQUAL,
    KILL,
    LOAD,
    NUMBER,
    RETURN,
    filter_calls,
    statement,
)

SOCKET = {"x86_64": 41, "aarch64": 198}
IO_URING_SETUP = 425
"""It could open a socket without the call."""


def make_network_deadly() -> None:
    """End this process, or one that it starts, when it asks for a socket of any family but that of this machine."""
    machine = platform.machine()
    filter_calls([
        statement(LOAD, FAMILY),
        statement(JUMP_EQUAL, ARCHITECTURES[machine].audit, 1, 0),
        statement(RETURN, KILL),
        statement(LOAD, NUMBER),
        statement(JUMP_EQUAL, IO_URING_SETUP, 3, 0),
        statement(JUMP_EQUAL, SOCKET[machine], 0, 3),
        statement(LOAD, FIRST_ARGUMENT),
        statement(JUMP_EQUAL, socket.AF_UNIX, 1, 0),
        statement(RETURN, KILL),
        statement(RETURN, ALLOW),
    ])  # fmt: skip
