"""Feeds confined children with files, many a child, and replaces a child that ends or is too slow."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from app.kernel.confine import MIB, Limits
from app.kernel.isolate import Bounds, ChildEnded, Task
from tests.prove.decoding import decode_many, time_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from app.kernel.isolate import Isolator

FUNCTION = f"{decode_many.__module__}:{decode_many.__name__}"
BATCH = 500
RESIDENT_BYTES = 1024 * MIB
BATCH_WALL_S = 600.0
LIMITS = Limits(address_space_bytes=6144 * MIB, cpu_s=600)


@dataclass(frozen=True, slots=True)
class Item:
    """One file, made when its turn comes."""

    label: str
    name: str
    make: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one file ended."""

    item: Item
    outcome: str
    """``measured``, ``refused``, ``broken`` (another exception), ``crashed``, ``memory`` or ``timed_out``."""
    code: str
    duration_s: float
    seconds: float
    peak_bytes: int


@dataclass(slots=True)
class Conveyor:
    """One line of children, one at a time."""

    isolator: Isolator
    file: Path
    way: str
    patience_s: float
    limits: dict[str, Any] = field(default_factory=dict)

    async def run(self, items: Sequence[Item]) -> list[Outcome]:
        """Send every item through a child."""
        outcomes: list[Outcome] = []
        while len(outcomes) < len(items):
            outcomes += await self._batch(items[len(outcomes) : len(outcomes) + BATCH])
        return outcomes

    async def _batch(self, items: Sequence[Item]) -> list[Outcome]:
        """Send items through one child, up to the first that ends it."""
        descriptor = os.open(self.file, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            return await self._through_one_child(descriptor, items)
        finally:
            os.close(descriptor)
            self.file.unlink()

    async def _through_one_child(self, descriptor: int, items: Sequence[Item]) -> list[Outcome]:
        arguments = {"names": [item.name for item in items], "limits": self.limits, "way": self.way}
        bounds = Bounds(BATCH_WALL_S, RESIDENT_BYTES, LIMITS)
        outcomes: list[Outcome] = []
        messages = self.isolator.run(Task(FUNCTION, self.file, arguments), bounds)
        async with aclosing(messages):  # type: ignore[type-var]
            for number, item in enumerate(items):
                _publish(descriptor, number, item.make())
                began_s = time.monotonic()
                said = await self._answer(messages, is_first=number == 0)
                seconds = time.monotonic() - began_s
                outcomes.append(Outcome(item=item, seconds=seconds, **said))
                if said["outcome"] in {"crashed", "memory", "timed_out"}:
                    break
        return outcomes

    async def _answer(self, messages: Any, *, is_first: bool) -> dict[str, Any]:
        """Return what the child says of one file; its start is not the file's."""
        nothing = {"duration_s": 0.0, "peak_bytes": 0}
        try:
            async with asyncio.timeout(self.patience_s + (30.0 if is_first else 0.0)):
                message = await anext(messages)
        except TimeoutError:
            return {"outcome": "timed_out", "code": "", **nothing}
        except ChildEnded as error:
            return {"outcome": error.code, "code": str(error), **nothing}
        except StopAsyncIteration:
            return {"outcome": "crashed", "code": "ended early", **nothing}
        return {name: message[name] for name in ("outcome", "code", "duration_s", "peak_bytes")}


def _publish(descriptor: int, number: int, content: bytes) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, content, 0)
    os.utime(descriptor, ns=(time_of(number), time_of(number)))
