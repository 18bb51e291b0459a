"""Messages of Stripe: each is taken once, in any order, and answered when what it changed is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from app.billing import store
from app.billing.webhooks import read_event
from app.kernel.errors import NotFound
from app.kernel.waypoints import Waypoint

if TYPE_CHECKING:
    from datetime import timedelta

    from app.billing.gateway import Gateway
    from app.billing.mirror import Mirror
    from app.kernel.clock import Clock
    from app.kernel.waypoints import Observer

log = structlog.get_logger()


class Inbox:
    """Takes messages."""

    def __init__(
        self,
        *,
        gateway: Gateway | None,
        mirror: Mirror,
        clock: Clock,
        secret: str,
        tolerance: timedelta,
        reached: Observer,
    ) -> None:
        """Keep the parts."""
        self._gateway = gateway
        self._mirror = mirror
        self._clock = clock
        self._secret = secret
        self._tolerance = tolerance
        self._reached = reached

    async def take(self, body: bytes, signature: str) -> bool:
        """Keep a message and what is true now of whom it is about; tell whether it was new.

        Raises
        ------
        BadRequest
            When Stripe has not signed it a moment ago.
        NotFound
            When payment is not set up: nobody could sign anything.
        StripeAway
            When Stripe cannot be asked: it will send the message again.

        """
        if self._gateway is None:
            raise NotFound
        event = read_event(body, signature, secret=self._secret, now=self._clock(), tolerance=self._tolerance)
        if await store.knows_event(event.id):
            return False
        await self._reached(Waypoint.HEARD)
        await self._mirror.look(self._gateway, event.customer_id, event)
        log.info("billing.event", kind=event.kind)
        return True
