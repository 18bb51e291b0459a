"""The processes below one that a test started, found in /proc."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path


def children_of(process_id: int) -> list[int]:
    """List the living children of a process."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with suppress(OSError):
            state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            if int(parent) == process_id and state != "Z":
                found.append(int(entry.name))
    return found


def engines_of(worker_id: int) -> list[int]:
    """List the engine's children of a worker: what its fork server has forked."""
    return [child for helper in children_of(worker_id) for child in children_of(helper)]


def kill(process_id: int) -> None:
    """End a process that cannot resist."""
    with suppress(ProcessLookupError):
        os.kill(process_id, signal.SIGKILL)
