"""G8: what is left of a month is shared by whoever asks at the same moment, and no more than that."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from app.analyses.tables import Analysis
from app.bootstrap import build
from app.kernel.errors import LimitReached
from app.policy import PlanPolicy
from app.usage import store
from app.usage.rules import Kind
from app.usage.service import UsageLedger
from app.usage.tables import Usage
from tests.making.buyers import Shop
from tests.making.people import member
from tests.making.traces import account_id_of
from tests.prove.figure import Figure, Result
from tests.prove.g05_kills import is_alive
from tests.prove.life import make_account
from tests.prove.stage import staged
from tests.prove.wandering import Wanderer
from tests.services.site import running_site
from tests.services.waiting import eventually

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from app.settings import Settings
    from tests.prove.figure import Size
    from tests.prove.stage import Stage

AT_ONCE = 16
LIMIT = 5


class ReadsFirst(UsageLedger):
    """Mutant: looks at what is left, and then writes what it has reckoned."""

    async def take(self, account_id: UUID, kind: Kind) -> datetime:
        """Read, then write."""
        allowance = await self.allowance(account_id, kind)
        if not allowance.left:
            raise LimitReached("All are used.")
        start = allowance.period.start
        await Usage.update({Usage.used: allowance.used + 1}).where(
            Usage.id == store.counter_id(account_id, kind, start)
        )
        return start


async def prove(size: Size, seed: int, mutant: bool) -> Result:  # noqa: FBT001 - every figure has this shape
    """Let sixteen ask for the last one, again and again: of the ledger itself, and over HTTP."""
    result = Result()
    async with staged() as stage:
        plans = {**stage.settings.policy.plans, "free": PlanPolicy(analyses=LIMIT, messages=LIMIT)}
        settings = replace(stage.settings, policy=replace(stage.settings.policy, plans=plans))
        await _race_for_the_ledger(settings, result, size.pick(10, 500), mutant=mutant)
        if not mutant:
            await _wander(stage.settings, result, random.Random(seed), size.pick(300, 10_000))  # noqa: S311 - repeatable
            await _race_over_http(settings, result, size.pick(2, 500))
            await _die_while_taking(replace(stage, settings=settings), result, size.pick(1, 10))
    return result


async def _race_for_the_ledger(settings: Settings, result: Result, rounds: int, *, mutant: bool) -> None:
    services = build(settings)
    async with services.open():
        ledger = (ReadsFirst if mutant else UsageLedger)(settings.policy.plans, services.clock)
        account_id = await make_account("racer@example.com")
        for number in range(rounds):
            kind = list(Kind)[number % len(Kind)]
            start = (await ledger.allowance(account_id, kind)).period.start
            await _leave_one(services.usage, account_id, kind)
            answers = await asyncio.gather(*(_ask(ledger, account_id, kind) for _ in range(AT_ONCE)))
            used = await store.used(account_id, kind, start)
            _count(result, "of the ledger", granted=answers.count(True), used=used)
            backs = [ledger.give_back(account_id, kind, start) for _ in range(AT_ONCE)]
            await asyncio.gather(*backs)
            result.check("giving back more than was taken leaves nothing less than nothing",
                         holds=await store.used(account_id, kind, start) == 0)  # fmt: skip
    result.counts |= {"rounds of the ledger": rounds, "asking at once": AT_ONCE}


async def _wander(settings: Settings, result: Result, chance: random.Random, steps: int) -> None:
    services = build(settings)
    async with services.open():
        counts = {"free": 2, "pro": 4, "studio": 7}
        plans = {name: PlanPolicy(analyses=count, messages=1) for name, count in counts.items()}
        await Wanderer(await make_account("wanderer@example.com"), plans, chance, result).walk(steps)


async def _race_over_http(settings: Settings, result: Result, rounds: int) -> None:
    from app.asgi import create_app

    statuses: Counter[int] = Counter()
    async with running_site(create_app(settings), settings) as site, member(site) as person:
        account_id = await account_id_of(person.email)
        usage = Shop.of(site).usage
        for _ in range(rounds):
            await _leave_one(usage, account_id, Kind.ANALYSES)
            answers = await asyncio.gather(*(person.declare("mix.wav", 1000) for _ in range(AT_ONCE)))
            statuses.update(answer.status_code for answer in answers)
            granted = [answer.status_code for answer in answers].count(201)
            used = sum(each["used"] for each in await Usage.select(Usage.used).where(Usage.account == account_id))
            _count(result, "over HTTP", granted=granted, used=used)
            result.check("what is charged has its row", holds=int(await Analysis.count()) == granted)
            await Analysis.delete(force=True)
    result.counts |= {f"answers {status}": count for status, count in sorted(statuses.items())}
    result.counts["rounds over HTTP"] = rounds
    result.check("every answer is a yes or a calm no", holds=set(statuses) <= {201, 429})


async def _die_while_taking(stage: Stage, result: Result, times: int) -> None:
    """Kill processes between taking one and keeping the row that it is taken for, and the same on the way back."""
    services = build(stage.settings)
    async with services.open():
        account_id = await make_account("mortal@example.com")
        start = await services.usage.take(account_id, Kind.MESSAGES)
        with stage.forker() as forker:
            for number in range(times):
                for deed in ("take", "give back"):
                    mark = stage.settings.data_dir / f"died-{deed}-{number}"
                    order = {"account": str(account_id), "deed": deed, "mark": str(mark)}
                    pid = forker.fork("ledger", "fast", **order)
                    await eventually(partial(_is_dead, pid), deadline_s=30)
                    used = await store.used(account_id, Kind.MESSAGES, start)
                    result.check("every process got to the point where it died", holds=mark.exists())
                    if not mark.exists():
                        result.remark((stage.settings.data_dir / "forker.log").read_text("utf-8")[-1000:])
                    result.check("what died half-way was never taken, nor given back", holds=used == 1)
    result.counts["killed within a transaction"] = 2 * times


def _is_dead(pid: int) -> bool:
    return not is_alive(pid)


async def _leave_one(ledger: UsageLedger, account_id: UUID, kind: Kind) -> None:
    await Usage.delete().where(Usage.account == account_id)
    for _ in range(LIMIT - 1):
        await ledger.take(account_id, kind)


async def _ask(ledger: UsageLedger, account_id: UUID, kind: Kind) -> bool:
    with suppress(LimitReached):
        await ledger.take(account_id, kind)
        return True
    return False


def _count(result: Result, where: str, *, granted: int, used: int) -> None:
    result.check(f"nothing is sold twice {where}", holds=granted <= 1 and used <= LIMIT)
    result.check(f"the last one is not withheld {where}", holds=granted >= 1 and used >= LIMIT)


FIGURE = Figure(
    name="g8",
    claim="of sixteen who ask for the last one at the same moment exactly one gets it, and none meets a fault",
    mutant="the ledger reads what is left and then writes",
    prove=prove,
)
