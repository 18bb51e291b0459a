"""Periods and allowances, as pure rules."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FREE = "free"
MONTHS = 12


class Kind(StrEnum):
    """What is counted."""

    ANALYSES = "analyses"
    MESSAGES = "messages"


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time with its own allowance; the end is not in it."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of one kind in the running period."""

    plan: str
    kind: Kind
    used: int
    limit: int
    period: Period

    @property
    def left(self) -> int:
        """How many more are allowed."""
        return max(0, self.limit - self.used)


class Source(StrEnum):
    """Where a plan comes from; the two know nothing of each other."""

    GRANTED = "granted"
    """By the operator's command."""
    PAID = "paid"
    """By a subscription."""


@dataclass(frozen=True, slots=True)
class Entitlement:
    """A plan that is not the free one: since when its months are counted, and until when it holds."""

    plan: str
    anchor: datetime
    until: datetime | None
    source: Source = Source.GRANTED

    def holds(self, now: datetime) -> bool:
        """Tell whether the account is on this plan at a moment."""
        return self.until is None or now < self.until


def plan_and_period(entitlements: Iterable[Entitlement], ranks: Mapping[str, int], now: datetime) -> tuple[str, Period]:
    """Return the plan of a moment and the period that its allowance is counted in.

    The highest plan that holds counts; of two with the same one the paid one does.
    """
    holding = [entitlement for entitlement in entitlements if entitlement.holds(now)]
    if not holding:
        return FREE, calendar_month(now)
    best = max(holding, key=lambda entitlement: (ranks.get(entitlement.plan, 0), entitlement.source is Source.PAID))
    return best.plan, anchored_month(best.anchor, now)


def calendar_month(now: datetime) -> Period:
    """Return the calendar month of a moment, in UTC."""
    start = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return Period(start=start, end=add_months(start, 1))


def anchored_month(anchor: datetime, now: datetime) -> Period:
    """Return the month of a moment among months that begin at an anchor's day and time.

    Each is reckoned from the anchor itself, so that a 31st comes back after February and the
    months neither overlap nor leave a gap.
    """
    anchor, now = anchor.astimezone(UTC), now.astimezone(UTC)
    months = (now.year - anchor.year) * MONTHS + now.month - anchor.month
    if add_months(anchor, months) > now:
        months -= 1
    return Period(start=add_months(anchor, months), end=add_months(anchor, months + 1))


def add_months(moment: datetime, months: int) -> datetime:
    """Return a moment so many months later, on the last day of a month that is too short for it."""
    years, month = divmod(moment.month - 1 + months, MONTHS)
    year = moment.year + years
    day = min(moment.day, monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)
