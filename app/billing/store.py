"""Queries on customers, subscriptions, events and departures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from app.billing.tables import Customer, Departure

if TYPE_CHECKING:
    from datetime import datetime

ERROR_MAX = 80


@dataclass(frozen=True, slots=True)
class Leaving:
    """A customer that Stripe has still to forget."""

    id: UUID
    customer_id: str
    attempts: int


async def customer_of(account_id: UUID) -> str | None:
    """Return who an account is at Stripe."""
    rows = await Customer.select(Customer.id).where(Customer.account == account_id)
    return rows[0]["id"] if rows else None


async def insert_departure(customer_id: str, account_id: UUID | None, *, now: datetime, expires_at: datetime) -> None:
    """Keep that a customer is to be forgotten; twice is once."""
    await Departure.insert(
        Departure(
            id=uuid4(),
            customer=customer_id,
            account=account_id,
            next_attempt_at=now,
            created_at=now,
            expires_at=expires_at,
        )
    ).on_conflict(target=Departure.customer, action="DO NOTHING")


async def departures_due(now: datetime) -> list[Leaving]:
    """List the departures whose turn it is, the oldest first."""
    rows = (
        await Departure.select()
        .where((Departure.next_attempt_at <= now) & (Departure.expires_at > now))
        .order_by(Departure.created_at)
        .limit(100)
    )
    return [Leaving(id=row["id"], customer_id=row["customer"], attempts=row["attempts"]) for row in rows]


async def claim_departure(leaving: Leaving, *, next_attempt_at: datetime) -> bool:
    """Take an attempt, so that of two workers one asks."""
    mine = (
        await Departure.update({Departure.attempts: leaving.attempts + 1, Departure.next_attempt_at: next_attempt_at})
        .where((Departure.id == leaving.id) & (Departure.attempts == leaving.attempts))
        .returning(Departure.id)
    )
    return bool(mine)


async def note_departure(departure_id: UUID, error: str) -> None:
    """Keep why an attempt failed."""
    await Departure.update({Departure.error: error[:ERROR_MAX]}).where(Departure.id == departure_id)


async def remove_departure(leaving: Leaving) -> None:
    """Forget a customer that Stripe has forgotten."""
    await Customer.delete().where(Customer.id == leaving.customer_id)
    await Departure.delete().where(Departure.id == leaving.id)


async def waiting_departures() -> list[str]:
    """List the last failure of each departure that is still to come."""
    rows = await Departure.select(Departure.error)
    return [row["error"] for row in rows]
