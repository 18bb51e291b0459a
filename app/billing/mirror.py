"""What Stripe says of a customer, kept here: asked anew each time, so that no order of messages matters.

An asking takes a number before it asks. Its answer is kept unless a later number's was kept
before: whatever happened before a message was sent is in the answer to every number that is
taken after it came, so that the last one to be kept is the present state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog

from app.billing import store
from app.billing.rules import OPEN, entitlement_of, one_of
from app.kernel.db import transaction
from app.kernel.waypoints import Waypoint

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from piccolo.engine.base import Engine

    from app.billing.gateway import Gateway
    from app.billing.rules import Catalogue, Subscription
    from app.billing.store import Ticket
    from app.billing.webhooks import Event
    from app.kernel.clock import Clock
    from app.kernel.waypoints import Observer
    from app.policy import BillingPolicy
    from app.usage.rules import Entitlement
    from app.usage.service import UsageLedger

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Look:
    """What one asking found."""

    account_id: UUID
    subscription: Subscription | None
    """The one that counts."""
    was: Entitlement | None = None
    is_now: Entitlement | None = None
    open_count: int = 0
    """How many are paid beside each other."""

    @property
    def has_changed(self) -> bool:
        """Whether the plan or its term is another one than before."""
        return self.was != self.is_now


class Mirror:
    """Asks and keeps."""

    def __init__(
        self,
        *,
        policy: BillingPolicy,
        engine: Engine[Any],
        clock: Clock,
        usage: UsageLedger,
        catalogue: Catalogue,
        reached: Observer,
    ) -> None:
        """Keep the parts."""
        self._policy = policy
        self._engine = engine
        self._clock = clock
        self._usage = usage
        self._catalogue = catalogue
        self._reached = reached

    async def look(self, gateway: Gateway, customer_id: str, event: Event | None = None) -> Look | None:
        """Ask Stripe about a customer and keep what it says, with the message that told to ask.

        Nothing comes back for a customer that is none of ours, and for a message that was taken before.
        """
        ticket = await store.ask(customer_id)
        told = await gateway.subscriptions(customer_id) if ticket else []
        await self._reached(Waypoint.ASKED)
        async with transaction(self._engine):
            is_first = event is None or await self._keep_event(event, ticket)
            found = await self._apply(ticket, told) if ticket and is_first else None
        await self._reached(Waypoint.KEPT)
        if found is not None and found.has_changed:
            log.info("billing.changed", account=str(found.account_id), plan=found.is_now and found.is_now.plan)
        return found

    async def _keep_event(self, event: Event, ticket: Ticket | None) -> bool:
        now = self._clock()
        account_id = ticket.account_id if ticket else None
        return await store.insert_event(event, account_id, now=now, expires_at=now + self._policy.events)

    async def _apply(self, ticket: Ticket, told: Sequence[Subscription]) -> Look:
        grace = self._policy.grace
        subscription = one_of(told, self._catalogue, grace)
        if not await store.is_news(ticket):
            return Look(ticket.account_id, subscription)
        was, is_now = await self._usage.paid_of(ticket.account_id), entitlement_of(subscription, grace)
        await store.put_subscription(ticket.account_id, subscription)
        await self._usage.set_paid(ticket.account_id, is_now)
        return Look(ticket.account_id, subscription, was, is_now, sum(each.status in OPEN for each in told))
