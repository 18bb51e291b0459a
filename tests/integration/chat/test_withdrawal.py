"""After consent is withdrawn, by whichever page, nothing is sent to Claude; measuring goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.making.audio import wav
from tests.making.conversations import allow_claude, ask, is_done, last_turn, with_report
from tests.making.people import member
from tests.services.site import running_worker
from tests.services.waiting import eventually

if TYPE_CHECKING:
    from tests.making.people import Person
    from tests.services.messages import MessagesServer
    from tests.services.site import Site

WAYS = {
    "consent": ("/account/consent", {"allows_ai_feedback": "no"}),
    "objection": ("/data/objections", {"purpose": "ai_feedback"}),
}


@pytest.mark.parametrize("way", WAYS)
async def test_nothing_is_sent_after_a_withdrawal_and_analyses_work(
    live_site: Site, messages: MessagesServer, way: str
) -> None:
    """One request while it is allowed, none after: not for questions, not for notes, not by a new analysis."""
    async with member(live_site) as person:
        analysis_id = await with_report(person)
        await allow_claude(person)
        await ask(person, analysis_id, "What is my true peak?")
        await eventually(lambda: is_done(analysis_id))
        assert len(messages.requests) == 1
        await _withdraw(person, way)
        await ask(person, analysis_id, "And the tempo?")
        await person.client.post(f"/analyses/{analysis_id}/conversation/notes", headers=person.headers)
        await eventually(lambda: is_done(analysis_id))
        assert (await last_turn(analysis_id))["author"] == "guide"
        fresh = await person.upload("after.wav", wav(2.0))
        async with running_worker(live_site.settings):
            await person.until(fresh, "done")
        assert (await person.report(fresh))["loudness"]["integrated_lufs"] is not None
        await ask(person, fresh, "How loud is it?")
        await eventually(lambda: is_done(fresh))
        assert len(messages.requests) == 1


async def _withdraw(person: Person, way: str) -> None:
    path, form = WAYS[way]
    answer = await person.client.post(path, data={"_csrf": person.token, **form})
    assert answer.status_code == 303, answer.text
