"""Stripe and this site side by side: each night, and when the operator asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog

from app.billing import store
from app.kernel.db import transaction

if TYPE_CHECKING:
    from piccolo.engine.base import Engine

    from app.billing.departures import Departures
    from app.billing.gateway import Gateway
    from app.billing.mirror import Look, Mirror
    from app.kernel.clock import Clock
    from app.usage.rules import Entitlement

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Differences:
    """What was not the same at Stripe and here."""

    asked: int
    """Customers that were asked about."""
    changes: tuple[str, ...]
    """What was changed here, a line each."""
    warnings: tuple[str, ...]
    """What only the operator can decide."""


class Reconciler:
    """Heals what messages have missed."""

    def __init__(
        self, *, gateway: Gateway, mirror: Mirror, departures: Departures, engine: Engine[Any], clock: Clock
    ) -> None:
        """Keep the parts."""
        self._gateway = gateway
        self._mirror = mirror
        self._departures = departures
        self._engine = engine
        self._clock = clock

    async def sync(self, *, forgets_unknown: bool = False) -> Differences:
        """Ask Stripe about every customer and keep what it says.

        Customers whose account is not here are deleted at Stripe only when that is asked for: after
        a database was put back from a copy they may be people who pay.
        """
        changes, warnings = await self._adopt(forgets_unknown=forgets_unknown)
        customers = await store.customers()
        for customer_id in customers:
            found = await self._mirror.look(self._gateway, customer_id)
            if found is not None:
                changes += [_change(found)] if found.has_changed else []
                warnings += _warnings(found)
        log.info("billing.synced", asked=len(customers), changed=len(changes), warnings=len(warnings))
        return Differences(len(customers), tuple(changes), tuple(warnings))

    async def _adopt(self, *, forgets_unknown: bool) -> tuple[list[str], list[str]]:
        """Take back customers of ours that are missing here, and find those of no account."""
        known = await store.customers()
        changes, warnings = [], []
        async for customer_id, account_id in self._gateway.customers():
            if customer_id in known:
                continue
            async with transaction(self._engine):
                is_ours = await store.insert_customer(customer_id, account_id, self._clock())
                if not is_ours and forgets_unknown:
                    await self._departures.queue(customer_id)
            if is_ours:
                changes.append(f"account {account_id}: its customer {customer_id} was not known here")
            elif forgets_unknown:
                changes.append(f"customer {customer_id}: no account here, queued to be deleted at Stripe")
            else:
                warnings.append(f"customer {customer_id}: its account {account_id} is not here")
        return changes, warnings


def _change(found: Look) -> str:
    return f"account {found.account_id}: {_said(found.was)} -> {_said(found.is_now)}"


def _said(entitlement: Entitlement | None) -> str:
    if entitlement is None:
        return "free"
    return f"{entitlement.plan} until {entitlement.until:%Y-%m-%d %H:%M} UTC"


def _warnings(found: Look) -> list[str]:
    said = []
    if found.open_count > 1:
        said.append(f"account {found.account_id}: pays for {found.open_count} subscriptions")
    if found.subscription is not None and found.subscription.offer is None:
        said.append(f"account {found.account_id}: pays a price that is none of STRIPE_PRICE_*")
    return said
