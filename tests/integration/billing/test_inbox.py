"""Messages of Stripe: in any order, twice, at once, cut off; the plan is what Stripe says."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from itertools import permutations
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import pytest

from app.billing.tables import Customer, StripeEvent
from app.billing.tables import Subscription as SubscriptionRow
from app.usage.tables import Entitlement
from tests.making.buyers import STUDIO, Shop, subscribed
from tests.making.raw import connected
from tests.services.site import running_site
from tests.services.stripe import with_stripe
from tests.services.stripe.server import Fault
from tests.services.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.bootstrap import Services
    from app.settings import Settings
    from tests.services.site import Site
    from tests.services.stripe import StripeServer

AT_ONCE = 16


@pytest.fixture
async def shop(settings: Settings, stripe: StripeServer) -> AsyncIterator[Shop]:
    """Serve a site that sells; Stripe knows its address."""
    from app.asgi import create_app

    selling = with_stripe(settings, stripe.url)
    async with running_site(create_app(selling), selling) as site:
        stripe.webhook_url = f"{site.url}/billing/webhook"
        yield Shop.of(site)


async def present() -> Any:
    """Return all that is kept of plans, without the numbers of askings."""
    entitlements = await Entitlement.select(
        Entitlement.account, Entitlement.plan, Entitlement.anchor, Entitlement.until
    )
    return entitlements, await SubscriptionRow.select()


async def test_a_message_makes_the_plan(stripe: StripeServer, shop: Shop) -> None:
    """Whoever closes the page after paying has the plan all the same."""
    account, _ = await subscribed(shop, stripe)
    for event in stripe.world.events:
        assert await stripe.deliver(event) == 200
    assert await shop.usage.plan_of(account.id) == "pro"
    rows = await StripeEvent.select()
    assert Counter(row["kind"] for row in rows) == Counter(event["type"] for event in stripe.world.events)
    assert all(row["expires_at"] - row["received_at"] == timedelta(days=30) for row in rows)
    assert {row["account"] for row in rows} == {account.id}


async def test_a_message_that_comes_again_asks_nothing(stripe: StripeServer, shop: Shop) -> None:
    """A replay is answered and does nothing, also many at once."""
    await subscribed(shop, stripe)
    event = stripe.world.events[-1]
    first = await asyncio.gather(*(stripe.deliver(event) for _ in range(AT_ONCE)))
    assert set(first) == {200}
    assert await StripeEvent.count() == 1
    asked, before = len(stripe.requests), await present()
    assert [await stripe.deliver(event) for _ in range(AT_ONCE)] == [200] * AT_ONCE
    assert len(stripe.requests) == asked
    assert await present() == before


async def test_all_orders_of_a_life_end_alike(stripe: StripeServer, shop: Shop) -> None:
    """Five messages of one life, in each of their 120 orders, leave one state."""
    account, subscription_id = await subscribed(shop, stripe)
    begin = len(stripe.world.events)
    stripe.world.change_price(subscription_id, "price_studio_month")
    stripe.world.fail_payment(subscription_id)
    stripe.world.recover(subscription_id)
    life = stripe.world.events[begin:]
    assert len(life) == 5
    ends = []
    for order in permutations(life):
        await StripeEvent.delete(force=True)
        await Entitlement.delete(force=True)
        await SubscriptionRow.delete(force=True)
        for event in order:
            assert await shop.inbox.take(*signed(event))
        ends.append(await present())
    assert len(ends) == 120
    assert all(end == ends[0] for end in ends)
    assert await shop.usage.plan_of(account.id) == "studio"


async def test_an_answer_that_is_late_does_not_undo_a_newer_one(stripe: StripeServer, shop: Shop) -> None:
    """Of two askings that cross, what the later one was told is kept."""
    account, subscription_id = await subscribed(shop, stripe)
    stripe.faults = [Fault("/subscriptions", delay_s=0.5)]
    slow = asyncio.create_task(stripe.deliver(stripe.world.events[-1]))
    await eventually(lambda: stripe.faults[0].times == 0)
    stripe.world.change_price(subscription_id, "price_studio_month")
    assert await stripe.deliver(stripe.world.events[-1]) == 200
    assert await shop.usage.plan_of(account.id) == "studio"
    assert await slow == 200
    assert await shop.usage.plan_of(account.id) == "studio"


async def test_what_is_about_nobody_here_is_kept(stripe: StripeServer, shop: Shop) -> None:
    """Unknown kinds and other people's customers are answered, kept by name and change nothing."""
    events = [
        stripe.world.tell("one.that.comes.next.year", {"id": "x_1", "object": "x"}),
        stripe.world.tell("customer.subscription.updated", {"object": "subscription", "customer": "cus_of_another"}),
        stripe.world.tell("product.created", {"id": "prod_1", "object": "product"}),
    ]
    assert [await stripe.deliver(event) for event in events] == [200, 200, 200]
    assert Counter(row["account"] for row in await StripeEvent.select()) == {None: 3}
    assert stripe.requests == []
    assert await present() == ([], [])


async def test_a_stripe_that_does_not_answer_gets_no_yes(stripe: StripeServer, shop: Shop) -> None:
    """Without a fresh look nothing is kept, and the message comes again."""
    account, _ = await subscribed(shop, stripe)
    stripe.faults = [Fault("/subscriptions", 500, times=3)]
    assert await stripe.deliver(stripe.world.events[-1]) == 503
    assert await StripeEvent.count() == 0
    assert await stripe.deliver(stripe.world.events[-1]) == 200
    assert await shop.usage.plan_of(account.id) == "pro"


async def test_a_customer_that_is_deleted_at_stripe_is_on_the_free_plan(stripe: StripeServer, shop: Shop) -> None:
    """What the operator deletes there has an end here."""
    account, _ = await subscribed(shop, stripe)
    await shop.billing.catch_up(account.id)
    (customer_id,) = stripe.world.customers
    stripe.world.forget(customer_id)
    assert await stripe.deliver(stripe.world.events[-1]) == 200
    assert await shop.usage.plan_of(account.id) == "free"


async def test_a_grant_and_a_subscription_stand_beside_each_other(stripe: StripeServer, shop: Shop) -> None:
    """What the operator grants is not taken by Stripe's word, and the higher of both holds."""
    account, subscription_id = await subscribed(shop, stripe)
    await shop.billing.catch_up(account.id)
    await shop.usage.set_plan(account.id, "studio")
    assert await shop.usage.plan_of(account.id) == "studio"
    stripe.world.end(subscription_id)
    assert await stripe.deliver(stripe.world.events[-1]) == 200
    assert await shop.usage.plan_of(account.id) == "studio"
    await shop.usage.set_plan(account.id, "free")
    assert await shop.usage.plan_of(account.id) == "free"


async def test_a_message_that_is_not_signed_is_refused(stripe: StripeServer, shop: Shop) -> None:
    """Strangers get a refusal, and nothing is kept of what they send."""
    event = stripe.world.tell("x", {"id": "x", "object": "x"})
    assert await stripe.deliver(event, secret="whsec_other") == 400
    assert await StripeEvent.count() == 0
    assert await stripe.deliver(event) == 200


async def test_a_message_that_is_too_long_is_not_read(stripe: StripeServer, shop: Shop) -> None:
    """Whatever its signature, half a megabyte is more than Stripe ever sends."""
    event = stripe.world.tell("x", {"id": "x", "object": "x", "text": "x" * 600_000})
    # The site answers at the head and may hang up while the rest still comes.
    with suppress(httpx.TransportError):
        assert await stripe.deliver(event) == 413
    assert await StripeEvent.count() == 0


async def test_a_cut_connection_keeps_nothing(shop: Shop) -> None:
    """Half a message is none."""
    async with connected(shop.site) as connection:
        headers = {"Content-Length": "500", "Content-Type": "application/json", "Stripe-Signature": "t=1,v1=x"}
        await connection.head("POST", "/billing/webhook", headers)
        await connection.send(b'{"id": ')
    assert await StripeEvent.count() == 0


async def test_without_payment_there_is_no_such_address(live_site: Site, stripe: StripeServer) -> None:
    """A site that sells nothing takes no message."""
    event = stripe.world.tell("x", {"id": "x", "object": "x"})
    assert await stripe.deliver(event, url=f"{live_site.url}/billing/webhook") == 404


async def test_a_lost_life_is_healed_in_the_night(selling: Services, stripe: StripeServer) -> None:
    """With no message at all the comparison finds the present state and says what it changed."""
    account, subscription_id = await subscribed(selling, stripe)
    assert selling.payment.reconciler is not None
    found = await selling.payment.reconciler.sync()
    assert found.asked == 1
    (line,) = found.changes
    assert line.startswith(f"account {account.id}: free -> pro until ")
    assert (await selling.payment.reconciler.sync()).changes == ()
    stripe.world.change_price(subscription_id, "price_studio_year")
    (line,) = (await selling.payment.reconciler.sync()).changes
    assert "pro until" in line.partition(" -> ")[0]
    assert "studio until" in line.partition(" -> ")[2]


async def test_what_was_lost_with_a_database_is_found_again(selling: Services, stripe: StripeServer) -> None:
    """A customer that is missing here is taken back; one without an account is only named, unless told."""
    account, _ = await subscribed(selling, stripe)
    await Customer.delete(force=True)
    stranger = {"account": str(uuid4()), "site": selling.settings.site_url}
    stripe.world.customers["cus_gone"] = stripe.world.make("customer", "cus", metadata=stranger) | {"id": "cus_gone"}
    elsewhere = {"account": str(uuid4()), "site": "https://another.example"}
    stripe.world.customers["cus_other"] = stripe.world.make("customer", "cus", metadata=elsewhere) | {"id": "cus_other"}
    reconciler = selling.payment.reconciler
    assert reconciler is not None
    found = await reconciler.sync()
    assert [line.split()[1] for line in found.changes] == [f"{account.id}:", f"{account.id}:"]
    (warning,) = found.warnings
    assert "cus_gone" in warning
    assert await selling.usage.plan_of(account.id) == "pro"
    await reconciler.sync(forgets_unknown=True)
    assert await selling.payment.departures.finish() == 1
    assert set(stripe.world.customers) == {"cus_0001", "cus_other"}


async def test_two_subscriptions_are_told_to_the_operator(selling: Services, stripe: StripeServer) -> None:
    """Whoever pays twice has the higher plan, and somebody hears of it."""
    account, _ = await subscribed(selling, stripe)
    (customer_id,) = stripe.world.customers
    stripe.world.subscribe(customer_id, "price_studio_month")
    assert selling.payment.reconciler is not None
    found = await selling.payment.reconciler.sync()
    assert "pays for 2 subscriptions" in found.warnings[0]
    held = await selling.billing.subscription_of(account.id)
    assert held is not None
    assert held.offer == STUDIO


async def test_a_lapse_takes_what_nobody_renewed(settings: Settings, stripe: StripeServer) -> None:
    """When no message and no night says that a renewal was paid, the plan ends after its grace."""
    from datetime import UTC, datetime

    from app.bootstrap import build

    ahead = timedelta()
    services = build(with_stripe(settings, stripe.url), clock=lambda: datetime.now(UTC) + ahead)
    async with services.open():
        account, _ = await subscribed(services, stripe)
        await services.billing.catch_up(account.id)
        ahead = timedelta(days=33)
        assert await services.usage.plan_of(account.id) == "pro"
        ahead = timedelta(days=40)
        assert await services.usage.plan_of(account.id) == "free"


def signed(event: dict[str, Any]) -> tuple[bytes, str]:
    """Return a message and its signature."""
    import json

    import stripe as sdk

    from tests.services.stripe import SECRET

    payload = json.dumps(event)
    return payload.encode(), sdk.WebhookSignature.generate_signature_header(payload, SECRET)
