"""G20: whatever has taken over the engine's child gets nothing, and the worker lives."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from app.kernel.confine import MIB, Limits, layers
from app.kernel.isolate import Bounds, ChildEnded, Isolator, Task
from tests.prove import escapes
from tests.prove.figure import Figure, Result
from tests.prove.unconfined import Unconfined

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.prove.figure import Size

RESIDENT_BYTES = 192 * MIB
GROWTH_BYTES = 384 * MIB
WALL_S = 1.5
PATIENCE_S = 4.0
LEAST = 12
FEW = 6


class Runner(Protocol):
    """What starts the child: the product's isolator or a weakened one."""

    async def warm(self) -> None:
        """Get ready."""

    def run(self, task: Task, bounds: Bounds) -> AsyncIterator[dict[str, Any]]:
        """Yield what the child says."""
        ...


async def prove(size: Size, seed: int, mutant: bool) -> Result:  # noqa: FBT001 - every figure has this shape
    """Try every escape, each in a child of its own."""
    runner: Runner = Unconfined() if mutant else Isolator(escapes.__name__)
    result = Result()
    await runner.warm()
    bounds = Bounds(WALL_S, RESIDENT_BYTES, Limits(address_space_bytes=4096 * MIB, cpu_s=5))
    with tempfile.TemporaryDirectory() as folder:
        # A few are enough to find a mutant out; the sound variant meets them all.
        for name in list(escapes.ESCAPES)[: FEW if mutant and not size.is_full else None]:
            outcome = await _outcome(runner, name, Path(folder), bounds)
            result.check(f"fails: {name}", holds=not outcome.startswith("escaped"))
            result.remark(f"{name}: {outcome}")
        result.check("the worker starts another child afterwards", holds=await _is_alive(runner, Path(folder), bounds))
    result.counts["escapes"] = len(escapes.ESCAPES)
    result.check(f"at least {LEAST} escapes were tried", holds=len(escapes.ESCAPES) >= LEAST)
    result.remark(
        f"layers: {layers()}; the names and sizes of files can be asked for (stat): Landlock leaves that open"
    )
    return result


async def _outcome(runner: Runner, name: str, folder: Path, bounds: Bounds) -> str:
    """Return ``escaped``, or by what it was refused or ended."""
    victim = folder / f"victim-{name.replace(' ', '-').replace('/', '')}"
    victim.write_bytes(b"another's upload")
    victim.chmod(0o640)
    arguments = {"name": name, "victim": str(victim), "patience_s": PATIENCE_S, "growth_bytes": GROWTH_BYTES}
    own = folder / "own"
    own.write_bytes(b"its own file")
    messages = runner.run(Task(f"{escapes.__name__}:attempt", own, arguments), bounds)
    try:
        async with aclosing(messages):  # type: ignore[type-var]
            async for message in messages:
                escaped = message["kind"] == "escaped"
                return f"escaped: {message['got']}" if escaped else f"refused by {message['by']}"
    except ChildEnded as error:
        return f"ended, {error.code}"
    return "ended"


async def _is_alive(runner: Runner, folder: Path, bounds: Bounds) -> bool:
    """Tell whether a child still answers."""
    async with asyncio.timeout(10):
        return (await _outcome(runner, "list a folder", folder, bounds)) != "ended, crashed"


FIGURE = Figure(
    name="g20",
    claim="whatever has taken over the engine's child can open, reach, start and signal nothing, and the worker lives",
    mutant="confinement is left out",
    prove=prove,
)
