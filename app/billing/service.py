"""What an owner does about their plan: choose, cancel, keep, look; Stripe has the truth."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.billing import store
from app.billing.rules import PAID, Turn, turn_of
from app.kernel.db import transaction
from app.kernel.errors import Conflict, LimitReached, NotFound, PlanConflict, Unavailable

if TYPE_CHECKING:
    from uuid import UUID

    from piccolo.engine.base import Engine

    from app.accounts.rules import Account
    from app.billing.departures import Departures
    from app.billing.gateway import Gateway
    from app.billing.mirror import Mirror
    from app.billing.rules import Catalogue, Held, Offer, Subscription
    from app.kernel.clock import Clock
    from app.kernel.ratelimit import RateLimiter

ACTION = "payment"


@dataclass(frozen=True, slots=True)
class Choice:
    """What came of choosing an offer."""

    turn: Turn
    address: str = ""
    """The page of Stripe on which it goes on; empty: it is done."""


class Billing:
    """Subscriptions, from an account's side."""

    def __init__(  # noqa: PLR0913 - the composition root hands over its parts by name
        self,
        *,
        gateway: Gateway | None,
        catalogue: Catalogue,
        mirror: Mirror,
        departures: Departures,
        limiter: RateLimiter,
        engine: Engine[Any],
        clock: Clock,
    ) -> None:
        """Keep the parts; without a gateway payment is not set up."""
        self._gateway = gateway
        self._catalogue = catalogue
        self._mirror = mirror
        self._departures = departures
        self._limiter = limiter
        self._engine = engine
        self._clock = clock

    @property
    def is_set_up(self) -> bool:
        """Whether anything can be bought here."""
        return self._gateway is not None

    def sells(self, offer: Offer) -> bool:
        """Tell whether an offer can be bought here."""
        return self.is_set_up and self._catalogue.is_sold(offer)

    def turn(self, held: Held | None, offer: Offer) -> Turn:
        """Tell what choosing an offer would mean beside what an account has."""
        return turn_of(held, offer, self._catalogue)

    async def subscription_of(self, account_id: UUID) -> Held | None:
        """Return an account's subscription as it was last told."""
        return await store.subscription_of(account_id)

    async def is_customer(self, account_id: UUID) -> bool:
        """Tell whether Stripe knows an account."""
        return await store.customer_of(account_id) is not None

    async def choose(self, account: Account, offer: Offer, *, key: str) -> Choice:
        """Buy, upgrade, downgrade or keep; ``key`` makes a form that is sent twice count once.

        Raises
        ------
        Conflict
            When payment is not set up, or something else has to be done first.
        StripeAway
            When Stripe does not answer.

        """
        gateway = self._need_gateway()
        if not self._catalogue.is_sold(offer):
            raise NotFound
        await self._limiter.hit(ACTION, account=str(account.id))
        customer_id = await self._customer_of(gateway, account)
        subscription = await self._present(gateway, customer_id)
        turn = turn_of(subscription, offer, self._catalogue)
        if subscription is None:
            await gateway.set_email(customer_id, account.email)
            return Choice(turn, await gateway.open_checkout(customer_id, offer, key=f"checkout-{account.id}-{key}"))
        _refuse_what_is_not_the_turn(subscription, turn)
        if turn is Turn.UPGRADE:
            return Choice(turn, await gateway.open_upgrade(customer_id, subscription, offer))
        if turn is Turn.KEEP:
            await gateway.keep(subscription)
        else:
            await gateway.change_at_period_end(subscription, offer, key=f"schedule-{account.id}-{key}")
        await self._look_again(gateway, customer_id)
        return Choice(turn)

    async def cancel(self, account_id: UUID) -> None:
        """End a subscription when what is paid is used up."""
        gateway, customer_id, subscription = await self._own(account_id)
        await gateway.cancel(subscription)
        await self._look_again(gateway, customer_id)

    async def keep(self, account_id: UUID) -> None:
        """Take back what was to change or to end."""
        gateway, customer_id, subscription = await self._own(account_id)
        await gateway.keep(subscription)
        await self._look_again(gateway, customer_id)

    async def portal(self, account: Account) -> str:
        """Return the address of Stripe's page for card, bills and address."""
        gateway = self._need_gateway()
        customer_id = await store.customer_of(account.id)
        if customer_id is None:
            raise PlanConflict("There is nothing to pay for yet.", way_out="Choose a plan first.")
        await self._limiter.hit(ACTION, account=str(account.id))
        await gateway.set_email(customer_id, account.email)
        return await gateway.open_portal(customer_id)

    async def catch_up(self, account_id: UUID) -> None:
        """Ask Stripe what is true now; whoever comes back from its pages waits for no message."""
        customer_id = await store.customer_of(account_id)
        if self._gateway is None or customer_id is None:
            return
        with suppress(LimitReached, Unavailable):
            await self._limiter.hit(ACTION, account=str(account_id))
            await self._mirror.look(self._gateway, customer_id)

    async def refund(self, account_id: UUID) -> int:
        """Give the last payment back and end the plan now; return the cents that go back."""
        gateway = self._need_gateway()
        customer_id = await store.customer_of(account_id)
        if customer_id is None:
            return 0
        cents = await gateway.refund_last(customer_id, await self._present(gateway, customer_id))
        await self._look_again(gateway, customer_id)
        return cents

    async def account_is_going(self, account_id: UUID) -> None:
        """Note, inside the transaction that deletes an account, that Stripe has to forget it too.

        Asks nobody and waits for nobody: a job ends the subscription and deletes the customer,
        again and again until Stripe has done both. An account that never paid leaves nothing to do.
        """
        customer_id = await store.customer_of(account_id)
        if customer_id is not None:
            await self._departures.queue(customer_id, account_id)

    async def _own(self, account_id: UUID) -> tuple[Gateway, str, Subscription]:
        gateway = self._need_gateway()
        customer_id = await store.customer_of(account_id)
        if customer_id is None:
            raise PlanConflict("There is no paid plan.", way_out="Load the page again.")
        await self._limiter.hit(ACTION, account=str(account_id))
        subscription = await self._present(gateway, customer_id)
        if subscription is None:
            raise PlanConflict("There is no paid plan any more.", way_out="Load the page again.")
        return gateway, customer_id, subscription

    async def _present(self, gateway: Gateway, customer_id: str) -> Subscription | None:
        """Return the subscription that counts, asked now."""
        found = await self._mirror.look(gateway, customer_id)
        return found.subscription if found else None

    async def _look_again(self, gateway: Gateway, customer_id: str) -> None:
        """Keep what was just changed; when that fails, Stripe's message or the night will."""
        with suppress(Unavailable):
            await self._mirror.look(gateway, customer_id)

    async def _customer_of(self, gateway: Gateway, account: Account) -> str:
        known = await store.customer_of(account.id)
        if known is not None:
            return known
        customer_id = await gateway.create_customer(account.id)
        async with transaction(self._engine):
            is_there = await store.insert_customer(customer_id, account.id, self._clock())
            if not is_there:
                await self._departures.queue(customer_id)
        if not is_there:
            raise NotFound
        return customer_id

    def _need_gateway(self) -> Gateway:
        if self._gateway is None:
            raise Conflict("Payment is not set up on this site.", way_out="Everything works on the free plan.")
        return self._gateway


def _refuse_what_is_not_the_turn(subscription: Subscription, turn: Turn) -> None:
    """Refuse what would take back a choice that its owner made before, or buy beside an open bill."""
    if subscription.status not in PAID:
        raise PlanConflict("A bill of your plan is not paid yet.", way_out="Pay it first: see card and bills.")
    if turn is Turn.KEEP:
        return
    if subscription.ends_at is not None:
        raise PlanConflict("Your plan is set to end.", way_out="Keep it first, then change it.")
    if turn is Turn.UPGRADE and subscription.schedule_id:
        raise PlanConflict("Your plan is set to change at the end of its period.", way_out="Take that back first.")
