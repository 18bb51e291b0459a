"""G5: a worker that is killed at random points loses nothing and does nothing twice."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from app.analyses.rules import State
from app.analyses.tables import Analysis
from app.bootstrap import build
from tests.making.processes import children_of
from tests.prove.audit import check_end, check_promises
from tests.prove.deadlines import Deadlines, check_a_day_later
from tests.prove.defaults import side_by_side
from tests.prove.fast_analyser import CRASH
from tests.prove.figure import Figure, Result, quantiles
from tests.prove.life import content_of, make_account, pending, queued, running_rows, upload
from tests.prove.recovery import Recovery
from tests.prove.stage import staged

if TYPE_CHECKING:
    from uuid import UUID

    from app.bootstrap import Services
    from tests.prove.figure import Size
    from tests.prove.stage import Forker, Stage

LEASE: dict[str, Any] = {"lease_seconds": 2.0, "heartbeat_seconds": 0.5, "reconcile_seconds": 0.5}
WAITING = 3
"""So many analyses wait at any time, while there are any to be sent."""
LOOK_S = 0.04
FORGET_EVERY = 4
"""The first of so many whose analysis failed does not try again."""
REAL_KILLS = 20
RECOVERED_S = 45.0
RECOVERY = "seconds from a kill to the next run"


async def prove(size: Size, seed: int, mutant: bool) -> Result:  # noqa: FBT001 - every figure has this shape
    """Kill workers while they work; then let the last one finish."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, no secret
    parts = "fast, never reconciles" if mutant else "fast"
    result = Result()
    async with staged(**LEASE) as stage:
        services = build(stage.settings)
        async with services.open():
            with stage.forker() as forker:
                run = _Run(stage, services, forker, parts, result)
                async with run.deadlines.watched():
                    await run.begin(crashes=not mutant)
                    await run.kill(size.pick(3, 200), analyses=size.pick(4, 220), chance=chance)
                    # Nobody takes up what a mutant's worker has dropped: waiting for it is short.
                    await run.finish(3.0 if mutant else size.pick(60, 90))
                    if not mutant:
                        await run.deadlines.conclude(size, result)
                await check_end(stage.settings, result, expected=run.sent)
                await check_a_day_later(stage.settings, result)
    if size.is_full and not mutant:
        real, seconds = await side_by_side(REAL_KILLS, seed)
        result.include("real engine, default settings", real)
        result.measure(f"real engine, default settings: {RECOVERY}", seconds)
        result.check(f"real engine, default settings: recovery p95 under {RECOVERED_S:g} s", holds=_is_soon(seconds))
    return result


def _is_soon(seconds: list[float]) -> bool:
    return len(seconds) >= REAL_KILLS and quantiles(seconds)["p95"] < RECOVERED_S


class _Run:
    """One run with its workers."""

    def __init__(self, stage: Stage, services: Services, forker: Forker, parts: str, result: Result) -> None:
        self._stage = stage
        self._services = services
        self._forker = forker
        self._parts = parts
        self._result = result
        self._recovery = Recovery()
        self._account: UUID | None = None
        self._given_up: set[UUID] = set()
        self._failures = 0
        self.deadlines = Deadlines(stage.settings)
        self.sent = 0

    async def begin(self, *, crashes: bool) -> None:
        """Make an account; a file that crashes its engine three times is kept, so that its deadline can come."""
        self._account = await make_account("ada@example.com")
        if crashes:
            await self._upload(CRASH)

    async def kill(self, kills: int, *, analyses: int, chance: random.Random) -> None:
        """Kill so many workers, each in the middle of something, while uploads go on."""
        orphans = 0
        for number in range(kills):
            worker = self._start()
            await self._until_done(chance.choice((0, 0, 1, 2, 3)), analyses)
            await self._until_at_work()
            await asyncio.sleep(chance.random() * 0.25)
            helpers = children_of(worker)
            at_work = await running_rows()
            os.kill(worker, signal.SIGKILL)
            self._recovery.lost(at_work)
            orphans += await _survivors(helpers)
            await self._retry_given_up()
            if number % 10 == 0:
                patience = self.deadlines.patience
                await check_promises(self._stage.settings, self._result, f"after kill {number}", patience=patience)
        self._result.counts |= {"kills": kills, "children that outlived their worker": orphans}
        self._result.check("no child outlives its worker", holds=orphans == 0)

    async def finish(self, within_s: float) -> None:
        """Leave one worker alone until all is done."""
        self._start()
        until_s = time.monotonic() + within_s
        while await pending() and time.monotonic() < until_s:
            self._recovery.look(await running_rows())
            await self._retry_given_up()
            await asyncio.sleep(LOOK_S)
        # As any worker does, it sweeps when it starts.
        self._start()
        self._result.counts |= {"uploads": self.sent, "runs that were killed": self._recovery.count}
        self._result.measure(RECOVERY, self._recovery.seconds)

    def _start(self) -> int:
        return self._forker.fork("worker", self._parts)

    async def _until_done(self, more: int, most: int, within_s: float = 8.0) -> None:
        """Let the worker finish so many, with always some waiting behind them."""
        assert self._account is not None
        until_s, goal = time.monotonic() + within_s, await _done() + more
        while time.monotonic() < until_s:
            while self.sent < most and await queued() < WAITING:
                await self._upload()
            self._recovery.look(await running_rows())
            if await _done() >= goal:
                return
            await asyncio.sleep(LOOK_S)

    async def _until_at_work(self, within_s: float = 3.0) -> None:
        """Wait until the worker runs something, if it ever does."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while not self._recovery.alive(await running_rows()):
                    await asyncio.sleep(LOOK_S)

    async def _upload(self, more: bytes = b"") -> None:
        assert self._account is not None
        self.sent += 1
        await upload(self._services, self._account, content_of(self.sent) + more)

    async def _retry_given_up(self) -> None:
        """Do what people do whose analysis failed three times: some forget about it, most try again."""
        assert self._account is not None
        for row in await Analysis.select(Analysis.id).where(Analysis.state == State.FAILED):
            if row["id"] in self._given_up:
                continue
            if self._failures % FORGET_EVERY == 0:
                self._given_up.add(row["id"])
                await self.deadlines.bring_near(row["id"])
            else:
                await self._services.analyses.retry(self._account, row["id"])
            self._failures += 1
        self._result.counts |= {"failed three times": self._failures, "of these given up": len(self._given_up)}


async def _done() -> int:
    return int(await Analysis.count().where(Analysis.state == State.DONE))


async def _survivors(helpers: list[int], within_s: float = 15.0) -> int:
    """Count the processes that a killed worker has left, when they had time to notice."""
    until_s = time.monotonic() + within_s
    while any(is_alive(pid) for pid in helpers) and time.monotonic() < until_s:
        await asyncio.sleep(LOOK_S)
    return sum(is_alive(pid) for pid in helpers)


def is_alive(pid: int) -> bool:
    """Tell whether a process is there and no zombie."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as status:  # noqa: PTH123 - no folder is walked
            return status.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


FIGURE = Figure(
    name="g5",
    claim="a worker killed at any moment loses no analysis, does none twice, and charges what is done",
    mutant="the reconciler is left out: only the queue's bell starts runs",
    prove=prove,
)
