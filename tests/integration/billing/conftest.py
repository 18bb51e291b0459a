"""A Stripe on loopback, and services that sell its prices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.services.stripe import with_stripe

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.bootstrap import Services
    from app.settings import Settings
    from tests.services.stripe import StripeServer


@pytest.fixture
async def selling(settings: Settings, stripe: StripeServer) -> AsyncIterator[Services]:
    """Lend services with payment set up."""
    from app.bootstrap import build

    built = build(with_stripe(settings, stripe.url))
    async with built.open():
        yield built
