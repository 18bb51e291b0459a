"""G2: files made by hand to cost memory, time or the worker's life."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from app.analyses import measuring
from app.kernel.isolate import Isolator
from tests.prove.bombs import AUDIO, of_audio, of_heavy_sets, of_sets
from tests.prove.conveyor import Conveyor
from tests.prove.figure import Figure, Result
from tests.prove.g01_fuzz import judge, share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.prove.conveyor import Item
    from tests.prove.figure import Size

LEAST, LEAST_SETS = 60, 40
LINES = 2
PATIENCE_S = 10.0
EVERY = 6
"""In the small size, one of so many, and the best known."""
ALWAYS = (
    "an hour that claims 2^36-1 samples",
    "RF64 claims 9223372036854775808",
    "nan at the end",
    "1.5 GiB of spaces",
)


async def prove(size: Size, seed: int, mutant: bool) -> Result:  # noqa: FBT001 - every figure has this shape
    """Put every bomb through engine and reader of sets; in the small size some, through the gate and its meters."""
    result = Result()
    audio = [item for kind in AUDIO for item in _counted(result, f"{kind} bombs", of_audio(kind), LEAST)]
    heavy = of_heavy_sets()
    # What takes seconds to read is for the full size, but for the best known.
    heavy = heavy if size.is_full else [item for item in heavy if _is_known(item)]
    sets = _counted(result, "set bombs", of_sets() + heavy, LEAST_SETS)
    isolator = Isolator(measuring.PRELOAD if size.is_full else "tests.prove.warm_meters")
    await isolator.warm()
    way = "believing" if mutant else "engine" if size.is_full else "gate"
    limit_s = PATIENCE_S if size.is_full else None
    with tempfile.TemporaryDirectory() as folder:
        for kind, items, reading in (("audio", audio, way), ("sets", sets, "believing set" if mutant else "set")):
            files = [Path(folder) / f"line{n}" for n in range(LINES)]
            lines = [Conveyor(isolator, file, reading, PATIENCE_S * size.pick(3, 1)) for file in files]
            judge(result, await share(lines, _chosen(items, size)), seconds=limit_s, prefix=kind)
    return result


def _counted(result: Result, what: str, items: list[Item], least: int) -> list[Item]:
    result.counts[what] = len(items)
    result.check(f"at least {least} {what}", holds=len(items) >= least)
    return items


def _chosen(items: Sequence[Item], size: Size) -> list[Item]:
    """Return all of them; in the small size some, and the best known."""
    every = size.pick(EVERY, 1)
    return [item for n, item in enumerate(items) if n % every == 0 or _is_known(item)]


def _is_known(item: Item) -> bool:
    return item.label.partition(": ")[2] in ALWAYS


FIGURE = Figure(
    name="g2",
    claim="each bomb is refused with a reason or measured, in 10 s and 1 GiB",
    mutant="a decoder that takes the header's word, and ET.fromstring(gzip.read())",
    prove=prove,
)
