"""Accounts that buy, without a browser."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from app.accounts.rules import Account
from app.billing.rules import Interval, Offer, Turn
from tests.prove.life import make_account

if TYPE_CHECKING:
    from app.billing.inbox import Inbox
    from app.billing.service import Billing
    from app.bootstrap import Services
    from app.usage.service import UsageLedger
    from tests.services.site import Site
    from tests.services.stripe import StripeServer

PRO = Offer("pro", Interval.MONTH)
PRO_YEAR = Offer("pro", Interval.YEAR)
STUDIO = Offer("studio", Interval.MONTH)


async def buyer() -> Account:
    """Keep an account that nobody logs in to."""
    email = f"{uuid4().hex[:8]}@example.org"
    return Account(await make_account(email), email, "", datetime.now(UTC), is_verified=True)


async def subscribed(selling: Services | Shop, stripe: StripeServer, offer: Offer = PRO) -> tuple[Account, str]:
    """Let an account buy and pay; no message is delivered. Return its subscription too."""
    account = await buyer()
    choice = await selling.billing.choose(account, offer, key=uuid4().hex)
    assert choice.turn is Turn.BUY
    subscription = stripe.world.pay(choice.address.rpartition("/")[2])
    return account, str(subscription["id"])


@dataclass(frozen=True, slots=True)
class Shop:
    """A site that sells, and the very parts that its pages use: the tables ask the site's engine alone."""

    site: Site
    billing: Billing
    usage: UsageLedger
    inbox: Inbox

    @classmethod
    def of(cls, site: Site) -> Shop:
        """Take the parts out of a running site."""
        parts: Any = {name: site.app.dependencies[name].dependency() for name in ("billing", "usage", "inbox")}  # type: ignore[union-attr]
        return cls(site, **parts)
