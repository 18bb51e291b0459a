"""A child that keeps every right: the variant of the isolator that must be found out."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import sys
from typing import TYPE_CHECKING, Any

import msgspec

from tests.prove.figure import ROOT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.kernel.isolate import Bounds, Task


class Unconfined:
    """Runs tasks in a plain process without limits."""

    async def warm(self) -> None:
        """Need nothing."""

    async def run(self, task: Task, _: Bounds) -> AsyncIterator[dict[str, Any]]:
        """Yield what the process says, for as long as it likes."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", __name__, task.function, str(task.file), json.dumps(task.arguments),
            cwd=ROOT, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        said, _error = await process.communicate()
        for line in said.splitlines():
            yield msgspec.json.decode(line, type=dict[str, Any])


def main(function: str, file: str, arguments: str) -> None:
    """Run one task and write what it says to the standard output."""
    module, _, name = function.partition(":")
    descriptor = os.open(file, os.O_RDONLY)

    def emit(message: dict[str, Any]) -> None:
        os.write(1, msgspec.json.encode(message) + b"\n")

    getattr(importlib.import_module(module), name)(emit, descriptor, **json.loads(arguments))


if __name__ == "__main__":
    main(*sys.argv[1:])
