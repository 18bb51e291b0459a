"""Stripe, by its own library: the one place that knows its words.

Only these objects are used: customer, checkout session, portal session, subscription, its
schedule, and for a refund the last invoice and its payment. What costs money is confirmed on
Stripe's pages; what costs nothing is asked for here.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import stripe

from app.billing.rules import Catalogue, Offer, Status, Subscription
from app.kernel.errors import Conflict, Unavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from app.settings import Settings

RETRIES = 2
"""The library repeats what timed out, met a conflict or failed at Stripe, with the same key."""
GONE = "resource_missing"

# The library would write an identifier of this machine into the home folder and send figures about its own calls.
stripe.enable_telemetry = False


class StripeAway(Unavailable):
    """Stripe did not answer, or not as it should; nothing was changed here."""

    def __init__(self, reason: str) -> None:
        """Keep the kind of failure for the log."""
        super().__init__(
            "The payment service does not answer as it should. Nothing was changed.",
            way_out="Try again in a minute.",
            code="stripe_away",
            retry_after_s=60,
        )
        self.reason = reason


class Gateway:
    """Asks Stripe."""

    def __init__(self, settings: Settings, catalogue: Catalogue) -> None:
        """Prepare a client; nothing is asked yet."""
        self._http = stripe.HTTPXClient(timeout=settings.policy.billing.answer_seconds)
        self._client = stripe.StripeClient(
            settings.stripe_api_key,
            base_addresses={"api": settings.stripe_api_base} if settings.stripe_api_base else None,
            http_client=self._http,
            max_network_retries=RETRIES,
        )
        self._catalogue = catalogue
        self._site_url = settings.site_url
        self._uses_tax = settings.stripe_tax

    async def close(self) -> None:
        """Close its connections."""
        await self._http.close_async()  # type: ignore[no-untyped-call]

    async def create_customer(self, account_id: UUID) -> str:
        """Make the customer of an account; asked twice within a day it is the same one."""
        metadata = {"account": str(account_id), "site": self._site_url}
        with _translated():
            customer = await self._client.v1.customers.create_async(
                {"metadata": metadata}, {"idempotency_key": f"customer-{account_id}"}
            )
        return customer.id

    async def set_email(self, customer_id: str, email: str) -> None:
        """Let receipts go to an account's address of today."""
        with _translated():
            await self._client.v1.customers.update_async(customer_id, {"email": email})

    async def delete_customer(self, customer_id: str) -> None:
        """End every subscription at once and delete the customer; one that is gone is deleted."""
        with _translated(), _gone_is_done():
            await self._client.v1.customers.delete_async(customer_id)

    async def subscriptions(self, customer_id: str) -> list[Subscription]:
        """Return the subscriptions of a customer that are not over; a deleted customer has none."""
        told: list[stripe.Subscription] = []
        with _translated(), _gone_is_done():
            listed = await self._client.v1.subscriptions.list_async(
                {"customer": customer_id, "limit": 100, "expand": ["data.latest_invoice", "data.schedule"]}
            )
            told += listed.data
        return [self._subscription(each) for each in told]

    async def open_checkout(self, customer_id: str, offer: Offer, *, key: str) -> str:
        """Begin a payment in place of every other that was begun; return the address of its page."""
        sessions = self._client.v1.checkout.sessions
        with _translated():
            session = await sessions.create_async(
                {
                    "mode": "subscription",
                    "customer": customer_id,
                    "line_items": [{"price": self._catalogue.price_of(offer), "quantity": 1}],
                    "allow_promotion_codes": True,
                    "automatic_tax": {"enabled": self._uses_tax},
                    "customer_update": {"address": "auto", "name": "auto"},
                    "tax_id_collection": {"enabled": self._uses_tax},
                    "success_url": f"{self._site_url}/account/plan?done=paid",
                    "cancel_url": f"{self._site_url}/pricing",
                },
                {"idempotency_key": key},
            )
            begun = await sessions.list_async({"customer": customer_id, "status": "open", "limit": 100})
            for other in begun.data:
                if other.id != session.id:
                    await sessions.expire_async(other.id)
        return _address(session.url)

    async def open_portal(self, customer_id: str) -> str:
        """Return the address of the page for card, bills and address."""
        with _translated():
            session = await self._client.v1.billing_portal.sessions.create_async(
                {"customer": customer_id, "return_url": f"{self._site_url}/account/plan?done=portal"}
            )
        return _address(session.url)

    async def open_upgrade(self, customer_id: str, subscription: Subscription, offer: Offer) -> str:
        """Return the address of the page that shows what an upgrade costs today, and asks."""
        back = f"{self._site_url}/account/plan?done=paid"
        item = {"id": subscription.item_id, "price": self._catalogue.price_of(offer), "quantity": 1}
        flow: Any = {
            "type": "subscription_update_confirm",
            "subscription_update_confirm": {"subscription": subscription.id, "items": [item]},
            "after_completion": {"type": "redirect", "redirect": {"return_url": back}},
        }
        with _translated():
            session = await self._client.v1.billing_portal.sessions.create_async(
                {"customer": customer_id, "return_url": f"{self._site_url}/account/plan", "flow_data": flow}
            )
        return _address(session.url)

    async def change_at_period_end(self, subscription: Subscription, offer: Offer, *, key: str) -> None:
        """Let a subscription become another offer when what is paid is used up."""
        schedules = self._client.v1.subscription_schedules
        with _translated():
            schedule_id = subscription.schedule_id
            if not schedule_id:
                created = await schedules.create_async({"from_subscription": subscription.id}, {"idempotency_key": key})
                schedule_id = created.id
            schedule = await schedules.retrieve_async(schedule_id)
            now = schedule.phases[0]
            phases: Any = [
                {
                    "items": [{"price": _identifier(item.price), "quantity": 1} for item in now["items"]],
                    "start_date": now.start_date,
                    "end_date": int(subscription.period_end.timestamp()),
                    "proration_behavior": "none",
                },
                {
                    "items": [{"price": self._catalogue.price_of(offer), "quantity": 1}],
                    "duration": {"interval": offer.interval.value, "interval_count": 1},
                    "proration_behavior": "none",
                },
            ]
            await schedules.update_async(schedule_id, {"phases": phases, "end_behavior": "release"})

    async def keep(self, subscription: Subscription) -> None:
        """Take back what was to change or to end."""
        with _translated():
            await self._release(subscription)
            if subscription.ends_at is not None:
                await self._client.v1.subscriptions.update_async(subscription.id, {"cancel_at_period_end": False})

    async def cancel(self, subscription: Subscription) -> None:
        """Let a subscription end when what is paid is used up."""
        with _translated():
            await self._release(subscription)
            await self._client.v1.subscriptions.update_async(subscription.id, {"cancel_at_period_end": True})

    async def refund_last(self, customer_id: str, subscription: Subscription | None) -> int:
        """Give the last payment back and end the subscription now; return the cents that go back."""
        cents = 0
        with _translated():
            invoices = await self._client.v1.invoices.list_async(
                {"customer": customer_id, "status": "paid", "limit": 1}
            )
            for invoice in invoices.data:
                cents = await self._refund(invoice.id)
            if subscription is not None:
                await self._release(subscription)
                await self._client.v1.subscriptions.cancel_async(subscription.id)
        return cents

    async def customers(self) -> AsyncIterator[tuple[str, UUID]]:
        """Walk over the customers that this site has made, each with its account."""
        with _translated():
            listed = await self._client.v1.customers.list_async({"limit": 100})
            async for customer in listed.auto_paging_iter():
                metadata = customer.metadata.to_dict() if customer.metadata else {}
                if metadata.get("site") == self._site_url and _is_uuid(metadata.get("account", "")):
                    yield customer.id, UUID(metadata["account"])

    async def _refund(self, invoice_id: str) -> int:
        cents = 0
        payments = await self._client.v1.invoice_payments.list_async({"invoice": invoice_id, "status": "paid"})
        for paid in payments.data:
            intent = _identifier(paid.payment.payment_intent)
            if intent:
                refund = await self._client.v1.refunds.create_async(
                    {"payment_intent": intent}, {"idempotency_key": f"refund-{intent}"}
                )
                cents += refund.amount
        return cents

    async def _release(self, subscription: Subscription) -> None:
        if subscription.schedule_id:
            await self._client.v1.subscription_schedules.release_async(subscription.schedule_id)

    def _subscription(self, told: stripe.Subscription) -> Subscription:
        items = told["items"].data
        item = next((each for each in items if self._catalogue.offer_of(each.price.id)), items[0])
        period_end = _moment(item.current_period_end)
        ends_at = _moment(told.cancel_at) if told.cancel_at else None
        bill: Any = told.latest_invoice
        is_unpaid = told.status == Status.PAST_DUE and bill is not None and bill.status == "open"
        schedule: Any = told.schedule
        return Subscription(
            id=told.id,
            item_id=item.id,
            status=Status(told.status),
            offer=self._catalogue.offer_of(item.price.id),
            anchor=_moment(told.billing_cycle_anchor),
            period_start=_moment(item.current_period_start),
            period_end=period_end,
            ends_at=ends_at or (period_end if told.cancel_at_period_end else None),
            unpaid_since=_moment(bill.created) if is_unpaid else None,
            schedule_id=schedule.id if schedule is not None else "",
            next_offer=self._next_offer(schedule, period_end),
        )

    def _next_offer(self, schedule: Any, period_end: datetime) -> Offer | None:
        for phase in schedule.phases if schedule is not None else ():
            if _moment(phase.start_date) >= period_end:
                return self._catalogue.offer_of(_identifier(phase["items"][0].price))
        return None


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _identifier(reference: Any) -> str:
    """Return an identifier that may have been expanded to its object."""
    return str(getattr(reference, "id", None) or reference or "")


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _address(url: str | None) -> str:
    if not url:
        raise StripeAway("no address")
    return url


@contextmanager
def _gone_is_done() -> Iterator[None]:
    """Let what is not there any more be what was wanted."""
    try:
        yield
    except stripe.InvalidRequestError as error:
        if error.code != GONE:
            raise


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the library's errors into ours."""
    try:
        yield
    except stripe.IdempotencyError as error:
        raise Conflict("This form was sent before with another choice.", way_out="Load the page again.") from error
    except stripe.StripeError as error:
        raise StripeAway(f"{type(error).__name__} {error.http_status or ''} {error.code or ''}".strip()) from error
