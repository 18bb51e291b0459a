"""Time, as an argument. Everything in the product is aware and UTC."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return this moment; the default clock of web, worker and commands."""
    return datetime.now(UTC)
