"""The conversation without a key: the report guide, on the same page and stream."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from app.chat.tables import Message
from tests.making.conversations import ask, is_done, last_turn, messages_used, press, reading, turns, with_report
from tests.making.people import member
from tests.making.traces import services_after
from tests.services.waiting import eventually

if TYPE_CHECKING:
    from app.settings import Settings
    from tests.services.site import Site


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Leave the key out."""
    return replace(settings, anthropic_api_key="")


async def test_a_question_is_answered_from_the_report_and_counts_nothing(live_site: Site) -> None:
    """The guide's answer holds the figure, says what wrote it, and leaves the month's messages alone."""
    async with member(live_site) as person:
        analysis_id = await with_report(person)
        answer = await ask(person, analysis_id, "What is my true peak?")
        assert answer.status_code == 200
        await eventually(lambda: is_done(analysis_id))
        page = (await person.client.get(f"/analyses/{analysis_id}/conversation")).text
        assert "1.2 dBTP" in page
        assert "put together from your report, no AI" in page
        assert await messages_used(person) == 0


async def test_without_scripts_the_page_comes_back_with_the_whole_answer(live_site: Site) -> None:
    """A plain form is answered by a redirect to the page, after the answer is whole."""
    async with member(live_site) as person:
        analysis_id = await with_report(person)
        form = {"_csrf": person.token, "question": "Which key is it in?"}
        answer = await person.client.post(f"/analyses/{analysis_id}/conversation", data=form)
        assert answer.status_code == 303
        turn = await last_turn(analysis_id)
        assert answer.headers["location"] == f"/analyses/{analysis_id}/conversation#turn-{turn['id'].hex}"
        assert turn["state"] == "done"
        assert "E major" in (await person.client.get(answer.headers["location"])).text


async def test_the_stream_ends_with_the_whole_turn(live_site: Site) -> None:
    """A reader who comes late gets the finished turn and the end."""
    async with member(live_site) as person:
        analysis_id = await with_report(person)
        await ask(person, analysis_id, "tempo?")
        async with reading(person, await last_turn(analysis_id)) as stream:
            seen = await stream.until_closed()
        assert seen[-1].event == "done"
        assert "102.0 BPM" in seen[-2].data
        assert "Report guide" in seen[-2].data


async def test_what_is_no_question_is_said_with_the_draft_kept(live_site: Site) -> None:
    """Nothing and too much are refused with a sentence; what was typed stays in the field."""
    async with member(live_site) as person:
        analysis_id = await with_report(person)
        assert (await ask(person, analysis_id, "   ")).status_code == 422
        long = await ask(person, analysis_id, "x" * 4001)
        assert long.status_code == 422
        assert "4000 characters" in long.text
        assert "x" * 4001 in long.text
        assert await turns(analysis_id) == []
        assert (await ask(person, analysis_id, "y" * 3999 + "\r\n")).status_code == 200


async def test_turns_are_deleted_one_by_one_and_all_at_once(live_site: Site) -> None:
    """What is deleted is gone from the database."""
    async with member(live_site) as person:
        analysis_id = await with_report(person)
        for question in ("tempo?", "key?", "loudness?"):
            form = {"_csrf": person.token, "question": question}
            await person.client.post(f"/analyses/{analysis_id}/conversation", data=form)
        first = (await turns(analysis_id))[0]
        assert (await press(person, first, "delete")).status_code == 200
        assert [turn["question"] for turn in await turns(analysis_id)] == ["key?", "loudness?"]
        await person.client.post(f"/analyses/{analysis_id}/conversation/delete", headers=person.headers)
        assert await turns(analysis_id) == []


async def test_a_conversation_goes_with_its_report(live_site: Site) -> None:
    """Deleting the analysis deletes it; after thirty days it cannot be read, and the sweep takes it."""
    async with member(live_site) as person:
        deleted, kept = await with_report(person), await with_report(person)
        await ask(person, deleted, "tempo?")
        await eventually(lambda: is_done(deleted))
        await ask(person, kept, "tempo?")
        await eventually(lambda: is_done(kept))
        await person.client.post(f"/analyses/{deleted}/delete", headers=person.headers)
        assert await turns(deleted) == []
        async with services_after(live_site.settings, timedelta(days=30, seconds=5)) as later:
            assert await later.conversations.turns((await last_turn(kept))["account"], kept) == []
            await later.sweeper.sweep()
        assert not await Message.exists()


async def test_a_conversation_is_its_owners(live_site: Site) -> None:
    """A turn is found under its own report and for its owner only."""
    async with member(live_site) as person, member(live_site, "bob") as bob:
        mine, other, theirs = await with_report(person), await with_report(person), await with_report(bob)
        await ask(person, mine, "tempo?")
        await eventually(lambda: is_done(mine))
        turn = await last_turn(mine)
        for verb in ("stop", "retry", "delete"):
            assert (await press(bob, turn, verb)).status_code == 404
            assert (await press(bob, {**turn, "analysis": theirs}, verb)).status_code == 404
            assert (await press(person, {**turn, "analysis": other}, verb)).status_code == 404
            assert (await press(person, {**turn, "id": uuid4()}, verb)).status_code == 404
        async with reading(bob, turn) as stream:
            assert stream.answer.status_code == 404
        assert len(await turns(mine)) == 1
