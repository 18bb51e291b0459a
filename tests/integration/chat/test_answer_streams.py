"""An answer's stream: nothing lost or doubled, whatever breaks, and every tab sees the same."""

from __future__ import annotations

import asyncio
import random
import re
import time
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest

from app.policy import ActionLimit
from tests.making.conversations import allow_claude, ask, is_done, last_turn, messages_used, press, reading, with_report
from tests.making.people import member, visitor
from tests.making.policy import with_policy
from tests.services.messages import MessagesServer, Script
from tests.services.site import running_site
from tests.services.waiting import eventually

if TYPE_CHECKING:
    from app.settings import Settings
    from tests.making.people import Person
    from tests.services.site import Site

SEED = 9
DISCONNECTS = 50
WORDS = re.compile(
    r'<hx-partial hx-target="#words-[0-9a-f]+" hx-swap="beforeend"><span>(.*)</span></hx-partial>', re.DOTALL
)
SLOW = Script(text="".join(f"Piece {index} <b>&amp; “ü”\n" for index in range(150)), piece=5, gap_s=0.012)
HELD_TEXT = "First words, and then the rest of it."


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Give a slow answer the time that fifty connections take."""
    patient = with_policy(settings, chat={"answer_seconds": 60.0})
    often = {**patient.policy.limits, "message": ActionLimit()}
    return replace(patient, policy=replace(patient.policy, limits=often))


def chance_of(seed: int) -> random.Random:
    """Return repeatable chance."""
    return random.Random(seed)  # noqa: S311 - repeatable, no secret


def words_of(data: str) -> str | None:
    """Return the new words of a message; none for a whole turn."""
    found = WORDS.fullmatch(data)
    return unescape(found[1]) if found else None


async def read_with_cuts(person: Person, turn: dict[str, Any], chance: random.Random, cuts: int) -> tuple[str, int]:
    """Read an answer to its end over connections that break at random; return the words and the breaks."""
    text, position, broken = "", "", 0
    while True:
        async with reading(person, turn, last_event_id=position) as stream:
            left = chance.randint(1, 3) if broken < cuts else 10**6
            while left and (message := await stream.next()) is not None:
                if message.event == "done":
                    return text, broken
                words = words_of(message.data)
                if words is None:
                    assert 'aria-busy="true"' not in message.data
                    continue
                text, position, left = text + words, message.id, left - 1
        broken += 1


async def test_fifty_random_disconnects_lose_and_double_nothing(live_site: Site, messages: MessagesServer) -> None:
    """What a reader put together over fifty breaks is the row, sign for sign."""
    messages.script = SLOW
    async with member(live_site) as person:
        analysis_id = await with_report(person)
        await allow_claude(person)
        await ask(person, analysis_id, "What is wrong?")
        turn = await last_turn(analysis_id)
        text, broken = await read_with_cuts(person, turn, chance_of(SEED), DISCONNECTS)
        assert broken >= DISCONNECTS
        row = await last_turn(analysis_id)
        assert row["state"] == "done"
        assert text == row["answer"] == SLOW.text


async def test_two_tabs_see_the_same(live_site: Site, messages: MessagesServer) -> None:
    """Two readers of one generation get equal words, and only one request is made."""
    messages.script = SLOW
    async with member(live_site) as person:
        analysis_id = await with_report(person)
        await allow_claude(person)
        await ask(person, analysis_id, "What is wrong?")
        turn = await last_turn(analysis_id)
        (one, _), (two, _) = await asyncio.gather(
            read_with_cuts(person, turn, chance_of(1), 0), read_with_cuts(person, turn, chance_of(2), 5)
        )
        assert one == two == (await last_turn(analysis_id))["answer"]
        assert len(messages.requests) == 1


async def test_the_row_follows_within_half_a_second(live_site: Site, messages: MessagesServer) -> None:
    """What a reader was shown is in the row at most 500 ms later."""
    messages.script = Script(text=HELD_TEXT, piece=11, hold=asyncio.Event())
    async with member(live_site) as person:
        analysis_id = await with_report(person)
        await allow_claude(person)
        await ask(person, analysis_id, "What is wrong?")
        async with reading(person, await last_turn(analysis_id)) as stream:
            first = await stream.next()
            assert first is not None
            shown_at = time.monotonic()
            await eventually(lambda: _row_begins(analysis_id, "First words"))
            assert time.monotonic() - shown_at < 0.5
            assert messages.script.hold is not None
            messages.script.hold.set()
            await stream.until_closed()


async def test_stop_keeps_what_was_written_and_counts_it(live_site: Site, messages: MessagesServer) -> None:
    """A stopped answer stays as far as it was; one that had nothing yet counts as nothing."""
    async with member(live_site) as person:
        analysis_id = await with_report(person)
        await allow_claude(person)
        messages.script = Script(text=HELD_TEXT, piece=11, hold=asyncio.Event())
        await ask(person, analysis_id, "One?")
        await eventually(lambda: _row_begins(analysis_id, "First words"))
        await press(person, await last_turn(analysis_id), "stop")
        turn = await last_turn(analysis_id)
        assert (turn["state"], turn["answer"]) == ("stopped", "First words")
        assert turn["cost_microdollars"] > 0
        assert await messages_used(person) == 1
        messages.script = Script(first_s=5)
        await ask(person, analysis_id, "Two?")
        await press(person, await last_turn(analysis_id), "stop")
        assert (await last_turn(analysis_id))["state"] == "stopped"
        assert await messages_used(person) == 1


async def test_one_answer_is_written_at_a_time(live_site: Site, messages: MessagesServer) -> None:
    """A second question waits; it is neither kept nor counted."""
    messages.script = Script(text=HELD_TEXT, piece=11, hold=asyncio.Event())
    async with member(live_site) as person:
        analysis_id = await with_report(person)
        await allow_claude(person)
        await ask(person, analysis_id, "One?")
        assert (await ask(person, analysis_id, "Two?")).status_code == 409
        assert messages.script.hold is not None
        messages.script.hold.set()
        await eventually(lambda: is_done(analysis_id))
        assert await messages_used(person) == 1


async def test_a_withdrawn_consent_ends_what_is_written_and_asks_nothing_more(
    live_site: Site, messages: MessagesServer
) -> None:
    """After it no request leaves, and the guide answers."""
    messages.script = Script(text=HELD_TEXT, piece=11, hold=asyncio.Event())
    async with member(live_site) as person:
        analysis_id = await with_report(person)
        await allow_claude(person)
        await ask(person, analysis_id, "One?")
        await eventually(lambda: _row_begins(analysis_id, "First words"))
        form = {"_csrf": person.token, "allows_ai_feedback": "no"}
        await person.client.post(f"/analyses/{analysis_id}/conversation/consent", data=form)
        assert (await last_turn(analysis_id))["failure"] == "consent"
        assert await messages_used(person) == 0
        asked = len(messages.requests)
        await ask(person, analysis_id, "tempo?")
        await eventually(lambda: is_done(analysis_id))
        assert (await last_turn(analysis_id))["author"] == "guide"
        assert len(messages.requests) == asked


async def test_the_coachs_notes_are_made_once_and_count_as_nothing(live_site: Site, messages: MessagesServer) -> None:
    """Four first views at once make one request, take no message, and each shows the notes."""
    async with member(live_site) as person:
        analysis_id = await with_report(person)
        await allow_claude(person)
        path = f"/analyses/{analysis_id}/conversation/notes"
        answers = await asyncio.gather(*(person.client.post(path, headers=person.headers) for _ in range(4)))
        await eventually(lambda: is_done(analysis_id))
        answers.append(await person.client.post(path, headers=person.headers))
        assert {answer.status_code for answer in answers} == {200}
        assert len(messages.requests) == 1
        assert await messages_used(person) == 0


async def test_a_restart_leaves_an_answer_to_try_again(settings: Settings, messages: MessagesServer) -> None:
    """What a process that ends was writing is interrupted, given back, and written again by the next."""
    from app.asgi import create_app

    hold = asyncio.Event()
    messages.script = Script(text=HELD_TEXT, piece=11, hold=hold)
    async with running_site(create_app(settings), settings) as site, member(site) as person:
        analysis_id = await with_report(person)
        await allow_claude(person)
        await ask(person, analysis_id, "One?")
        await eventually(lambda: _row_begins(analysis_id, "First words"))
        cookies, token = person.client.cookies, person.token
    hold.set()
    async with running_site(create_app(settings), settings) as site, visitor(site) as person:
        person.client.cookies, person.token = cookies, token
        row = await last_turn(analysis_id)
        assert (row["state"], row["failure"], row["answer"]) == ("interrupted", "restart", "First words")
        assert not row["is_charged"]
        await press(person, row, "retry")
        await eventually(lambda: is_done(analysis_id))
        row = await last_turn(analysis_id)
        assert (row["state"], row["answer"], row["is_charged"]) == ("done", HELD_TEXT, True)


async def test_one_message_left_is_taken_once(live_site: Site, messages: MessagesServer) -> None:
    """Eight questions at the same moment, with one message left: one is taken."""
    async with member(live_site) as person:
        analysis_id = await with_report(person)
        await allow_claude(person)
        most = live_site.settings.policy.plans["free"].messages
        for _ in range(most - 1):
            await ask(person, analysis_id, "One?")
            await eventually(lambda: is_done(analysis_id))
        answers = await asyncio.gather(*(ask(person, analysis_id, "Two?") for _ in range(8)))
        assert sum(answer.status_code == 200 for answer in answers) == 1
        await eventually(lambda: is_done(analysis_id))
        assert await messages_used(person) == most
        last = await ask(person, analysis_id, "Three?")
        assert last.status_code == 429
        assert "There are new ones on" in last.text


async def _row_begins(analysis_id: Any, words: str) -> bool:
    return bool((await last_turn(analysis_id))["answer"].startswith(words))
