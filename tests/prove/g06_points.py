"""G6: at every point between two durable steps, death or a failing part leads back to a legal state."""

from __future__ import annotations

import asyncio
import random
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from app.analyses.tables import Analysis
from app.bootstrap import build
from app.kernel.waypoints import Waypoint
from tests.prove.audit import NOTHING, check_end, check_promises
from tests.prove.deadlines import check_a_day_later
from tests.prove.faults import FullDisk, LockedDatabase, NoRedis, Trap
from tests.prove.figure import Figure, Result
from tests.prove.g05_kills import is_alive
from tests.prove.life import at_rest, go_through, make_account, pending
from tests.prove.parts import PARTS
from tests.prove.stage import staged

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from uuid import UUID

    from app.bootstrap import Parts, Services
    from tests.prove.faults import Fault
    from tests.prove.figure import Size
    from tests.prove.stage import Forker, Stage

LEASE: dict[str, Any] = {"lease_seconds": 2.0, "heartbeat_seconds": 0.5, "reconcile_seconds": 0.5}
DISK_MIB = 24
LIFE_S = 60.0
SOON = timedelta(minutes=1)
LATER = timedelta(hours=2, minutes=1)
FEW = (Waypoint.UNLINKED, Waypoint.STORED, Waypoint.STEP)


async def prove(size: Size, seed: int, mutant: bool) -> Result:  # noqa: FBT001 - every figure has this shape
    """Try each fault at each point; recover after each, and look at everything at the end."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, no secret
    result = Result()
    points = [point for point in Waypoint if point <= Waypoint.SWEPT] if size.is_full else list(FEW)
    # Longer than SQLite waits for a lock, so that statements do fail.
    lock_s = 11.0 if size.is_full else 0.3
    async with staged(disk_mib=DISK_MIB, **LEASE) as stage:
        trials = _Trials(stage, PARTS["fast, forgets first" if mutant else "fast"], result)
        with stage.forker() as forker:
            # One point is enough to find a mutant out; the sound variant dies at all of them.
            for point in points[:1] if mutant and not size.is_full else points:
                await trials.kill(forker, point, "fast, forgets first" if mutant else "fast")
        faults: dict[str, Callable[[], Fault]] = {
            "full disk": lambda: FullDisk(stage),
            "locked database": lambda: LockedDatabase(stage, lock_s),
            "no Redis": lambda: NoRedis(stage),
        }
        for name, make in faults.items():
            for point in points if size.is_full else chance.sample(points, 0 if mutant else 1):
                await trials.strike(name, make(), point)
        await trials.end()
    if not stage.has_own_disk:
        result.remark("no small disk could be mounted: a storage that says that it is full stood in")
    return result


class _Trials:
    """One life of an analysis a trial, all in one database."""

    def __init__(self, stage: Stage, parts: Parts, result: Result) -> None:
        self._stage = stage
        self._parts = parts
        self._result = result
        self._count = 0

    async def kill(self, forker: Forker, point: Waypoint, parts: str) -> None:
        """Let a process live one analysis and die at a point."""
        account = await self._new_account()
        mark = self._stage.settings.data_dir / f"died-{point.name}"
        order = {"waypoint": int(point), "mark": str(mark), "account": str(account)}
        pid = forker.fork("life", parts, **order)
        async with asyncio.timeout(LIFE_S):
            while is_alive(pid):
                await asyncio.sleep(0.02)
        self._result.check("every point is reached", holds=mark.exists())
        await self._recover(f"killed at {point.name}", account)

    async def strike(self, name: str, fault: Fault, point: Waypoint) -> None:
        """Live one analysis in this process, under a fault that begins at a point."""
        account = await self._new_account()
        trap = Trap(point, fault)
        parts = replace(self._parts, reached=trap)
        if isinstance(fault, FullDisk):
            parts = replace(parts, storage=fault.storage)
        async with _opened(self._stage, parts) as services:
            how = await trap.spring(go_through(services, account), LIFE_S)
            await at_rest(services)
        self._result.check("every point is reached", holds=trap.has_struck)
        self._count_one(f"{name}: {how}")
        await self._recover(f"{name} at {point.name}", account)

    async def end(self) -> None:
        """Look at all that was left."""
        async with _opened(self._stage, self._parts):
            # What was cancelled may be erased by the sweep of another trial, which looks hours ahead.
            await check_end(self._stage.settings, self._result, expected=int(await Analysis.count()))
        await check_a_day_later(self._stage.settings, self._result)
        self._result.counts["trials"] = self._count

    async def _new_account(self) -> UUID:
        self._count += 1
        async with _opened(self._stage, self._parts):
            return await make_account(f"person{self._count}@example.com")

    async def _recover(self, trial: str, account: UUID) -> None:
        """Let worker and sweep do their work, first soon and then after the hours of an upload."""
        async with _opened(self._stage, self._parts):
            await check_promises(self._stage.settings, self._result, trial)
            known = int(await Analysis.count().where(Analysis.account == account))
            self._result.check("each trial has its one analysis", holds=known == 1)
        for span, label in ((SOON, "over within a minute"), (LATER, "over after the hours of an upload")):
            async with _opened(self._stage, self._parts, ahead=span) as services:
                await services.runs.reconcile()
                await at_rest(services)
                await services.sweeper.sweep()
                await check_promises(self._stage.settings, self._result, trial, ahead=span)
                if not await pending():
                    self._count_one(label)
                    return
        self._result.remark(f"{trial}: still pending")
        self._result.check("every trial recovers", holds=False)

    def _count_one(self, name: str) -> None:
        self._result.counts[name] = self._result.counts.get(name, 0) + 1


@asynccontextmanager
async def _opened(stage: Stage, parts: Parts, *, ahead: timedelta = NOTHING) -> AsyncIterator[Services]:
    """Lend services, perhaps of a later time."""
    options: dict[str, Any] = {"clock": lambda: datetime.now(UTC) + ahead} if ahead else {}
    services = build(stage.settings, parts=parts, **options)
    async with services.open():
        yield services


FIGURE = Figure(
    name="g6",
    claim="death, a full disk, a locked database or no Redis at any point leads back to a legal state",
    mutant="the row says that the bytes are gone before they are",
    prove=prove,
)
