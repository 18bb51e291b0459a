"""Months that are counted from an anchor."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st

from app.usage.rules import Entitlement, Source, anchored_month, calendar_month, plan_and_period

MOMENTS = st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2060, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the strategy adds the zone
TICK = timedelta(microseconds=1)
RANKS = {"free": 0, "pro": 1, "studio": 2}


@given(anchor=MOMENTS, now=MOMENTS)
@settings(max_examples=500, deadline=None)
def test_a_moment_is_in_its_month_and_months_meet(anchor: datetime, now: datetime) -> None:
    """A month holds its moment, and the next one begins where it ends."""
    period = anchored_month(anchor, now)
    assert period.start <= now < period.end
    assert anchored_month(anchor, period.end).start == period.end
    assert anchored_month(anchor, period.end - TICK) == period
    assert timedelta(days=27) < period.end - period.start < timedelta(days=32)


def test_the_thirty_first_comes_back_after_february() -> None:
    """A month that began on a 31st begins on February's last day and then on the 31st again."""
    anchor = datetime(2026, 1, 31, 10, tzinfo=UTC)
    february = anchored_month(anchor, datetime(2026, 3, 1, tzinfo=UTC))
    assert (february.start.month, february.start.day) == (2, 28)
    assert (february.end.month, february.end.day) == (3, 31)


def test_without_a_plan_the_calendar_counts() -> None:
    """The free plan's months are those of the calendar, December's end included."""
    now = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)
    plan, period = plan_and_period([], RANKS, now)
    assert plan == "free"
    assert period == calendar_month(now)
    assert period.end == datetime(2027, 1, 1, tzinfo=UTC)


def test_a_plan_that_is_over_is_the_free_one() -> None:
    """From the first moment after its term an account is on the free plan again."""
    until = datetime(2026, 5, 10, tzinfo=UTC)
    entitlement = Entitlement(plan="pro", anchor=datetime(2026, 4, 3, tzinfo=UTC), until=until)
    assert plan_and_period([entitlement], RANKS, until - TICK)[0] == "pro"
    assert plan_and_period([entitlement], RANKS, until)[0] == "free"


def test_ten_thousand_dates_are_in_months_that_meet() -> None:
    """From any anchor the months of a plan, and those of the calendar, neither overlap nor leave a gap."""
    chance = random.Random(7)  # noqa: S311 - repeatable, no secret
    begin = datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC)
    span_s = 60 * 366 * 24 * 3600
    for _ in range(10_000):
        anchor, now = (begin + timedelta(seconds=chance.randrange(span_s)) for _ in range(2))
        for month in (partial(anchored_month, anchor), calendar_month):
            period = month(now)
            assert period.start <= now < period.end
            assert month(period.end).start == period.end
            assert month(period.start) == month(period.end - TICK) == period


def test_of_two_plans_the_higher_holds_and_of_one_plan_the_paid_one() -> None:
    """What is granted and what is paid stand beside each other."""
    now = datetime(2027, 5, 3, tzinfo=UTC)
    end = now + timedelta(days=1)
    granted = Entitlement("studio", now - timedelta(days=3), end)
    paid = Entitlement("pro", now - timedelta(days=9), now + timedelta(days=5), Source.PAID)
    assert plan_and_period([paid, granted], RANKS, now) == ("studio", anchored_month(granted.anchor, now))
    assert plan_and_period([paid, granted], RANKS, end)[0] == "pro"
    same = replace(granted, plan="pro")
    assert plan_and_period([same, paid], RANKS, now) == ("pro", anchored_month(paid.anchor, now))
