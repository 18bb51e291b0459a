"""A disk of its own that can be filled: a small tmpfs, where this user may mount one."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BALLAST = "ballast"


@contextmanager
def small_disk(folder: Path, size_mib: int) -> Iterator[bool]:
    """Put a small disk at a folder; the value tells whether there is one."""
    is_there = size_mib > 0 and os.geteuid() == 0 and _mount(folder, size_mib)
    try:
        yield is_there
    finally:
        if is_there:
            _run("umount", "--lazy", str(folder))


def fill(folder: Path) -> None:
    """Leave no byte free."""
    with suppress(OSError), (folder / BALLAST).open("wb", buffering=0) as ballast:
        while True:
            ballast.write(b"x" * max(1, min(1 << 20, shutil.disk_usage(folder).free or 1)))


def free(folder: Path) -> None:
    """Take the filling away."""
    (folder / BALLAST).unlink(missing_ok=True)


def _mount(folder: Path, size_mib: int) -> bool:
    return _run("mount", "-t", "tmpfs", "-o", f"size={size_mib}m,mode=0700", "tmpfs", str(folder))


def _run(*command: str) -> bool:
    found = shutil.which(command[0])
    return found is not None and subprocess.run((found, *command[1:]), capture_output=True, check=False).returncode == 0
