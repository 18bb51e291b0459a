"""What this Stripe knows: customers, their subscriptions and bills, and what happened to them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from app.usage.rules import add_months
from tests.services.stripe.objects import Object, example, made

if TYPE_CHECKING:
    from app.settings import Settings

SECRET = "whsec_loopback"
PRICES = {
    "price_pro_month": (1200, "month"),
    "price_pro_year": (12000, "year"),
    "price_studio_month": (2500, "month"),
    "price_studio_year": (25000, "year"),
}
LIVE = ("active", "trialing", "past_due", "unpaid", "paused", "incomplete")


def with_stripe(settings: Settings, api_base: str, **changes: Any) -> Settings:
    """Let settings sell the prices of this Stripe."""
    prices = {
        plan: ((f"price_{plan}_month",), (f"price_{plan}_year", f"price_{plan}_old")) for plan in ("pro", "studio")
    }
    payment = {
        "stripe_api_key": "sk_test_loopback",
        "stripe_webhook_secret": SECRET,
        "stripe_api_base": api_base,
        "stripe_prices": prices,
        "madmom_models": "off",
        "prices": {"pro": ("€12", "€120"), "studio": ("€25", "€250")},
    }
    return replace(settings, **payment | changes)


@dataclass(slots=True)
class World:
    """Objects by identifier, and the events that tell of them."""

    examples: Object = field(default_factory=made)
    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    customers: dict[str, Object] = field(default_factory=dict)
    sessions: dict[str, Object] = field(default_factory=dict)
    portals: dict[str, Object] = field(default_factory=dict)
    subscriptions: dict[str, Object] = field(default_factory=dict)
    schedules: dict[str, Object] = field(default_factory=dict)
    invoices: dict[str, Object] = field(default_factory=dict)
    refunds: dict[str, Object] = field(default_factory=dict)
    events: list[Object] = field(default_factory=list)
    made_count: int = 0

    def identifier(self, prefix: str) -> str:
        """Return a new identifier."""
        self.made_count += 1
        return f"{prefix}_{self.made_count:04d}"

    def make(self, kind: str, prefix: str, **fields: Any) -> Object:
        """Return a new object of a kind."""
        return example(kind, self.examples, id=self.identifier(prefix), created=_seconds(self.now), **fields)

    def tell(self, kind: str, about: Object) -> Object:
        """Add an event about an object as it is now."""
        snapshot = {**about}
        event = self.make("event", "evt", type=kind, data={"object": snapshot}, livemode=False)
        self.events.append(event)
        return event

    def subscribe(self, customer_id: str, price_id: str, **fields: Any) -> Object:
        """Begin a subscription that is paid."""
        item = self.make("subscription_item", "si", price=self.price(price_id), quantity=1)
        subscription = self.make(
            "subscription",
            "sub",
            customer=customer_id,
            status="active",
            items={"object": "list", "data": [item], "has_more": False, "url": "/v1/subscription_items"},
            billing_cycle_anchor=_seconds(self.now),
            cancel_at=None,
            cancel_at_period_end=False,
            canceled_at=None,
            ended_at=None,
            schedule=None,
            **fields,
        )
        self.subscriptions[subscription["id"]] = subscription
        self._period(subscription, self.now)
        self._bill(subscription, "paid")
        self.tell("customer.subscription.created", subscription)
        self.tell("invoice.paid", self.invoices[subscription["latest_invoice"]])
        return subscription

    def pay(self, session_id: str) -> Object:
        """Pay a checkout session, as a person does on its page."""
        session = self.sessions[session_id]
        subscription = self.subscribe(session["customer"], session["x_price"])
        session.update(status="complete", payment_status="paid", subscription=subscription["id"], url=None)
        self.tell("checkout.session.completed", session)
        return subscription

    def change_price(self, subscription_id: str, price_id: str) -> None:
        """Change a subscription now; what it costs more is billed and paid."""
        subscription = self.subscriptions[subscription_id]
        item = subscription["items"]["data"][0]
        has_other_interval = PRICES[item["price"]["id"]][1] != PRICES[price_id][1]
        item["price"] = self.price(price_id)
        if has_other_interval:
            subscription["billing_cycle_anchor"] = _seconds(self.now)
            self._period(subscription, self.now)
        self._bill(subscription, "paid")
        self.tell("customer.subscription.updated", subscription)

    def fail_payment(self, subscription_id: str) -> None:
        """Let the bill of a new period stay unpaid."""
        subscription = self.subscriptions[subscription_id]
        self._period(subscription, self.now)
        self._bill(subscription, "open")
        subscription["status"] = "past_due"
        self.tell("customer.subscription.updated", subscription)
        self.tell("invoice.payment_failed", self.invoices[subscription["latest_invoice"]])

    def recover(self, subscription_id: str) -> None:
        """Let the open bill be paid after all."""
        subscription = self.subscriptions[subscription_id]
        self.invoices[subscription["latest_invoice"]]["status"] = "paid"
        subscription["status"] = "active"
        self.tell("invoice.paid", self.invoices[subscription["latest_invoice"]])
        self.tell("customer.subscription.updated", subscription)

    def end(self, subscription_id: str) -> None:
        """End a subscription now."""
        subscription = self.subscriptions[subscription_id]
        subscription.update(status="canceled", ended_at=_seconds(self.now), canceled_at=_seconds(self.now))
        self.tell("customer.subscription.deleted", subscription)

    def pass_period(self, subscription_id: str) -> None:
        """Come to the end of a subscription's period: it ends, changes as planned, or is renewed."""
        subscription = self.subscriptions[subscription_id]
        item = subscription["items"]["data"][0]
        self.now = max(self.now, datetime.fromtimestamp(item["current_period_end"], UTC))
        if subscription["cancel_at_period_end"]:
            self.end(subscription_id)
            return
        schedule = self.schedules.get(subscription["schedule"] or "")
        if schedule is not None:
            item["price"] = self.price(schedule["phases"][1]["items"][0]["price"])
            subscription["schedule"] = None
            schedule["status"] = "released"
        self._period(subscription, self.now)
        self._bill(subscription, "paid")
        self.tell("customer.subscription.updated", subscription)

    def forget(self, customer_id: str) -> None:
        """Delete a customer and end what it pays for."""
        for subscription in self.of(customer_id):
            self.end(subscription["id"])
        self.tell("customer.deleted", self.customers.pop(customer_id))

    def of(self, customer_id: str) -> list[Object]:
        """Return the subscriptions of a customer that are not over, the newest first."""
        found = [each for each in self.subscriptions.values() if each["customer"] == customer_id]
        return [each for each in reversed(found) if each["status"] in LIVE]

    def price(self, price_id: str) -> Object:
        """Return a price."""
        cents, interval = PRICES.get(price_id, (100, "month"))
        recurring = {**self.examples["price"]["recurring"], "interval": interval, "interval_count": 1}
        return example("price", self.examples, id=price_id, unit_amount=cents, recurring=recurring, currency="eur")

    def _period(self, subscription: Object, start: datetime) -> None:
        item = subscription["items"]["data"][0]
        months = 12 if PRICES.get(item["price"]["id"], (0, "month"))[1] == "year" else 1
        item.update(current_period_start=_seconds(start), current_period_end=_seconds(add_months(start, months)))

    def _bill(self, subscription: Object, status: str) -> None:
        cents = subscription["items"]["data"][0]["price"]["unit_amount"]
        invoice = self.make(
            "invoice", "in", customer=subscription["customer"], status=status, amount_due=cents, amount_paid=cents
        )
        self.invoices[invoice["id"]] = invoice
        subscription["latest_invoice"] = invoice["id"]


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
