"""One account that wanders through years of plans: grants, subscriptions, takings and givings back."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from app.kernel.errors import LimitReached
from app.usage.rules import Entitlement, Kind, Period
from app.usage.service import UsageLedger
from app.usage.tables import Usage

if TYPE_CHECKING:
    from random import Random
    from uuid import UUID

    from app.policy import PlanPolicy
    from tests.prove.figure import Result

TICK = timedelta(microseconds=1)
BEGIN = datetime(2027, 1, 31, 23, 59, tzinfo=UTC)
PLANS = ("free", "pro", "studio")


@dataclass(slots=True)
class Wanderer:
    """An account, its clock, and what it should have used."""

    account_id: UUID
    plans: dict[str, PlanPolicy]
    chance: Random
    result: Result
    now: datetime = BEGIN
    truth: Counter[datetime] = field(default_factory=Counter)
    taken: list[datetime] = field(default_factory=list)
    """The periods of what could still be given back."""
    days: set[datetime] = field(default_factory=set)

    async def walk(self, steps: int) -> None:
        """Do one thing after the other, and look after each."""
        ledger = UsageLedger(self.plans, lambda: self.now)
        deeds = (self._take, self._take, self._take, self._give_back, self._grant, self._pay, self._wait, self._wait)
        for _ in range(steps):
            await self.chance.choice(deeds)(ledger)
            await self._look(ledger)
        rows = await Usage.select().where(Usage.account == self.account_id)
        used = {row["period_start"]: row["used"] for row in rows if row["used"]}
        self.result.check("the ledger is the truth of every period", holds=used == +self.truth)
        self.result.check("no counter is less than nothing", holds=all(row["used"] >= 0 for row in rows))
        self.result.counts |= {"steps of a wandering account": steps, "days it was looked at": len(self.days)}

    async def _take(self, ledger: UsageLedger) -> None:
        before = await ledger.allowance(self.account_id, Kind.ANALYSES)
        with suppress(LimitReached):
            start = await ledger.take(self.account_id, Kind.ANALYSES)
            self.truth[start] += 1
            self.taken.append(start)
            self.result.check("nothing is taken where nothing is left", holds=before.left > 0)
            return
        self.result.check("nothing is withheld where something is left", holds=before.left == 0)

    async def _give_back(self, ledger: UsageLedger) -> None:
        if self.taken:
            start = self.taken.pop(self.chance.randrange(len(self.taken)))
            await ledger.give_back(self.account_id, Kind.ANALYSES, start)
            self.truth[start] -= 1

    async def _grant(self, ledger: UsageLedger) -> None:
        until = self.now + timedelta(days=self.chance.uniform(0, 90)) if self.chance.random() < 0.7 else None
        await ledger.set_plan(self.account_id, self.chance.choice(PLANS), until)

    async def _pay(self, ledger: UsageLedger) -> None:
        plan = self.chance.choice(PLANS)
        anchor = self.now - timedelta(days=self.chance.choice((0, 0, 0, 40, 400)))
        until = self.now + timedelta(days=self.chance.uniform(0, 60))
        await ledger.set_paid(self.account_id, None if plan == "free" else Entitlement(plan, anchor, until))

    async def _wait(self, ledger: UsageLedger) -> None:
        if self.chance.random() < 0.2:
            # To the very border of a period.
            self.now = (await ledger.allowance(self.account_id, Kind.ANALYSES)).period.end - self.chance.choice(
                (TICK, timedelta())
            )
        else:
            self.now += timedelta(seconds=self.chance.expovariate(1 / 200_000))

    async def _look(self, ledger: UsageLedger) -> None:
        allowance = await ledger.allowance(self.account_id, Kind.ANALYSES)
        self.days.add(self.now.replace(hour=0, minute=0, second=0, microsecond=0))
        period: Period = allowance.period
        self.result.check("a moment is in its period", holds=period.start <= self.now < period.end)
        self.result.check("what is used is what was taken", holds=allowance.used == self.truth[period.start])
        self.result.check("what is left is never less than nothing", holds=allowance.left >= 0)
