"""G3: spoilt Live sets through the reader: only its own refusals come out, in time.

Two ways: a list of files by their numbers, the same on every machine, and, in the full size where
atheris is installed, five minutes of fuzzing that is guided by the coverage of the reader.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import re
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.liveset.errors import Limits
from tests.prove.figure import ROOT, Figure, Result
from tests.prove.one_set import outcome_of
from tests.prove.spoil_sets import RACK_BEGINS, RACK_ENDS, seeds, spoilt

if TYPE_CHECKING:
    from tests.prove.figure import Size

SECONDS = 300
PATIENCE_S = 10.0
NO_DEPTH = 10**9
LEAST_OUTCOMES = 5
OURS = "nothing but the reader's own refusals comes out"


async def prove(size: Size, seed: int, mutant: bool) -> Result:  # noqa: FBT001 - every figure has this shape
    """Read spoilt sets by number, then by coverage."""
    result = Result()
    limits = replace(Limits(), depth=NO_DEPTH) if mutant else Limits()
    await asyncio.to_thread(_numbered, result, limits, range(seed, seed + size.pick(600, 20_000)), size)
    if not size.is_full or mutant:
        return result
    if importlib.util.find_spec("atheris") is None:
        result.remark("absent: atheris has no wheel for this machine; only numbered files were tried")
        return result
    await _guided(result, limits, seed)
    return result


def _numbered(result: Result, limits: Limits, numbers: range, size: Size) -> None:
    outcomes: Counter[str] = Counter()
    seconds = []
    # What fuzzing finds by luck only: a rack in a rack, a thousand times.
    deep = seeds()[1].replace(b"<Devices>", b"<Devices>" + RACK_BEGINS * 1000 + RACK_ENDS * 1000, 1)
    for number in (None, *numbers):
        content = deep if number is None else spoilt(number)
        began = time.perf_counter()
        try:
            outcomes[outcome_of(content, limits)] += 1
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
            outcomes["defect"] += 1
            result.remark(f"file {number}: {type(error).__name__}: {error}"[:200])
        seconds.append(time.perf_counter() - began)
    result.counts |= {f"numbered: {outcome}": count for outcome, count in sorted(outcomes.items())}
    result.check(OURS, holds=not outcomes["defect"])
    result.check("spoilt sets are refused for many reasons, and some are read", holds=len(outcomes) > LEAST_OUTCOMES)
    if size.is_full:
        result.measure("numbered: seconds a file", seconds)
        result.check(f"no file takes more than {PATIENCE_S:g} s", holds=max(seconds) < PATIENCE_S)


async def _guided(result: Result, limits: Limits, seed: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.prove.fuzz_sets", str(SECONDS), str(seed or 1), str(limits.depth), name,
            cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        output = (await process.communicate())[0].decode(errors="replace")
        broken = sorted(folder.glob("broke-*"))
        told = json.loads((folder / "counts.json").read_text("utf-8"))
    runs = re.search(r"stat::number_of_executed_units:\s*(\d+)", output)
    coverage = re.findall(r"cov: (\d+) ft: (\d+)", output)
    result.counts |= {f"guided: {outcome}": count for outcome, count in sorted(told["outcomes"].items())}
    result.counts["guided: files"] = int(runs[1]) if runs else 0
    result.counts["guided: edges covered"] = int(coverage[-1][0]) if coverage else 0
    result.counts["guided: seconds"] = SECONDS
    result.check(OURS, holds=process.returncode == 0 and not broken)
    result.check(f"no file takes more than {PATIENCE_S:g} s", holds=told["slowest_s"] < PATIENCE_S)
    result.check("the fuzzer reached the reader", holds=result.counts["guided: files"] > 0 and bool(coverage))
    for path in broken:
        result.remark(f"guided: {path.name}: {output[-300:]}")


FIGURE = Figure(
    name="g3",
    claim="spoilt Live sets are read or refused with the reader's own reasons, in 10 s",
    mutant="the limit on the depth is left out",
    prove=prove,
)
