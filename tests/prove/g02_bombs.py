"""G2: files made by hand to cost memory, time or the worker's life."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from app.kernel.isolate import Isolator
from tests.prove.bombs import ALL
from tests.prove.conveyor import Conveyor, Item
from tests.prove.figure import Figure, Result
from tests.prove.g01_fuzz import judge, share

if TYPE_CHECKING:
    from tests.prove.figure import Size

LEAST = 60
LINES = 2
PATIENCE_S = 10.0
EVERY = 6
"""In the small size, one of so many, and the best known."""
ALWAYS = (
    "an hour that claims 2^36-1 samples",
    "RF64 claims 9223372036854775808",
    "nan at the end",
)


async def prove(size: Size, seed: int, mutant: bool) -> Result:  # noqa: FBT001 - every figure has this shape
    """Put every bomb through the engine; a smaller part through the gate and its meters."""
    result = Result()
    way = "believing" if mutant else "engine" if size.is_full else "gate"
    isolator = Isolator("app.audio.warm" if size.is_full else "tests.prove.warm_meters")
    await isolator.warm()
    items = []
    for kind, make in ALL.items():
        bombs = make()
        result.counts[f"{kind} bombs"] = len(bombs)
        result.check(f"at least {LEAST} bombs a format", holds=len(bombs) >= LEAST)
        labels = [label for n, label in enumerate(bombs) if n % size.pick(EVERY, 1) == 0 or label in ALWAYS]
        chosen = [(label, bombs[label]) for label in labels]
        items += [Item(f"{kind}: {label}", name, partial(bytes, content)) for label, (name, content) in chosen]
    patience_s = PATIENCE_S * size.pick(3, 1)
    with tempfile.TemporaryDirectory() as folder:
        lines = [Conveyor(isolator, Path(folder) / f"line{n}", way, patience_s) for n in range(LINES)]
        judge(result, await share(lines, items), seconds=PATIENCE_S if size.is_full else None, prefix="bombs")
    result.remark("absent: bombs of Live sets, until there is a parser of them")
    return result


FIGURE = Figure(
    name="g2",
    claim="each bomb is refused with a reason or measured, in 10 s and 1 GiB",
    mutant="a decoder that takes the header's word",
    prove=prove,
)
