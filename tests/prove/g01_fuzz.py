"""G1: spoilt files of the five formats through the real gate, in the real confined child."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from app.analyses import measuring
from app.audio.errors import Limits
from app.kernel.isolate import Isolator
from tests.prove import flac
from tests.prove.conveyor import RESIDENT_BYTES, Conveyor, Item
from tests.prove.figure import Figure, Result
from tests.prove.mutate import name_of, seeds, spoilt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.prove.conveyor import Outcome
    from tests.prove.figure import Size

LINES = 2
PATIENCE_S = 5.0
ENDLESS_S = 1e9


async def prove(size: Size, seed: int, mutant: bool) -> Result:  # noqa: FBT001 - every figure has this shape
    """Send spoilt files through the gate and the meters, and some through the whole engine."""
    result = Result()
    limits = {"duration_s": ENDLESS_S} if mutant else {}
    patience_s = PATIENCE_S if size.is_full else 6 * PATIENCE_S
    files = [_item(seed + number) for number in range(size.pick(150, 100_000))]
    # A mutation that fuzzing finds by luck only: one frame, repeated into an hour.
    files.append(Item("an hour of silence", "silence.flac", partial(flac.silence, 1.0)))
    isolator = Isolator(measuring.PRELOAD if size.is_full else "tests.prove.warm_meters")
    await isolator.warm()
    with tempfile.TemporaryDirectory() as folder:
        lines = [Conveyor(isolator, Path(folder) / f"line{n}", "gate", patience_s, limits) for n in range(LINES)]
        judge(result, await share(lines, files), seconds=PATIENCE_S if size.is_full else None, prefix="gate")
        engines = [Conveyor(isolator, Path(folder) / f"line{n}", "engine", patience_s, limits) for n in range(LINES)]
        whole = await share(engines, files[: size.pick(0, 500)])
        judge(result, whole, seconds=PATIENCE_S if size.is_full else None, prefix="engine")
        result.check("no file is left", holds=not list(Path(folder).iterdir()))
    result.counts["seeds"] = len(seeds())
    return result


def judge(result: Result, outcomes: Sequence[Outcome], *, seconds: float | None, prefix: str) -> None:
    """Hold every outcome against what a stranger's file may cost."""
    if not outcomes:
        return
    found = Counter(outcome.outcome for outcome in outcomes)
    codes = Counter(f"{outcome.outcome} {outcome.code}"[:60] for outcome in outcomes if outcome.outcome == "refused")
    result.counts |= {f"{prefix}: files": len(outcomes)}
    result.counts |= {f"{prefix}: {name}": count for name, count in sorted(found.items())}
    result.counts |= {f"{prefix}: {name}": count for name, count in sorted(codes.items())}
    for outcome in outcomes:
        if outcome.outcome not in {"measured", "refused"}:
            result.remark(f"{prefix}: {outcome.item.label}: {outcome.outcome} {outcome.code} ({outcome.seconds:.1f} s)")
    longest_s = max(outcome.duration_s for outcome in outcomes)
    result.check("every file is measured or refused with a reason", holds=set(found) <= {"measured", "refused"})
    result.check("no file takes more than 1 GiB", holds=max(o.peak_bytes for o in outcomes) < RESIDENT_BYTES)
    result.check("nothing longer than the limit is measured", holds=longest_s <= Limits().duration_s)
    if seconds is not None:
        result.check(f"no file takes more than {seconds:g} s", holds=max(o.seconds for o in outcomes) < seconds)
        result.measure(f"{prefix}: seconds a file", [outcome.seconds for outcome in outcomes])
    result.measure(f"{prefix}: peak MiB of a child", [outcome.peak_bytes / 2**20 for outcome in outcomes])


async def share(lines: Sequence[Conveyor], items: Sequence[Item]) -> list[Outcome]:
    """Give each line its part."""
    shares = [line.run(items[number :: len(lines)]) for number, line in enumerate(lines)]
    return [outcome for share in await asyncio.gather(*shares) for outcome in share]


def _item(seed: int) -> Item:
    return Item(f"file {seed}", name_of(seed), partial(spoilt, seed))


FIGURE = Figure(
    name="g1",
    claim="spoilt audio never brings down the worker: each file is measured or refused, in 5 s and 1 GiB",
    mutant="the cap on the duration is left out",
    prove=prove,
)
