"""What answers may cost a day, and how often somebody may ask: refused before anything is kept or sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from app.chat.spending import MILLION, reserve
from app.chat.tables import Spending
from app.kernel.errors import LimitReached
from app.policy import ActionLimit, Rate
from tests.making.conversations import allow_claude, ask, is_done, last_turn, messages_used, press, turns, with_report
from tests.making.people import member
from tests.making.policy import with_policy
from tests.making.traces import account_id_of
from tests.services.messages import MessagesServer, Script
from tests.services.site import running_site
from tests.services.waiting import eventually

if TYPE_CHECKING:
    from app.settings import Settings

ONE_RESERVED = 0.03
"""Dollars that an answer of the made report may cost at most, rounded up; it then costs a fifth of that."""
TINY = 0.000_01


@pytest.mark.parametrize(
    ("ceiling", "whose"),
    [("account_dollars_a_day", "your account&#39;s"), ("site_dollars_a_day", "this site&#39;s")],
)
async def test_a_ceiling_refuses_before_anything_is_kept(
    settings: Settings, messages: MessagesServer, ceiling: str, whose: str
) -> None:
    """No row, no message, no cent and no request; the page says whose ceiling it is, and keeps the question."""
    from app.asgi import create_app

    settings = with_policy(settings, chat={ceiling: TINY})
    async with running_site(create_app(settings), settings) as site, member(site) as person:
        analysis_id = await with_report(person)
        await allow_claude(person)
        answer = await ask(person, analysis_id, "Is it too loud?")
        assert answer.status_code == 429
        assert f"{whose} ceiling of cost for today" in answer.text
        assert "Is it too loud?" in answer.text
        assert await turns(analysis_id) == []
        assert await messages_used(person) == 0
        assert await Spending.count() == 0
        assert messages.requests == []


async def test_what_was_spent_takes_the_place_of_what_was_reserved(
    settings: Settings, messages: MessagesServer
) -> None:
    """The account and the site have spent what the answer's row says; the next one would pass the ceiling."""
    from app.asgi import create_app

    settings = with_policy(settings, chat={"account_dollars_a_day": ONE_RESERVED})
    async with running_site(create_app(settings), settings) as site, member(site) as person:
        analysis_id = await with_report(person)
        await allow_claude(person)
        assert (await ask(person, analysis_id, "One?")).status_code == 200
        await eventually(lambda: is_done(analysis_id))
        cost = (await last_turn(analysis_id))["cost_microdollars"]
        assert 0 < cost < ONE_RESERVED * MILLION / 4
        assert [row["microdollars"] for row in await Spending.select()] == [cost, cost]
        assert (await ask(person, analysis_id, "Two?")).status_code == 429
        assert len(messages.requests) == 1
        assert await messages_used(person) == 1


async def test_a_new_day_has_a_ceiling_of_its_own(settings: Settings) -> None:
    """What is full today is empty after midnight, by the world's clock."""
    from app.asgi import create_app

    async with running_site(create_app(settings), settings) as site, member(site) as person:
        account_id = await account_id_of(person.email)
        policy, late = settings.policy.chat, datetime(2026, 11, 24, 23, 59, tzinfo=UTC)
        whole = round(policy.account_dollars_a_day * MILLION)
        await reserve(policy, account_id, whole, late)
        with pytest.raises(LimitReached):
            await reserve(policy, account_id, 1, late)
        await reserve(policy, account_id, whole, late + timedelta(minutes=1))


async def test_who_asks_too_often_waits(settings: Settings, messages: MessagesServer) -> None:
    """The rate counts questions and new tries, and what it refuses costs nothing."""
    from app.asgi import create_app

    often = {**settings.policy.limits, "message": ActionLimit(account=Rate(count=2, seconds=60))}
    settings = replace(settings, policy=replace(settings.policy, limits=often))
    async with running_site(create_app(settings), settings) as site, member(site) as person:
        analysis_id = await with_report(person)
        await allow_claude(person)
        messages.script = Script(status=500)
        await ask(person, analysis_id, "One?")
        await eventually(lambda: is_done(analysis_id))
        await press(person, await last_turn(analysis_id), "retry")
        await eventually(lambda: is_done(analysis_id))
        asked = len(messages.requests)
        assert (await press(person, await last_turn(analysis_id), "retry")).status_code == 429
        assert (await ask(person, analysis_id, "Two?")).status_code == 429
        assert len(messages.requests) == asked
        assert len(await turns(analysis_id)) == 1
        assert await messages_used(person) == 0
