"""Deleted accounts that Stripe has still to forget: queued with the account's end, tried until done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from app.billing import store
from app.kernel.errors import AppError

if TYPE_CHECKING:
    from uuid import UUID

    from app.billing.gateway import Gateway
    from app.billing.store import Leaving
    from app.kernel.clock import Clock
    from app.policy import BillingPolicy

log = structlog.get_logger()


async def waiting() -> list[str]:
    """List the last failure of each customer that Stripe has still to delete."""
    return await store.waiting_departures()


class Departures:
    """Ends customers at Stripe; their subscriptions end with them."""

    def __init__(self, *, policy: BillingPolicy, gateway: Gateway | None, clock: Clock) -> None:
        """Keep the parts."""
        self._policy = policy
        self._gateway = gateway
        self._clock = clock

    async def queue(self, customer_id: str, account_id: UUID | None = None) -> None:
        """Keep that a customer is to be deleted, inside the caller's transaction where there is one."""
        now = self._clock()
        await store.insert_departure(customer_id, account_id, now=now, expires_at=now + self._policy.departure)

    async def finish(self) -> int:
        """Delete the customers whose turn it is; tell how many are gone."""
        if self._gateway is None:
            return 0
        due = await store.departures_due(self._clock())
        return sum([await self._try(self._gateway, leaving) for leaving in due])

    async def end_due(self) -> int:
        """Forget messages and departures that are past their term; tell how many."""
        events, customers = await store.end_due(self._clock())
        for customer_id in customers:
            log.error("billing.departure_given_up", customer=customer_id)
        return events + len(customers)

    async def _try(self, gateway: Gateway, leaving: Leaving) -> bool:
        attempt = leaving.attempts + 1
        if not await store.claim_departure(leaving, next_attempt_at=self._clock() + self._policy.pause(attempt)):
            return False
        try:
            await gateway.delete_customer(leaving.customer_id)
        except AppError as error:
            await store.note_departure(leaving.id, getattr(error, "reason", error.code))
            log.warning("billing.departure_failed", attempt=attempt)
            return False
        await store.remove_departure(leaving.id)
        log.info("billing.departed", attempt=attempt)
        return True
