"""What the interface does, by method and path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.services.stripe.objects import listed

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.services.stripe.objects import Object
    from tests.services.stripe.world import World


class Refusal(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, sentence: str, code: str = "") -> None:
        """Keep what to answer."""
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.code = code


def _found(objects: dict[str, Object], key: str) -> Object:
    if key not in objects:
        raise Refusal(404, f"No such object: {key}", "resource_missing")
    return objects[key]


def create_customer(world: World, _: str, fields: Object) -> Object:
    """Make a customer."""
    customer = world.make("customer", "cus", **{"email": None, "metadata": {}, **fields})
    world.customers[customer["id"]] = customer
    world.tell("customer.created", customer)
    return customer


def update_customer(world: World, _: str, fields: Object, key: str) -> Object:
    """Change a customer."""
    customer = _found(world.customers, key)
    customer.update(fields)
    return customer


def delete_customer(world: World, _: str, __: Object, key: str) -> Object:
    """Delete a customer and end its subscriptions."""
    _found(world.customers, key)
    world.forget(key)
    return {"id": key, "object": "customer", "deleted": True}


def list_customers(world: World, _: str, __: Object) -> Object:
    """List customers."""
    return listed(list(world.customers.values()), "/v1/customers")


def list_subscriptions(world: World, _: str, fields: Object) -> Object:
    """List a customer's subscriptions with their bills and schedules."""
    _found(world.customers, fields["customer"])
    expanded = [
        {
            **each,
            "latest_invoice": world.invoices.get(each["latest_invoice"]),
            "schedule": world.schedules.get(each["schedule"]) if each["schedule"] else None,
        }
        for each in world.of(fields["customer"])
    ]
    return listed(expanded, "/v1/subscriptions")


def update_subscription(world: World, _: str, fields: Object, key: str) -> Object:
    """Cancel at the end of the period, or take that back."""
    subscription = _found(world.subscriptions, key)
    if subscription["schedule"]:
        raise Refusal(400, "The subscription is managed by a subscription schedule.")
    if subscription["status"] == "canceled":
        raise Refusal(404, "No such subscription", "resource_missing")
    ends = subscription["items"]["data"][0]["current_period_end"] if fields["cancel_at_period_end"] else None
    subscription.update(cancel_at_period_end=fields["cancel_at_period_end"], cancel_at=ends)
    world.tell("customer.subscription.updated", subscription)
    return subscription


def cancel_subscription(world: World, _: str, __: Object, key: str) -> Object:
    """End a subscription now."""
    subscription = _found(world.subscriptions, key)
    world.end(key)
    return subscription


def create_session(world: World, url: str, fields: Object) -> Object:
    """Begin a payment."""
    _found(world.customers, fields["customer"])
    price = fields.pop("line_items")[0]["price"]
    session = world.make("checkout.session", "cs_test", **{**fields, "status": "open", "payment_status": "unpaid"})
    session.update(url=f"{url}/pay/{session['id']}", x_price=price)
    world.sessions[session["id"]] = session
    return session


def list_sessions(world: World, _: str, fields: Object) -> Object:
    """List a customer's payments that are begun."""
    found = [
        each
        for each in world.sessions.values()
        if each["customer"] == fields["customer"] and each["status"] == fields["status"]
    ]
    return listed(found, "/v1/checkout/sessions")


def expire_session(world: World, _: str, __: Object, key: str) -> Object:
    """End a payment that was begun."""
    session = _found(world.sessions, key)
    session.update(status="expired", url=None)
    return session


def create_portal(world: World, url: str, fields: Object) -> Object:
    """Open the page for card, bills and changes."""
    _found(world.customers, fields["customer"])
    portal = world.make("billing_portal.session", "bps", **{"flow": None, **fields})
    portal["url"] = f"{url}/portal/{portal['id']}"
    world.portals[portal["id"]] = portal
    return portal


def create_schedule(world: World, _: str, fields: Object) -> Object:
    """Put a subscription under a schedule of one phase."""
    subscription = _found(world.subscriptions, fields["from_subscription"])
    if subscription["schedule"]:
        raise Refusal(400, "You cannot migrate a subscription that is already attached to a schedule.")
    item = subscription["items"]["data"][0]
    phase = {
        "start_date": item["current_period_start"],
        "end_date": item["current_period_end"],
        "items": [{"price": item["price"]["id"], "quantity": 1}],
    }
    schedule = world.make(
        "subscription_schedule", "sub_sched", status="active", phases=[phase], subscription=subscription["id"]
    )
    world.schedules[schedule["id"]] = schedule
    subscription["schedule"] = schedule["id"]
    return schedule


def get_schedule(world: World, _: str, __: Object, key: str) -> Object:
    """Return a schedule."""
    return _found(world.schedules, key)


def update_schedule(world: World, _: str, fields: Object, key: str) -> Object:
    """Set the phases of a schedule."""
    schedule = _found(world.schedules, key)
    first, second = fields["phases"]
    end = int(first["end_date"])
    schedule["phases"] = [
        {**first, "start_date": int(first["start_date"]), "end_date": end},
        {**second, "start_date": end, "end_date": end + 1},
    ]
    schedule["end_behavior"] = fields["end_behavior"]
    world.tell("customer.subscription.updated", world.subscriptions[schedule["subscription"]])
    return schedule


def release_schedule(world: World, _: str, __: Object, key: str) -> Object:
    """Let a subscription go on as it is."""
    schedule = _found(world.schedules, key)
    schedule["status"] = "released"
    world.subscriptions[schedule["subscription"]]["schedule"] = None
    return schedule


def list_invoices(world: World, _: str, fields: Object) -> Object:
    """List a customer's bills, the newest first."""
    found = [
        each
        for each in reversed(world.invoices.values())
        if each["customer"] == fields["customer"] and each["status"] == fields["status"]
    ]
    return listed(found[: int(fields["limit"])], "/v1/invoices")


def list_payments(world: World, _: str, fields: Object) -> Object:
    """List the payment of a bill."""
    invoice = _found(world.invoices, fields["invoice"])
    payment = {"type": "payment_intent", "payment_intent": f"pi_{invoice['id']}"}
    paid = world.make("invoice_payment", "inpay", invoice=invoice["id"], status="paid", payment=payment)
    return listed([paid], "/v1/invoice_payments")


def create_refund(world: World, _: str, fields: Object) -> Object:
    """Give a payment back."""
    invoice = _found(world.invoices, str(fields["payment_intent"]).removeprefix("pi_"))
    refund = world.make("refund", "re", amount=invoice["amount_paid"], payment_intent=fields["payment_intent"])
    world.refunds[refund["id"]] = refund
    world.tell("refund.created", refund)
    return refund


API: list[tuple[str, str, Callable[..., Any]]] = [
    ("POST", r"/v1/customers", create_customer),
    ("GET", r"/v1/customers", list_customers),
    ("POST", r"/v1/customers/(\w+)", update_customer),
    ("DELETE", r"/v1/customers/(\w+)", delete_customer),
    ("GET", r"/v1/subscriptions", list_subscriptions),
    ("POST", r"/v1/subscriptions/(\w+)", update_subscription),
    ("DELETE", r"/v1/subscriptions/(\w+)", cancel_subscription),
    ("POST", r"/v1/checkout/sessions", create_session),
    ("GET", r"/v1/checkout/sessions", list_sessions),
    ("POST", r"/v1/checkout/sessions/(\w+)/expire", expire_session),
    ("POST", r"/v1/billing_portal/sessions", create_portal),
    ("POST", r"/v1/subscription_schedules", create_schedule),
    ("GET", r"/v1/subscription_schedules/(\w+)", get_schedule),
    ("POST", r"/v1/subscription_schedules/(\w+)", update_schedule),
    ("POST", r"/v1/subscription_schedules/(\w+)/release", release_schedule),
    ("GET", r"/v1/invoices", list_invoices),
    ("GET", r"/v1/invoice_payments", list_payments),
    ("POST", r"/v1/refunds", create_refund),
]
