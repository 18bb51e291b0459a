"""What is sold, what a subscription entitles to, and which way a change goes, as pure rules."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from app.usage.rules import FREE, Entitlement, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime, timedelta


class Interval(StrEnum):
    """How often a plan is paid."""

    MONTH = "month"
    YEAR = "year"


class Status(StrEnum):
    """Stripe's states of a subscription."""

    TRIALING = "trialing"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    """A bill is not paid; Stripe tries again."""
    UNPAID = "unpaid"
    """Stripe has given up trying."""
    PAUSED = "paused"
    INCOMPLETE = "incomplete"
    """The first bill is not paid yet."""
    INCOMPLETE_EXPIRED = "incomplete_expired"
    CANCELED = "canceled"
    OTHER = "other"
    """One that this version does not know: it entitles to nothing."""

    @classmethod
    def _missing_(cls, value: object) -> Status:  # noqa: ARG003 - whatever it is
        return cls.OTHER


PAID = frozenset({Status.TRIALING, Status.ACTIVE})
OPEN = frozenset({*PAID, Status.PAST_DUE, Status.UNPAID, Status.PAUSED})
"""States in which a second subscription would be paid beside the first."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A plan and how often it is paid."""

    plan: str
    interval: Interval


class Turn(StrEnum):
    """What choosing an offer means for an account."""

    BUY = "buy"
    """There is no subscription yet."""
    UPGRADE = "upgrade"
    """It costs something now: Stripe shows how much, and asks."""
    DOWNGRADE = "downgrade"
    """From the end of the paid period on."""
    KEEP = "keep"
    """What was to change, or end, stays."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription as Stripe tells it."""

    id: str
    item_id: str
    status: Status
    offer: Offer | None
    """None: its price is none of ours."""
    anchor: datetime
    period_start: datetime
    period_end: datetime
    ends_at: datetime | None = None
    """It is cancelled from here on."""
    unpaid_since: datetime | None = None
    """The date of the bill that is not paid."""
    schedule_id: str = ""
    next_offer: Offer | None = None
    """What it changes to at the end of the period."""


@dataclass(frozen=True, slots=True)
class Held:
    """A subscription as it was last told, with what pages show of it."""

    status: Status
    offer: Offer | None
    period_end: datetime
    ends_at: datetime | None
    unpaid_since: datetime | None
    next_offer: Offer | None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Which price at Stripe is which offer."""

    prices: Mapping[Offer, Sequence[str]]
    """The first price of an offer is sold, older ones still count."""
    plans: Sequence[str]
    """From the lowest to the highest."""

    @classmethod
    def of(cls, prices: Mapping[str, tuple[Sequence[str], Sequence[str]]], plans: Iterable[str]) -> Catalogue:
        """Read the settings: by plan, the prices by month and by year."""
        return cls(
            prices={
                Offer(plan, interval): tuple(ids)
                for plan, both in prices.items()
                for interval, ids in zip(Interval, both, strict=True)
                if ids
            },
            plans=tuple(plans),
        )

    def is_sold(self, offer: Offer) -> bool:
        """Tell whether an offer has a price."""
        return offer in self.prices

    def price_of(self, offer: Offer) -> str:
        """Return the price that is sold."""
        return self.prices[offer][0]

    def offer_of(self, price_id: str) -> Offer | None:
        """Return the offer that a price is, today's or an older one."""
        return next((offer for offer, ids in self.prices.items() if price_id in ids), None)

    def rank(self, offer: Offer | None) -> tuple[int, int]:
        """Return what an offer is compared by: the plan, then the longer interval."""
        if offer is None or offer.plan not in self.plans:
            return (0, 0)
        return (self.plans.index(offer.plan), list(Interval).index(offer.interval))


def entitlement_of(subscription: Subscription | None, grace: timedelta) -> Entitlement | None:
    """Return what a subscription entitles to, with the moment from which it does not without news.

    A paid one holds to the end of its period and a grace beyond, so that a renewal whose message
    is late takes nothing from anybody; one with an unpaid bill holds a grace from the bill's date;
    none holds longer than its cancellation.
    """
    if subscription is None or subscription.offer is None or subscription.offer.plan == FREE:
        return None
    if subscription.status in PAID:
        until = subscription.period_end + grace
    elif subscription.status is Status.PAST_DUE:
        until = (subscription.unpaid_since or subscription.period_start) + grace
    else:
        return None
    if subscription.ends_at is not None:
        until = min(until, subscription.ends_at)
    return Entitlement(plan=subscription.offer.plan, anchor=subscription.anchor, until=until, source=Source.PAID)


def one_of(subscriptions: Iterable[Subscription], catalogue: Catalogue, grace: timedelta) -> Subscription | None:
    """Return the subscription that counts: one that entitles before one that does not, then the highest."""
    open_ones = [each for each in subscriptions if each.status in OPEN]
    return max(
        open_ones,
        key=lambda each: (entitlement_of(each, grace) is not None, catalogue.rank(each.offer), each.anchor, each.id),
        default=None,
    )


def turn_of(subscription: Subscription | Held | None, wanted: Offer, catalogue: Catalogue) -> Turn:
    """Tell what choosing an offer means beside the subscription that is there."""
    if subscription is None:
        return Turn.BUY
    if subscription.offer == wanted:
        return Turn.KEEP
    return Turn.UPGRADE if catalogue.rank(wanted) > catalogue.rank(subscription.offer) else Turn.DOWNGRADE
