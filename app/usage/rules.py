"""Periods and allowances, as pure rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

DECEMBER = 12


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

    kind: Kind
    used: int
    limit: int
    period: Period

    @property
    def left(self) -> int:
        """How many more are allowed."""
        return max(0, self.limit - self.used)


def calendar_month(now: datetime) -> Period:
    """Return the calendar month of a moment, in UTC."""
    start = now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    is_last = start.month == DECEMBER
    end = start.replace(year=start.year + is_last, month=1 if is_last else start.month + 1)
    return Period(start=start, end=end)
