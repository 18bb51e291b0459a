"""What a subscription entitles to, and which way a change goes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.billing.rules import (
    OPEN,
    PAID,
    Catalogue,
    Interval,
    Offer,
    Status,
    Subscription,
    Turn,
    entitlement_of,
    one_of,
    turn_of,
)

START = datetime(2027, 1, 31, 12, tzinfo=UTC)
END = datetime(2027, 2, 28, 12, tzinfo=UTC)
GRACE = timedelta(days=7)
PRICES = {plan: ((f"{plan}_month", f"{plan}_old"), (f"{plan}_year",)) for plan in ("pro", "studio")}
CATALOGUE = Catalogue.of(PRICES, ("free", "pro", "studio"))
OFFERS = [Offer(plan, interval) for plan in ("pro", "studio") for interval in Interval]
STATUSES = st.sampled_from(list(Status))
MOMENTS = st.datetimes(min_value=datetime(2027, 1, 1), max_value=datetime(2027, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the strategy adds the zone


def subscription(
    offer: Offer | None = OFFERS[0],
    status: Status = Status.ACTIVE,
    *,
    key: str = "sub_1",
    ends_at: datetime | None = None,
    unpaid_since: datetime | None = None,
) -> Subscription:
    """Make a subscription of one month."""
    return Subscription(
        id=key,
        item_id="si_1",
        status=status,
        offer=offer,
        anchor=START,
        period_start=START,
        period_end=END,
        ends_at=ends_at,
        unpaid_since=unpaid_since,
    )


def test_a_paid_plan_holds_a_grace_beyond_its_period() -> None:
    """A renewal that nobody told of takes nothing from anybody for a while."""
    found = entitlement_of(subscription(), GRACE)
    assert found is not None
    assert (found.plan, found.anchor, found.until) == ("pro", START, END + GRACE)


def test_a_cancelled_plan_holds_to_its_end_and_no_longer() -> None:
    """The grace is for what was not told, not for what was."""
    found = entitlement_of(subscription(ends_at=END), GRACE)
    assert found is not None
    assert found.until == END


def test_an_unpaid_bill_leaves_the_grace_from_its_date() -> None:
    """How long a plan holds after a bill does not depend on when its message came."""
    since = START + timedelta(days=3)
    found = entitlement_of(subscription(status=Status.PAST_DUE, unpaid_since=since), GRACE)
    assert found is not None
    assert found.until == since + GRACE


@pytest.mark.parametrize("status", sorted(set(Status) - PAID - {Status.PAST_DUE}))
def test_other_states_entitle_to_nothing(status: Status) -> None:
    """Neither does a state that this version does not know, nor a price that is not ours."""
    assert entitlement_of(subscription(status=status), GRACE) is None
    assert entitlement_of(subscription(offer=None), GRACE) is None
    assert Status("one that comes next year") is Status.OTHER


@given(st.lists(st.tuples(st.sampled_from([*OFFERS, None]), STATUSES), max_size=6))
@settings(max_examples=300, deadline=None)
def test_the_best_that_entitles_counts(found: list[tuple[Offer | None, Status]]) -> None:
    """Whatever is paid beside each other, an account has the highest plan of it, in any order."""
    all_of_them = [subscription(offer, status, key=f"sub_{n}") for n, (offer, status) in enumerate(found)]
    best = one_of(all_of_them, CATALOGUE, GRACE)
    assert best == one_of(reversed(all_of_them), CATALOGUE, GRACE)
    if best is None:
        assert not [each for each in all_of_them if each.status in OPEN]
        return
    entitling = [each for each in all_of_them if entitlement_of(each, GRACE)]
    assert best.status in OPEN
    assert not entitling or CATALOGUE.rank(best.offer) == max(CATALOGUE.rank(each.offer) for each in entitling)


@pytest.mark.parametrize(("has", "wants"), list(product(OFFERS, OFFERS)))
def test_what_costs_more_now_is_an_upgrade(has: Offer, wants: Offer) -> None:
    """A higher plan, or the year in place of the month, is paid at once; everything else waits."""
    turn = turn_of(subscription(has), wants, CATALOGUE)
    higher = OFFERS.index(wants) - OFFERS.index(has)
    assert turn is (Turn.KEEP if not higher else Turn.UPGRADE if higher > 0 else Turn.DOWNGRADE)
    assert turn_of(None, wants, CATALOGUE) is Turn.BUY


def test_the_first_price_is_sold_and_the_others_count() -> None:
    """An operator who changes prices takes no plan from whoever pays the old one."""
    assert CATALOGUE.price_of(OFFERS[0]) == "pro_month"
    assert CATALOGUE.offer_of("pro_old") == OFFERS[0]
    assert CATALOGUE.offer_of("another") is None
    assert not Catalogue.of({"pro": (("a",), ())}, ("free", "pro")).is_sold(Offer("pro", Interval.YEAR))


@given(status=STATUSES, ends_at=st.none() | MOMENTS, unpaid_since=st.none() | MOMENTS)
@settings(max_examples=500, deadline=None)
def test_no_plan_outlives_its_cancellation(
    status: Status, ends_at: datetime | None, unpaid_since: datetime | None
) -> None:
    """Whatever else is true, a plan has an end, and it is not after its cancellation."""
    found = entitlement_of(subscription(status=status, ends_at=ends_at, unpaid_since=unpaid_since), GRACE)
    if found is not None:
        assert found.until is not None
        assert ends_at is None or found.until <= ends_at
