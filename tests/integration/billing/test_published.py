"""The loopback Stripe answers in the published shape, and the product lives with the published examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.bootstrap import build
from tests.making.buyers import STUDIO, subscribed
from tests.services.stripe import World, running_stripe, with_stripe
from tests.services.stripe.objects import PUBLISHED, made, published

if TYPE_CHECKING:
    from app.settings import Settings

pytestmark = pytest.mark.skipif(not PUBLISHED.exists(), reason="Stripe's examples are not beside this checkout")


@pytest.mark.parametrize("kind", sorted(made()))
def test_a_made_object_has_every_published_field(kind: str) -> None:
    """Nothing is missing and nothing is added."""
    assert set(made()[kind]) == set(published()[kind])


async def test_a_life_on_published_examples(settings: Settings) -> None:
    """Buying, changing and cancelling go through the real SDK with Stripe's own values in every other field."""
    async with running_stripe(World(examples=published())) as stripe:
        services = build(with_stripe(settings, stripe.url))
        async with services.open():
            account, subscription_id = await subscribed(services, stripe, STUDIO)
            await services.billing.catch_up(account.id)
            assert await services.usage.plan_of(account.id) == "studio"
            await services.billing.cancel(account.id)
            stripe.world.pass_period(subscription_id)
            await services.billing.catch_up(account.id)
            assert await services.usage.plan_of(account.id) == "free"
