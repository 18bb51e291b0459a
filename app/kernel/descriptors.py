"""Open descriptors on their way into a child, and those that it must not have."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

STANDARD_STREAMS = (0, 1, 2)
MOST_DESCRIPTORS = 256


class Handed:
    """Carries a descriptor into a child, where it has another number."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def __reduce__(self) -> tuple[Any, ...]:
        from multiprocessing.reduction import DupFd  # noqa: PLC0415 - only when a child is started

        return _received, (DupFd(self._descriptor),)


def _received(handed: Any) -> int:
    return int(handed.detach())


def keep_open(*descriptors: int) -> None:
    """Close everything that came over from other processes; the standard streams lead nowhere."""
    null = os.open(os.devnull, os.O_RDWR)
    for standard in STANDARD_STREAMS:
        os.dup2(null, standard)
    kept = {*STANDARD_STREAMS, *descriptors}
    for number in _open_numbers() - kept:
        with suppress(OSError):
            os.close(number)


def _open_numbers() -> set[int]:
    listing = Path("/proc/self/fd")
    return {int(entry.name) for entry in listing.iterdir()} if listing.is_dir() else set(range(MOST_DESCRIPTORS))
