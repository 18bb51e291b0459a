"""Queries on mails that are to be sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.accounts.letters import KINDS, MailKind, Occasion
from app.accounts.rules import fold_email
from app.accounts.tables import Outbox

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

ERROR_MAX = 80


@dataclass(frozen=True, slots=True)
class Order:
    """A mail that is to be sent."""

    id: UUID
    account_id: UUID | None
    occasion: Occasion
    recipient: str
    address: str
    attempts: int
    expires_at: datetime

    @property
    def kind(self) -> MailKind:
        """Which of the six kinds it is."""
        return KINDS[self.occasion]


async def insert(order: Order, *, now: datetime, next_attempt_at: datetime) -> None:
    """Keep an order."""
    await Outbox.insert(
        Outbox(
            id=order.id,
            account=order.account_id,
            kind=order.kind,
            occasion=order.occasion,
            recipient=order.recipient,
            address=order.address,
            attempts=order.attempts,
            next_attempt_at=next_attempt_at,
            created_at=now,
            expires_at=order.expires_at,
        )
    )


async def due(now: datetime) -> list[Order]:
    """List the orders whose turn it is, the oldest first."""
    rows = (
        await Outbox.select()
        .where((Outbox.next_attempt_at <= now) & (Outbox.expires_at > now) & Outbox.failed_at.is_null())
        .order_by(Outbox.created_at)
        .limit(100)
    )
    return [_order(row) for row in rows]


async def claim(order: Order, *, next_attempt_at: datetime) -> bool:
    """Take an attempt, so that of two workers one sends."""
    mine = (
        await Outbox.update({Outbox.attempts: order.attempts + 1, Outbox.next_attempt_at: next_attempt_at})
        .where((Outbox.id == order.id) & (Outbox.attempts == order.attempts) & Outbox.failed_at.is_null())
        .returning(Outbox.id)
    )
    return bool(mine)


async def remove(order_id: UUID) -> None:
    """Forget an order that is sent or needs no mail."""
    await Outbox.delete().where(Outbox.id == order_id)


async def remove_to(address: str) -> int:
    """Forget every order that names an address; tell how many."""
    key = fold_email(address)
    rows = await Outbox.select(Outbox.id, Outbox.recipient, Outbox.address)
    found = [row["id"] for row in rows if key in {fold_email(row["recipient"]), fold_email(row["address"])}]
    if found:
        await Outbox.delete().where(Outbox.id.is_in(found))
    return len(found)


async def note_failure(order_id: UUID, error: str, *, gave_up_at: datetime | None) -> None:
    """Keep why an attempt failed, and whether it was the last one."""
    await Outbox.update({Outbox.error: error[:ERROR_MAX], Outbox.failed_at: gave_up_at}).where(Outbox.id == order_id)


async def failed() -> list[tuple[str, str]]:
    """List kind and error of the mails that were given up."""
    rows = await Outbox.select(Outbox.kind, Outbox.error).where(Outbox.failed_at.is_not_null())
    return [(row["kind"], row["error"]) for row in rows]


async def everything() -> list[dict[str, Any]]:
    """List every mail that waits or was given up, the oldest first, for the operator."""
    return await Outbox.select().order_by(Outbox.created_at)


async def try_again(order_id: UUID, now: datetime) -> bool:
    """Let a mail be tried anew, from its first attempt; tell whether there is one."""
    changed = (
        await Outbox.update({Outbox.attempts: 0, Outbox.failed_at: None, Outbox.error: "", Outbox.next_attempt_at: now})
        .where((Outbox.id == order_id) & (Outbox.expires_at > now))
        .returning(Outbox.id)
    )
    return bool(changed)


async def end_due(now: datetime) -> int:
    """Delete the mails whose time is over."""
    gone = await Outbox.delete().where(Outbox.expires_at <= now).returning(Outbox.id)
    return len(gone)


def _order(row: dict[str, Any]) -> Order:
    return Order(
        id=row["id"],
        account_id=row["account"],
        occasion=Occasion(row["occasion"]),
        recipient=row["recipient"],
        address=row["address"],
        attempts=row["attempts"],
        expires_at=row["expires_at"],
    )
