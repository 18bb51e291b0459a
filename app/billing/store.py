"""Queries on customers, subscriptions, events and departures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from app.accounts.tables import Account
from app.billing.rules import Held, Interval, Offer, Status
from app.billing.tables import Customer, Departure, StripeEvent
from app.billing.tables import Subscription as SubscriptionRow

if TYPE_CHECKING:
    from datetime import datetime

    from app.billing.rules import Subscription
    from app.billing.webhooks import Event

ERROR_MAX = 80


@dataclass(frozen=True, slots=True)
class Ticket:
    """One asking of Stripe: whom it is about, and its number among all askings about them."""

    customer_id: str
    account_id: UUID
    number: int


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


async def customers() -> dict[str, UUID]:
    """Return the account of every customer."""
    rows = await Customer.select(Customer.id, Customer.account).order_by(Customer.created_at)
    return {row["id"]: row["account"] for row in rows}


async def insert_customer(customer_id: str, account_id: UUID, now: datetime) -> bool:
    """Keep who an account is at Stripe; tell whether there is such an account."""
    if not await Account.exists().where(Account.id == account_id):
        return False
    await Customer.insert(Customer(id=customer_id, account=account_id, created_at=now)).on_conflict(action="DO NOTHING")
    return True


async def ask(customer_id: str) -> Ticket | None:
    """Number the next asking about a customer; nothing when it is none of ours."""
    rows = (
        await Customer.update({Customer.asked: Customer.asked + 1})
        .where(Customer.id == customer_id)
        .returning(Customer.account, Customer.asked)
    )
    return Ticket(customer_id, rows[0]["account"], rows[0]["asked"]) if rows else None


async def is_news(ticket: Ticket) -> bool:
    """Keep that this asking is answered; tell whether no later one was answered before it."""
    rows = (
        await Customer.update({Customer.applied: ticket.number})
        .where((Customer.id == ticket.customer_id) & (Customer.applied < ticket.number))
        .returning(Customer.id)
    )
    return bool(rows)


async def subscription_of(account_id: UUID) -> Held | None:
    """Return an account's subscription."""
    rows = await SubscriptionRow.select().where(SubscriptionRow.account == account_id)
    if not rows:
        return None
    row = rows[0]
    return Held(
        status=Status(row["status"]),
        offer=_offer(row["plan"], row["interval"]),
        period_end=row["period_end"],
        ends_at=row["ends_at"],
        unpaid_since=row["unpaid_since"],
        next_offer=_offer(row["next_plan"], row["next_interval"]),
    )


async def put_subscription(account_id: UUID, subscription: Subscription | None) -> None:
    """Keep an account's subscription in place of the one before."""
    await SubscriptionRow.delete().where(SubscriptionRow.account == account_id)
    if subscription is None:
        return
    offer, next_offer = subscription.offer, subscription.next_offer
    await SubscriptionRow.insert(
        SubscriptionRow(
            id=subscription.id,
            account=account_id,
            status=subscription.status,
            plan=offer.plan if offer else "",
            interval=offer.interval if offer else "",
            period_end=subscription.period_end,
            ends_at=subscription.ends_at,
            unpaid_since=subscription.unpaid_since,
            next_plan=next_offer.plan if next_offer else "",
            next_interval=next_offer.interval if next_offer else "",
        )
    )


async def knows_event(event_id: str) -> bool:
    """Tell whether a message was taken before."""
    return bool(await StripeEvent.exists().where(StripeEvent.id == event_id))


async def insert_event(event: Event, account_id: UUID | None, *, now: datetime, expires_at: datetime) -> bool:
    """Keep that a message is taken; tell whether it is the first time."""
    row = StripeEvent(
        id=event.id,
        account=account_id,
        kind=event.kind,
        created_at=event.created_at,
        received_at=now,
        expires_at=expires_at,
    )
    kept = (
        await StripeEvent.insert(row).on_conflict(target=StripeEvent.id, action="DO NOTHING").returning(StripeEvent.id)
    )
    return bool(kept)


async def end_due(now: datetime) -> tuple[int, list[str]]:
    """Forget what is past its term; tell how many messages, and which customers Stripe may still know."""
    events = await StripeEvent.delete().where(StripeEvent.expires_at <= now).returning(StripeEvent.id)
    departures = await Departure.delete().where(Departure.expires_at <= now).returning(Departure.customer)
    return len(events), [row["customer"] for row in departures]


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


async def remove_departure(departure_id: UUID) -> None:
    """Forget a customer that Stripe has forgotten."""
    await Departure.delete().where(Departure.id == departure_id)


async def waiting_departures() -> list[str]:
    """List the last failure of each departure that is still to come."""
    rows = await Departure.select(Departure.error)
    return [row["error"] for row in rows]


def _offer(plan: str, interval: str) -> Offer | None:
    return Offer(plan, Interval(interval)) if plan else None
