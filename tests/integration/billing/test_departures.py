"""An account that goes: Stripe is asked to forget it, and the account waits for nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from app.accounts.tables import Account
from app.billing.tables import Customer, Departure, Subscription
from app.kernel.db import transaction
from tests.making.buyers import subscribed
from tests.prove.life import make_account
from tests.services.stripe import with_stripe
from tests.services.stripe.server import Fault

if TYPE_CHECKING:
    from app.bootstrap import Services
    from app.settings import Settings
    from tests.services.stripe import StripeServer


async def test_a_departure_outlives_its_account(services: Services) -> None:
    """What Stripe has to forget is kept when the account's own rows are gone."""
    account_id = await make_account("ada@example.org")
    await Customer.insert(Customer(id="cus_ada", account=account_id))
    async with transaction(services.engine):
        await services.billing.account_is_going(account_id)
        await services.billing.account_is_going(account_id)
        await Account.delete().where(Account.id == account_id)
    (row,) = await Departure.select()
    assert (row["customer"], row["account"]) == ("cus_ada", None)
    assert await Customer.count() == 0


async def test_an_account_that_never_paid_leaves_nothing(services: Services) -> None:
    """Without a customer there is nothing that Stripe could forget."""
    await services.billing.account_is_going(await make_account("ada@example.org"))
    assert await Departure.count() == 0


async def test_stripe_forgets_who_has_gone(selling: Services, stripe: StripeServer) -> None:
    """The subscription ends and the customer is deleted; nothing of either stays here."""
    account, subscription_id = await subscribed(selling, stripe)
    await selling.billing.catch_up(account.id)
    async with transaction(selling.engine):
        await selling.billing.account_is_going(account.id)
        await Account.delete().where(Account.id == account.id)
    assert await selling.payment.departures.finish() == 1
    assert stripe.world.customers == {}
    assert stripe.world.subscriptions[subscription_id]["status"] == "canceled"
    assert await Departure.count() == await Customer.count() == await Subscription.count() == 0
    assert await selling.payment.departures.finish() == 0


async def test_a_stripe_that_is_away_is_asked_until_it_forgets(settings: Settings, stripe: StripeServer) -> None:
    """Each failure waits twice as long as the one before; nothing is lost, and doing it twice is done once."""
    from app.bootstrap import build

    ahead = timedelta()
    services = build(with_stripe(settings, stripe.url), clock=lambda: datetime.now(UTC) + ahead)
    async with services.open():
        account, _ = await subscribed(services, stripe)
        async with transaction(services.engine):
            await services.billing.account_is_going(account.id)
            await Account.delete().where(Account.id == account.id)
        stripe.faults = [Fault("/customers/", 429, times=2)]
        assert await services.payment.departures.finish() == 0
        assert await services.payment.departures.finish() == 0
        (row,) = await Departure.select()
        assert (row["attempts"], row["error"]) == (1, "RateLimitError 429")
        ahead = timedelta(seconds=61)
        assert await services.payment.departures.finish() == 0
        ahead = timedelta(seconds=61 + 61)
        assert await services.payment.departures.finish() == 0
        ahead = timedelta(seconds=61 + 121)
        stripe.faults = [Fault("/customers/", delay_s=0.0)]
        stripe.world.forget("cus_0001")
        assert await services.payment.departures.finish() == 1
        assert await Departure.count() == 0


async def test_a_departure_that_cannot_be_done_ends_and_is_told(settings: Settings, stripe: StripeServer) -> None:
    """After its term the row goes, and the log says whom the operator has to delete by hand."""
    from app.bootstrap import build
    from tests.making.traces import watched_log

    ahead = timedelta()
    services = build(with_stripe(settings, stripe.url), clock=lambda: datetime.now(UTC) + ahead)
    async with services.open():
        account, _ = await subscribed(services, stripe)
        await services.billing.account_is_going(account.id)
        ahead = timedelta(days=30, seconds=1)
        with watched_log() as events:
            assert (await services.sweeper.sweep()).payment_records == 1
        assert [event["customer"] for event in events if event["event"] == "billing.departure_given_up"] == ["cus_0001"]
        assert await Departure.count() == 0
