"""What the pages of plans and payment show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from app.billing.rules import PAID, Interval, Offer, Status, Turn

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from app.billing.rules import Held
    from app.kernel.html.chrome import Chrome
    from app.usage.views import UsageFragment

HOW_OFTEN = {Interval.MONTH: "monthly", Interval.YEAR: "yearly"}
CHOICES = {
    Turn.BUY: "Get {plan}",
    Turn.UPGRADE: "Upgrade to {plan}",
    Turn.DOWNGRADE: "Change to {plan}",
    Turn.KEEP: "Keep {plan}",
}


@dataclass(frozen=True, slots=True)
class OfferButton:
    """One plan, paid by month or by year, as a button of its column; without a value it is one's own."""

    value: str
    label: str
    interval: str


@dataclass(frozen=True, slots=True)
class PlanColumn:
    """One plan as a column of the table."""

    name: str
    price_month: str
    price_year: str
    analyses: int
    messages: int
    is_yours: bool
    buttons: tuple[OfferButton, ...]


@dataclass(frozen=True, slots=True)
class PricingPage:
    """The plans beside each other."""

    template: ClassVar[str] = "billing/pricing.html"

    chrome: Chrome
    plans: tuple[PlanColumn, ...]
    max_mib: int
    max_minutes: int
    results_days: int
    is_payment_set_up: bool
    form_key: str
    """Makes a form that is sent twice count once."""
    is_yearly: bool
    """Whether yearly prices are shown first: to whom pays so."""


@dataclass(frozen=True, slots=True)
class LeavingPage:
    """The last page here before Stripe's; it goes on by a plain link."""

    template: ClassVar[str] = "billing/leaving.html"

    chrome: Chrome
    title: str
    plan: str
    how_often: str
    price: str
    sentences: tuple[str, ...]
    address: str


@dataclass(frozen=True, slots=True)
class PlanPage:
    """One's own plan, what is used of it, and what can be done about it."""

    template: ClassVar[str] = "billing/plan.html"

    chrome: Chrome
    title: str
    sentences: tuple[str, ...]
    trouble: str
    """What has to be paid; empty: nothing."""
    usage: UsageFragment
    keeps: str
    """What the button that takes a change back says; empty: there is none."""
    can_cancel: bool
    ends_on: str
    """When a plan that is cancelled now would end."""
    is_customer: bool
    is_payment_set_up: bool


def words_of(offer: Offer) -> str:
    """Name an offer, such as ``Pro, paid monthly``."""
    return f"{offer.plan.capitalize()}, paid {HOW_OFTEN[offer.interval]}"


def day(moment: datetime) -> str:
    """Name a day in UTC, such as ``3 December 2026``."""
    return f"{moment.day} {moment:%B %Y}"


def button_of(offer: Offer, held: Held | None, turn: Turn) -> OfferButton:
    """Return the button of an offer beside what an account has."""
    is_settled = held is not None and turn is Turn.KEEP and held.ends_at is None and held.next_offer is None
    return OfferButton(
        value="" if is_settled else f"{offer.plan} {offer.interval}",
        label="Your plan" if is_settled else CHOICES[turn].format(plan=offer.plan.capitalize()),
        interval=offer.interval,
    )


def title_of(held: Held | None, plan: str) -> str:
    """Say on which plan an account is."""
    if held is not None and held.offer is not None and held.offer.plan == plan:
        return words_of(held.offer)
    return plan.capitalize()


def sentences_of(held: Held | None, plan: str) -> tuple[str, ...]:
    """Say what will become of a plan by itself."""
    if held is None or held.offer is None:
        return () if plan == "free" else ("This plan was granted by whoever runs this site.",)
    if held.ends_at is not None:
        return (f"It ends on {day(held.ends_at)}; until then everything stays as it is.",)
    if held.next_offer is not None:
        return (f"It changes to {words_of(held.next_offer)}, on {day(held.period_end)}.",)
    return (f"It renews on {day(held.period_end)}.",) if held.status in PAID else ()


def trouble_of(held: Held | None, grace: timedelta) -> str:
    """Say what is not paid, and what that means."""
    if held is None or held.status in PAID:
        return ""
    if held.status is Status.PAST_DUE and held.unpaid_since is not None:
        return (
            f"The bill of {day(held.unpaid_since)} is not paid. Stripe tries again; "
            f"the plan holds until {day(held.unpaid_since + grace)}."
        )
    return "The last bill was not paid, so that the free plan holds. It comes back when the bill is paid."


def keeps_of(held: Held | None) -> str:
    """Say what can be taken back."""
    if held is None or held.offer is None or (held.ends_at is None and held.next_offer is None):
        return ""
    return f"Keep {held.offer.plan.capitalize()}"
