"""What an account pays for: Stripe has the truth, this keeps what the product needs of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.billing import store

if TYPE_CHECKING:
    from uuid import UUID

    from app.kernel.clock import Clock
    from app.policy import BillingPolicy


class Billing:
    """Subscriptions, from an account's side."""

    def __init__(self, *, policy: BillingPolicy, clock: Clock) -> None:
        """Keep the parts."""
        self._policy = policy
        self._clock = clock

    async def account_is_going(self, account_id: UUID) -> None:
        """Note, inside the transaction that deletes an account, that Stripe has to forget it too.

        Asks nobody and waits for nobody: a job ends the subscription and deletes the customer,
        again and again until Stripe has done both. An account that never paid leaves nothing to do.
        """
        customer_id = await store.customer_of(account_id)
        if customer_id is not None:
            now = self._clock()
            expires_at = now + self._policy.departure
            await store.insert_departure(customer_id, account_id, now=now, expires_at=expires_at)
