"""Every way in which Anthropic's service can end an answer: its page, its row and its charge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.chat.rules import SENTENCES, Failure
from app.chat.tables import Spending
from tests.making.conversations import (
    allow_claude,
    ask,
    is_done,
    last_turn,
    messages_used,
    press,
    turns,
    with_report,
)
from tests.making.people import member
from tests.services.messages import ANSWER, MessagesServer, Script
from tests.services.waiting import eventually

if TYPE_CHECKING:
    from tests.services.site import Site

GOOD = [
    pytest.param(Script(), id="normal"),
    pytest.param(Script(first_s=0.5, gap_s=0.02), id="slow"),
    pytest.param(Script(status=429, retry_after="0.2", error="rate_limit_error", times=1), id="429, then an answer"),
    pytest.param(Script(status=500, times=2), id="500 twice, then an answer"),
]
BAD = [
    pytest.param(Script(status=429, retry_after="0.1", error="rate_limit_error"), Failure.BUSY, "", id="429"),
    pytest.param(Script(status=429, retry_after="40", error="rate_limit_error"), Failure.SLOW, "", id="429 for long"),
    pytest.param(Script(status=500), Failure.FAULT, "", id="500"),
    pytest.param(Script(status=529, error="overloaded_error"), Failure.BUSY, "", id="529"),
    pytest.param(Script(status=401, error="authentication_error"), Failure.KEY, "", id="401"),
    pytest.param(Script(after_pieces=3, fault="overloaded"), Failure.BUSY, ANSWER[:21], id="overloaded in mid-stream"),
    pytest.param(Script(after_pieces=3, fault="cut"), Failure.CUT, ANSWER[:21], id="cut"),
    pytest.param(Script(after_pieces=3, fault="malformed"), Failure.FAULT, ANSWER[:21], id="malformed"),
    pytest.param(Script(after_pieces=3, fault="silent"), Failure.SLOW, ANSWER[:21], id="silent"),
    pytest.param(Script(after_pieces=3, fault="endless"), Failure.ENDLESS, None, id="endless"),
    pytest.param(Script(first_s=60), Failure.SLOW, "", id="no first byte"),
    pytest.param(Script(stop_reason="pause_turn"), Failure.CUT, ANSWER, id="an end that is none"),
]


@pytest.mark.parametrize("script", GOOD)
async def test_a_whole_answer_is_kept_and_counted(live_site: Site, messages: MessagesServer, script: Script) -> None:
    """The page has it, the row says what it used, and one message is taken."""
    messages.script = script
    async with member(live_site) as person:
        analysis_id = await with_report(person)
        await allow_claude(person)
        assert (await ask(person, analysis_id, "What is wrong?")).status_code == 200
        await eventually(lambda: is_done(analysis_id))
        turn = await last_turn(analysis_id)
        assert (turn["state"], turn["failure"], turn["answer"]) == ("done", "", ANSWER)
        assert turn["cache_write_tokens"] == 2000
        assert turn["output_tokens"] == len(ANSWER) // 4
        assert turn["cost_microdollars"] == round(2 * 40 + 2.5 * 2000 + 10 * (len(ANSWER) // 4))
        assert await messages_used(person) == 1
        page = (await person.client.get(f"/analyses/{analysis_id}/conversation")).text
        assert "+1.2 dBTP" in page
        assert "19 of 20 messages left" in page
        rows = await Spending.select(Spending.microdollars)
        assert {row["microdollars"] for row in rows} == {turn["cost_microdollars"]}


@pytest.mark.parametrize(("script", "failure", "answer"), BAD)
async def test_a_failure_is_said_kept_and_not_counted(
    live_site: Site, messages: MessagesServer, script: Script, failure: Failure, answer: str | None
) -> None:
    """What was written stays, the page says why it ended, trying again works, and only that is counted."""
    messages.script = script
    async with member(live_site) as person:
        analysis_id = await with_report(person)
        await allow_claude(person)
        await ask(person, analysis_id, "What is wrong?")
        await eventually(lambda: is_done(analysis_id), 20)
        turn = await last_turn(analysis_id)
        assert (turn["state"], turn["failure"]) == ("interrupted", failure)
        if answer is not None:
            assert turn["answer"] == answer
        assert await messages_used(person) == 0
        page = (await person.client.get(f"/analyses/{analysis_id}/conversation")).text
        assert SENTENCES[failure].partition("’")[0].partition("'")[0] in page
        assert "It was not counted." in page
        messages.script = Script()
        assert (await press(person, turn, "retry")).status_code == 200
        await eventually(lambda: is_done(analysis_id))
        again = await last_turn(analysis_id)
        assert (again["state"], again["failure"], again["answer"]) == ("done", "", ANSWER)
        assert len(await turns(analysis_id)) == 1
        assert await messages_used(person) == 1


async def test_a_refusal_is_not_counted(live_site: Site, messages: MessagesServer) -> None:
    """Claude's own no is told as such."""
    messages.script = Script(stop_reason="refusal")
    async with member(live_site) as person:
        analysis_id = await with_report(person)
        await allow_claude(person)
        await ask(person, analysis_id, "What is wrong?")
        await eventually(lambda: is_done(analysis_id))
        assert (await last_turn(analysis_id))["state"] == "refused"
        assert await messages_used(person) == 0
        assert (
            "does not answer this question" in (await person.client.get(f"/analyses/{analysis_id}/conversation")).text
        )


async def test_the_greatest_length_is_a_whole_answer_with_a_word(live_site: Site, messages: MessagesServer) -> None:
    """An answer that is cut at its length stays, counts, and says so."""
    messages.script = Script(stop_reason="max_tokens")
    async with member(live_site) as person:
        analysis_id = await with_report(person)
        await allow_claude(person)
        await ask(person, analysis_id, "What is wrong?")
        await eventually(lambda: is_done(analysis_id))
        turn = await last_turn(analysis_id)
        assert (turn["state"], turn["failure"], turn["answer"]) == ("done", "length", ANSWER)
        assert await messages_used(person) == 1
        assert "greatest length" in (await person.client.get(f"/analyses/{analysis_id}/conversation")).text
