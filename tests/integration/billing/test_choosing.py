"""Buying and changing, by the real SDK against a Stripe on loopback."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from app.billing.gateway import StripeAway
from app.billing.rules import Status, Turn
from app.billing.service import Choice
from app.kernel.errors import Conflict
from app.usage.rules import Kind
from tests.making.buyers import PRO, PRO_YEAR, STUDIO, buyer, subscribed
from tests.services.stripe.server import Fault

if TYPE_CHECKING:
    from app.bootstrap import Services
    from tests.services.stripe import StripeServer


async def test_a_payment_makes_the_plan(selling: Services, stripe: StripeServer) -> None:
    """Whoever comes back from a payment is on the plan, whether or not a message came."""
    account, _ = await subscribed(selling, stripe)
    assert await selling.usage.plan_of(account.id) == "free"
    await selling.billing.catch_up(account.id)
    allowance = await selling.usage.allowance(account.id, Kind.ANALYSES)
    assert (allowance.plan, allowance.limit, allowance.used) == ("pro", 40, 0)
    assert allowance.period.start == stripe.world.now
    (customer,) = stripe.world.customers.values()
    assert customer["email"] == account.email
    assert customer["metadata"]["account"] == str(account.id)


async def test_a_checkout_takes_promotion_codes_and_reckons_tax_when_told(
    selling: Services, stripe: StripeServer
) -> None:
    """What Stripe does on its page is asked for with the payment."""
    await subscribed(selling, stripe, PRO_YEAR)
    (session,) = stripe.world.sessions.values()
    assert session["mode"] == "subscription"
    assert session["x_price"] == "price_pro_year"
    assert session["allow_promotion_codes"] is True
    assert session["automatic_tax"]["enabled"] is False
    assert session["customer_update"] == {"address": "auto", "name": "auto"}


async def test_the_same_form_twice_is_one_payment(selling: Services, stripe: StripeServer) -> None:
    """A double press meets the same page; with another choice it is refused."""
    account = await buyer()
    first = await selling.billing.choose(account, PRO, key="same-key")
    second = await selling.billing.choose(account, PRO, key="same-key")
    assert first == second
    assert len(stripe.world.sessions) == len(stripe.world.customers) == 1
    with pytest.raises(Conflict):
        await selling.billing.choose(account, STUDIO, key="same-key")


async def test_a_new_payment_ends_the_one_that_was_begun(selling: Services, stripe: StripeServer) -> None:
    """Nobody pays twice in two tabs: of the payments that were begun one is open."""
    account = await buyer()
    for offer in (PRO, STUDIO, PRO_YEAR):
        await selling.billing.choose(account, offer, key=uuid4().hex)
    assert [each["status"] for each in stripe.world.sessions.values()] == ["expired", "expired", "open"]


async def test_an_upgrade_is_confirmed_at_stripe_and_holds_at_once(selling: Services, stripe: StripeServer) -> None:
    """Nothing changes before the person agrees to the price; then the same months go on with more in them."""
    account, subscription_id = await subscribed(selling, stripe)
    await selling.billing.catch_up(account.id)
    for _ in range(5):
        await selling.usage.take(account.id, Kind.ANALYSES)
    choice = await selling.billing.choose(account, STUDIO, key=uuid4().hex)
    assert choice.turn is Turn.UPGRADE
    portal = stripe.world.portals[choice.address.rpartition("/")[2]]
    wanted = portal["flow_data"]["subscription_update_confirm"]
    assert wanted["items"][0]["price"] == "price_studio_month"
    await selling.billing.catch_up(account.id)
    assert await selling.usage.plan_of(account.id) == "pro"
    stripe.world.change_price(subscription_id, "price_studio_month")
    await selling.billing.catch_up(account.id)
    allowance = await selling.usage.allowance(account.id, Kind.ANALYSES)
    assert (allowance.plan, allowance.used, allowance.limit) == ("studio", 5, 150)


async def test_a_downgrade_waits_for_the_end_of_the_period(selling: Services, stripe: StripeServer) -> None:
    """What is paid is used up first; the page knows what comes."""
    account, subscription_id = await subscribed(selling, stripe, STUDIO)
    assert await selling.billing.choose(account, PRO, key=uuid4().hex) == Choice(Turn.DOWNGRADE)
    held = await selling.billing.subscription_of(account.id)
    assert held is not None
    assert (held.offer, held.next_offer) == (STUDIO, PRO)
    assert await selling.usage.plan_of(account.id) == "studio"
    stripe.world.pass_period(subscription_id)
    await selling.billing.catch_up(account.id)
    held = await selling.billing.subscription_of(account.id)
    assert held is not None
    assert (held.offer, held.next_offer) == (PRO, None)
    assert await selling.usage.plan_of(account.id) == "pro"


async def test_a_downgrade_can_be_taken_back_and_changed(selling: Services, stripe: StripeServer) -> None:
    """Choosing the plan that one has keeps it; an upgrade is no way around a change that waits."""
    account, _ = await subscribed(selling, stripe, STUDIO)
    await selling.billing.choose(account, PRO_YEAR, key=uuid4().hex)
    await selling.billing.choose(account, PRO, key=uuid4().hex)
    held = await selling.billing.subscription_of(account.id)
    assert held is not None
    assert held.next_offer == PRO
    assert await selling.billing.choose(account, STUDIO, key=uuid4().hex) == Choice(Turn.KEEP)
    held = await selling.billing.subscription_of(account.id)
    assert held is not None
    assert held.next_offer is None


async def test_a_change_that_waits_is_taken_back_before_an_upgrade(selling: Services, stripe: StripeServer) -> None:
    """An upgrade that its owner does not confirm must not have undone what was chosen before."""
    account, _ = await subscribed(selling, stripe, PRO_YEAR)
    await selling.billing.choose(account, PRO, key=uuid4().hex)
    with pytest.raises(Conflict):
        await selling.billing.choose(account, STUDIO, key=uuid4().hex)
    await selling.billing.keep(account.id)
    await selling.billing.cancel(account.id)
    for offer in (STUDIO, PRO):
        with pytest.raises(Conflict):
            await selling.billing.choose(account, offer, key=uuid4().hex)


async def test_a_cancelled_plan_holds_to_its_end_and_can_be_resumed(selling: Services, stripe: StripeServer) -> None:
    """Cancelling takes nothing that is paid; resuming before the end is as if nothing had been."""
    account, subscription_id = await subscribed(selling, stripe)
    await selling.billing.cancel(account.id)
    held = await selling.billing.subscription_of(account.id)
    assert held is not None
    assert held.ends_at == held.period_end
    assert await selling.usage.plan_of(account.id) == "pro"
    await selling.billing.keep(account.id)
    held = await selling.billing.subscription_of(account.id)
    assert held is not None
    assert held.ends_at is None
    await selling.billing.cancel(account.id)
    stripe.world.pass_period(subscription_id)
    await selling.billing.catch_up(account.id)
    assert await selling.billing.subscription_of(account.id) is None
    assert await selling.usage.plan_of(account.id) == "free"
    with pytest.raises(Conflict):
        await selling.billing.cancel(account.id)
    assert (await selling.billing.choose(account, STUDIO, key=uuid4().hex)).turn is Turn.BUY


async def test_a_planned_downgrade_gives_way_to_a_cancellation(selling: Services, stripe: StripeServer) -> None:
    """A plan that ends does not change before."""
    account, _ = await subscribed(selling, stripe, STUDIO)
    await selling.billing.choose(account, PRO, key=uuid4().hex)
    await selling.billing.cancel(account.id)
    held = await selling.billing.subscription_of(account.id)
    assert held is not None
    assert (held.ends_at, held.next_offer) == (held.period_end, None)


async def test_an_unpaid_bill_is_paid_before_anything_changes(selling: Services, stripe: StripeServer) -> None:
    """While a bill is open the plan holds for a while, and the way out is named."""
    account, subscription_id = await subscribed(selling, stripe)
    stripe.world.fail_payment(subscription_id)
    with pytest.raises(Conflict) as refused:
        await selling.billing.choose(account, STUDIO, key=uuid4().hex)
    assert "not paid" in refused.value.sentence
    held = await selling.billing.subscription_of(account.id)
    assert held is not None
    assert (held.status, held.unpaid_since) == (Status.PAST_DUE, stripe.world.now)
    assert await selling.usage.plan_of(account.id) == "pro"
    stripe.world.recover(subscription_id)
    await selling.billing.catch_up(account.id)
    held = await selling.billing.subscription_of(account.id)
    assert held is not None
    assert (held.status, held.unpaid_since) == (Status.ACTIVE, None)


async def test_a_refund_gives_the_last_payment_back_and_ends_the_plan(selling: Services, stripe: StripeServer) -> None:
    """The money goes back once, however often it is asked for."""
    account, _ = await subscribed(selling, stripe, STUDIO)
    assert await selling.billing.refund(account.id) == 2500
    assert await selling.usage.plan_of(account.id) == "free"
    await selling.billing.refund(account.id)
    assert [refund["amount"] for refund in stripe.world.refunds.values()] == [2500]


@pytest.mark.parametrize("status", [409, 500, 503])
async def test_what_fails_once_is_repeated_and_done_once(selling: Services, stripe: StripeServer, status: int) -> None:
    """The SDK repeats a conflict and a failure with the same key; nobody is asked twice."""
    stripe.faults = [Fault("/customers", status), Fault("/checkout/sessions", status)]
    await selling.billing.choose(await buyer(), PRO, key=uuid4().hex)
    assert len(stripe.world.customers) == len(stripe.world.sessions) == 1


async def test_a_lost_answer_is_asked_for_again_and_done_once(selling: Services, stripe: StripeServer) -> None:
    """A customer whose answer was lost is the same one when it is asked for again."""
    selling.payment.gateway._http._timeout = 0.3  # type: ignore[union-attr]
    stripe.faults = [Fault("/customers", delay_s=1.0)]
    await selling.billing.choose(await buyer(), PRO, key=uuid4().hex)
    assert len(stripe.world.customers) == 1
    assert stripe.requests.count("POST /v1/customers") == 2


@pytest.mark.parametrize("status", [429, 500])
async def test_a_stripe_that_is_away_changes_nothing(selling: Services, stripe: StripeServer, status: int) -> None:
    """The answer is a sentence with a way out, and the next try works."""
    account, _ = await subscribed(selling, stripe)
    stripe.faults = [Fault("/subscriptions", status, times=9)]
    with pytest.raises(StripeAway):
        await selling.billing.cancel(account.id)
    await selling.billing.catch_up(account.id)
    assert await selling.usage.plan_of(account.id) == "free"
    stripe.faults = []
    await selling.billing.catch_up(account.id)
    assert await selling.usage.plan_of(account.id) == "pro"


async def test_the_sdk_tells_nothing_about_this_machine(selling: Services, stripe: StripeServer) -> None:
    """No identifier of the machine and no figures of former calls go with a request."""
    await subscribed(selling, stripe)
    assert stripe.headers
    for headers in stripe.headers:
        assert "telemetry" not in str(headers).lower()


async def test_an_old_price_still_counts(selling: Services, stripe: StripeServer) -> None:
    """Whoever pays a price that is not sold any more keeps the plan; a strange price is none."""
    account, subscription_id = await subscribed(selling, stripe)
    item = stripe.world.subscriptions[subscription_id]["items"]["data"][0]
    item["price"] = stripe.world.price("price_studio_old")
    await selling.billing.catch_up(account.id)
    assert await selling.usage.plan_of(account.id) == "studio"
    item["price"] = stripe.world.price("price_of_somebody_else")
    await selling.billing.catch_up(account.id)
    assert await selling.usage.plan_of(account.id) == "free"


async def test_without_a_key_nothing_is_sold_and_all_else_works(services: Services) -> None:
    """On a site without payment the free plan is whole, and choosing says so."""
    account = await buyer()
    assert not services.billing.is_set_up
    with pytest.raises(Conflict, match="not set up"):
        await services.billing.choose(account, PRO, key="k")
    await services.billing.catch_up(account.id)
    await services.billing.account_is_going(account.id)
    assert await services.payment.departures.finish() == 0
    await services.usage.set_plan(account.id, "studio")
    assert await services.usage.plan_of(account.id) == "studio"
