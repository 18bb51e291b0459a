"""A Stripe on this machine: state, faults, signed messages and the two pages that people meet."""

from __future__ import annotations

from tests.services.stripe.server import StripeServer, running_stripe
from tests.services.stripe.world import PRICES, SECRET, World, with_stripe

__all__ = ["PRICES", "SECRET", "StripeServer", "World", "running_stripe", "with_stripe"]
