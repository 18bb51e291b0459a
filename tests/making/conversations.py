"""Reports to talk about, without measuring anything, and readers of answers."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from app.chat.tables import Message
from app.usage.tables import Usage
from tests.golden.conversation import report
from tests.making.events import Stream
from tests.making.reports import finished

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from uuid import UUID

    import httpx

    from tests.making.people import Person


async def with_report(person: Person, document: dict[str, Any] | None = None) -> UUID:
    """Give somebody a finished analysis with a report; return its identifier."""
    return await finished(person, document or report("menu"))


async def allow_claude(person: Person, *, is_given: bool = True) -> None:
    """Give or withdraw the consent to AI feedback."""
    form = {"_csrf": person.token, "allows_ai_feedback": "yes" if is_given else "no"}
    assert (await person.client.post("/account/consent", data=form)).status_code == 303


async def ask(person: Person, analysis_id: UUID, question: str, **headers: str) -> httpx.Response:
    """Send a question as a script of ours does."""
    return await person.client.post(
        f"/analyses/{analysis_id}/conversation", data={"question": question}, headers={**person.headers, **headers}
    )


async def press(person: Person, turn: Mapping[str, Any], verb: str) -> httpx.Response:
    """Press a button of a turn."""
    path = f"/analyses/{turn['analysis']}/conversation/{turn['id']}/{verb}"
    return await person.client.post(path, headers=person.headers)


async def turns(analysis_id: UUID) -> list[dict[str, Any]]:
    """Return the rows of a conversation, the oldest first."""
    return await Message.select().where(Message.analysis == analysis_id).order_by(Message.created_at)


async def last_turn(analysis_id: UUID) -> dict[str, Any]:
    """Return the newest row of a conversation."""
    return (await turns(analysis_id))[-1]


async def is_done(analysis_id: UUID) -> bool:
    """Tell whether nothing of a conversation is being written."""
    return bool((await last_turn(analysis_id))["state"] != "writing")


async def messages_used(person: Person) -> int:
    """Count the messages that were charged to somebody."""
    rows = await Usage.select(Usage.used).where((Usage.account.email == person.email) & (Usage.kind == "messages"))
    return sum(int(row["used"]) for row in rows)


@asynccontextmanager
async def reading(person: Person, turn: Mapping[str, Any], *, last_event_id: str = "") -> AsyncIterator[Stream]:
    """Open the stream of an answer, from its beginning or where a reader was."""
    path = f"/analyses/{turn['analysis']}/conversation/{turn['id']}/events"
    start = last_event_id or f"{turn['run_id'].hex[:8]}.0"
    headers = {"Accept": "text/event-stream", **({"Last-Event-ID": last_event_id} if last_event_id else {})}
    async with person.client.stream("GET", path, params={"start": start}, headers=headers, timeout=60) as answer:
        yield Stream(answer, answer.aiter_lines())
