"""What a figure is, how its result is told, and on what machine it was found."""

from __future__ import annotations

import math
import os
import platform
import subprocess
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    Prove = Callable[["Size", int, bool], Awaitable["Result"]]

ROOT = Path(__file__).resolve().parents[2]
MAX_REMARKS = 60


class Size(StrEnum):
    """How much is tried."""

    SMALL = "small"
    """In the suite, in seconds: counts and states only."""
    FULL = "full"
    """By hand, under ten minutes: clocks and statistics too."""

    @property
    def is_full(self) -> bool:
        """Whether clocks count."""
        return self is Size.FULL

    def pick(self, small: int, full: int) -> int:
        """Choose a number by size."""
        return full if self.is_full else small


@dataclass(slots=True)
class Result:
    """What a run found: each check is a sentence that is true or false."""

    checks: dict[str, bool] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    quantiles: dict[str, dict[str, float]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    """What broke a check, and what was not there to be tried."""

    @property
    def holds(self) -> bool:
        """Whether something was checked and all of it was true."""
        return bool(self.checks) and all(self.checks.values())

    def check(self, sentence: str, *, holds: bool) -> None:
        """Add a check; a sentence checked twice must be true both times."""
        self.checks[sentence] = self.checks.get(sentence, True) and holds

    def remark(self, text: str) -> None:
        """Add a remark, unless there are many already."""
        if len(self.remarks) < MAX_REMARKS:
            self.remarks.append(text)

    def measure(self, name: str, values: Sequence[float]) -> None:
        """Add the quantiles of a sample."""
        if values:
            self.quantiles[name] = quantiles(values)

    def include(self, prefix: str, other: Result) -> None:
        """Add another run's findings under a prefix."""
        self.checks |= {f"{prefix}: {sentence}": holds for sentence, holds in other.checks.items()}
        self.counts |= {f"{prefix}: {name}": count for name, count in other.counts.items()}
        self.quantiles |= {f"{prefix}: {name}": found for name, found in other.quantiles.items()}
        self.remarks += [f"{prefix}: {remark}" for remark in other.remarks]


@dataclass(frozen=True, slots=True)
class Figure:
    """One promise that can be measured, and the weakened variant that must break it."""

    name: str
    claim: str
    mutant: str
    prove: Prove


def quantiles(values: Sequence[float]) -> dict[str, float]:
    """Return count, median, 95th percentile (nearest rank) and maximum."""
    ordered = sorted(values)

    def at(part: float) -> float:
        return round(ordered[max(0, math.ceil(part * len(ordered)) - 1)], 4)

    return {"count": len(ordered), "p50": at(0.5), "p95": at(0.95), "max": at(1.0)}


async def run(figure: Figure, size: Size, seed: int, *, mutant: bool) -> dict[str, Any]:
    """Try a figure once; return all that a reader needs to judge or repeat it."""
    began_at, began_s = datetime.now(UTC), time.monotonic()
    result = await figure.prove(size, seed, mutant)
    return {
        "name": figure.name,
        "claim": figure.claim,
        "mutant": figure.mutant if mutant else None,
        "holds": result.holds,
        "seed": seed,
        "size": size.value,
        "date": began_at.isoformat(timespec="seconds"),
        "seconds": round(time.monotonic() - began_s, 1),
        "checks": result.checks,
        "counts": result.counts,
        "quantiles": result.quantiles,
        "remarks": result.remarks,
        "database": os.environ.get("DATABASE_URL", "sqlite").partition(":")[0],
        "commit": _commit(),
        "machine": machine(),
    }


def machine() -> dict[str, Any]:
    """Describe where this ran."""
    return {
        "system": platform.platform(),
        "processors": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "python": platform.python_version(),
        "load_at_end": [round(load, 1) for load in os.getloadavg()],
    }


def _commit() -> str:
    found = subprocess.run(
        ("git", "rev-parse", "--short=12", "HEAD"),  # noqa: S607 - the developer's own git
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.strip() or "unknown"
