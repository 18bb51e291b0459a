"""What the worker does for payment by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.accounts.tables import Account
from app.billing.jobs import finish_departures, reconcile_payment
from app.billing.tables import Departure
from app.bootstrap import build
from app.worker import make_listener
from tests.making.buyers import subscribed
from tests.services.stripe import running_stripe, with_stripe

if TYPE_CHECKING:
    from app.bootstrap import Services
    from app.settings import Settings


def crons(services: Services) -> dict[str, Any]:
    """Return the worker's cron jobs by the name of what they do."""
    return {job.coroutine.__qualname__: job for job in make_listener(services).cron_jobs or ()}


async def test_departures_are_tried_each_minute_and_the_night_compares(settings: Settings) -> None:
    """Both run in the worker's queue, at their times, with the worker's own parts."""
    async with running_stripe() as stripe:
        services = build(with_stripe(settings, stripe.url))
        async with services.open():
            jobs = crons(services)
            assert (jobs["finish_departures"].minute, jobs["finish_departures"].second) == (None, 20)
            assert (jobs["reconcile_payment"].hour, jobs["reconcile_payment"].minute) == (3, 17)
            context = make_listener(services).ctx
            account, _ = await subscribed(services, stripe)
            await reconcile_payment(context)
            await context["night"]
            assert await services.usage.plan_of(account.id) == "pro"
            await services.billing.account_is_going(account.id)
            await Account.delete().where(Account.id == account.id)
            await finish_departures(context)
            assert stripe.world.customers == {}
            assert await Departure.count() == 0


async def test_without_payment_both_do_nothing(services: Services) -> None:
    """A site that sells nothing asks nobody."""
    context = make_listener(services).ctx
    await reconcile_payment(context)
    await finish_departures(context)
    assert "night" not in context
