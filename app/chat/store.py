"""Queries on turns; whoever writes an answer holds its run, and every change asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.chat.rules import RETRYABLE, Author, Failure, Kind, State, Turn
from app.chat.tables import Message

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from piccolo.custom_types import Combinable

SHOWN = (
    Message.id,
    Message.account,
    Message.analysis,
    Message.kind,
    Message.author,
    Message.state,
    Message.question,
    Message.answer,
    Message.failure,
    Message.run_id,
    Message.created_at,
)


async def insert(row: Message) -> bool:
    """Keep a new turn; tell whether none of the account is written and no notes are there yet."""
    return bool(await Message.insert(row).on_conflict(action="DO NOTHING"))


async def of_analysis(account_id: UUID, analysis_id: UUID, now: datetime) -> list[Turn]:
    """Return the conversation about a report, the oldest turn first."""
    return await _select((Message.analysis == analysis_id) & _owned(account_id, now))


async def one(account_id: UUID, message_id: UUID, now: datetime) -> Turn | None:
    """Return a turn of this owner, unless its term is over."""
    found = await _select((Message.id == message_id) & _owned(account_id, now))
    return found[0] if found else None


async def restart(message_id: UUID, changes: Mapping[Any, Any]) -> bool:
    """Write an unfinished answer again, if it is not being written and nothing else of the account is.

    Raises
    ------
    TAKEN
        When another answer of the account is being written.

    """
    states = [str(state) for state in RETRYABLE]
    changed = (
        await Message.update({**changes, Message.state: State.WRITING, Message.answer: "", Message.failure: ""})
        .where((Message.id == message_id) & Message.state.is_in(states))
        .returning(Message.id)
    )
    return bool(changed)


async def keep(message_id: UUID, run_id: UUID, answer: str, lease_until: datetime) -> bool:
    """Keep an answer so far; tell whether it is still wanted."""
    kept = (
        await Message.update({Message.answer: answer, Message.lease_until: lease_until})
        .where(_written_by(message_id, run_id))
        .returning(Message.id)
    )
    return bool(kept)


async def finish(message_id: UUID, run_id: UUID, changes: Mapping[Any, Any]) -> bool:
    """End an answer; tell whether this run was still the one to end it."""
    ended = await Message.update(dict(changes)).where(_written_by(message_id, run_id)).returning(Message.id)
    return bool(ended)


async def note(message_id: UUID, changes: Mapping[Any, Any]) -> None:
    """Note what an answer uses, whatever its state."""
    await Message.update(dict(changes)).where(Message.id == message_id)


async def release_charge(message_id: UUID) -> tuple[UUID, datetime] | None:
    """Release what a turn holds of a period; return whose and which, once."""
    rows = (
        await Message.update({Message.is_charged: False})
        .where((Message.id == message_id) & (Message.is_charged == True))  # noqa: E712 - a column, not a truth
        .returning(Message.account, Message.charged_period)
    )
    return (rows[0]["account"], rows[0]["charged_period"]) if rows else None


async def without_news(now: datetime) -> list[Turn]:
    """Return the turns whose writer has been silent for too long."""
    return await _select((Message.state == State.WRITING) & (Message.lease_until < now))


async def delete(message_id: UUID) -> None:
    """Delete a turn."""
    await Message.delete().where(Message.id == message_id)


async def due(now: datetime) -> list[UUID]:
    """Return the turns whose term is over."""
    return [row["id"] for row in await Message.select(Message.id).where(Message.expires_at <= now)]


def turn_of_row(row: Message) -> Turn:
    """Return the turn of a row that is just being made."""
    return _turn({column._meta.name: getattr(row, column._meta.name) for column in SHOWN})  # noqa: SLF001 - Piccolo's place of a column's name


def _owned(account_id: UUID, now: datetime) -> Combinable:
    return (Message.account == account_id) & (Message.expires_at > now)


def _written_by(message_id: UUID, run_id: UUID) -> Combinable:
    return (Message.id == message_id) & (Message.run_id == run_id) & (Message.state == State.WRITING)


async def _select(where: Combinable) -> list[Turn]:
    rows = await Message.select(*SHOWN).where(where).order_by(Message.created_at)
    return [_turn(row) for row in rows]


def _turn(row: dict[str, Any]) -> Turn:
    copied = ("id", "question", "answer", "run_id", "created_at")
    return Turn(
        **{name: row[name] for name in copied},
        account_id=row["account"],
        analysis_id=row["analysis"],
        kind=Kind(row["kind"]),
        author=Author(row["author"]),
        state=State(row["state"]),
        failure=Failure(row["failure"]) if row["failure"] else None,
    )
