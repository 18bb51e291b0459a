"""G8 of messages: with one left, of eight questions sent at the same moment exactly one is accepted."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from app.chat.tables import Message
from app.policy import ActionLimit, PlanPolicy
from app.usage.rules import Kind
from app.usage.service import UsageLedger
from app.usage.tables import Usage
from tests.making.buyers import Shop
from tests.making.conversations import allow_claude, ask, is_done, messages_used, with_report
from tests.making.people import member
from tests.making.policy import with_policy
from tests.making.traces import account_id_of
from tests.prove.figure import Figure, Result
from tests.prove.stage import staged
from tests.services.messages import running_messages
from tests.services.site import running_site
from tests.services.waiting import eventually

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from app.settings import Settings
    from tests.prove.figure import Size
    from tests.services.site import Site

AT_ONCE = 8
LIMIT = 5
CALM = {200, 409, 429}
"""Accepted; another answer is being written; none is left."""


class TakesNothing(UsageLedger):
    """Mutant: says yes and counts nothing, as if answers were charged at their end."""

    async def take(self, account_id: UUID, kind: Kind) -> datetime:
        """Tell the period alone."""
        return (await self.allowance(account_id, kind)).period.start


async def prove(size: Size, _seed: int, mutant: bool) -> Result:  # noqa: FBT001 - every figure has this shape
    """Send eight at once, again and again, to a site whose Claude is a server on loopback."""
    from app.asgi import create_app

    result = Result()
    async with staged() as stage, running_messages() as messages:
        settings = _settings(stage.settings, messages.url)
        async with running_site(create_app(settings), settings) as site:
            if mutant:
                conversations: Any = site.app.dependencies["conversations"].dependency()  # type: ignore[union-attr]
                conversations._usage = TakesNothing(settings.policy.plans, conversations._clock)
            await _race(site, result, size.pick(3, 200))
        result.counts["requests to Claude"] = len(messages.requests)
        result.check("Claude was asked once a round", holds=len(messages.requests) == result.counts["rounds"])
    return result


async def _race(site: Site, result: Result, rounds: int) -> None:
    statuses: Counter[int] = Counter()
    async with member(site) as person:
        account_id = await account_id_of(person.email)
        analysis_id = await with_report(person)
        await allow_claude(person)
        for _ in range(rounds):
            await _leave_one(site, account_id)
            answers = await asyncio.gather(*(ask(person, analysis_id, "What is wrong?") for _ in range(AT_ONCE)))
            statuses.update(answer.status_code for answer in answers)
            await eventually(lambda: is_done(analysis_id))
            accepted = [answer.status_code for answer in answers].count(200)
            result.check("exactly one is accepted", holds=accepted == 1)
            result.check("what is accepted has its row, and nothing else has", holds=await Message.count() == accepted)
            result.check("exactly the last one is charged", holds=await messages_used(person) == LIMIT)
            await Message.delete(force=True)
    result.counts |= {f"answers {status}": count for status, count in sorted(statuses.items())}
    result.counts |= {"rounds": rounds, "at once": AT_ONCE}
    result.check("every answer is a yes or a calm no", holds=set(statuses) <= CALM)


async def _leave_one(site: Site, account_id: UUID) -> None:
    await Usage.delete().where(Usage.account == account_id)
    for _ in range(LIMIT - 1):
        await Shop.of(site).usage.take(account_id, Kind.MESSAGES)


def _settings(settings: Settings, claude: str) -> Settings:
    """Let the site ask the loopback server as often as it likes, within the plan."""
    policy = settings.policy
    plans = {**policy.plans, "free": PlanPolicy(analyses=LIMIT, messages=LIMIT)}
    limits = {**policy.limits, "message": ActionLimit()}
    keyed = replace(settings, policy=replace(policy, plans=plans, limits=limits),
                    anthropic_api_key="sk-ant-loopback", anthropic_api_base=claude)  # fmt: skip
    return with_policy(keyed, chat={"account_dollars_a_day": 99.0, "site_dollars_a_day": 99.0})


FIGURE = Figure(
    name="g8-messages",
    claim="with one message left, of eight questions sent at the same moment exactly one is accepted and charged",
    mutant="a question is charged after its answer",
    prove=prove,
)
