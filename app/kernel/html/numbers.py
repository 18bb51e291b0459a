"""Figures as the pages print them: a real minus, a space before the unit, fixed decimals.

Pure functions; the renderer offers them to templates as filters under the names of ``FILTERS``.
"""

from __future__ import annotations

import math
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

MINUS = "\N{MINUS SIGN}"
UNMEASURED = "not measured"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_BYTE_UNITS = ("kB", "MB", "GB", "TB")


def is_measured(value: object) -> bool:
    """Tell whether a value is a figure at all: not null, not text, not infinite."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def fixed(value: float | None, decimals: int = 1) -> str:
    """Write a figure with so many decimals, such as ``−7.8``."""
    if value is None or not is_measured(value):
        return UNMEASURED
    text = f"{abs(value):,.{decimals}f}".replace(",", "\N{NO-BREAK SPACE}")
    is_zero = not any(digit in text for digit in "123456789")
    return text if value >= 0 or is_zero else MINUS + text


def signed(value: float | None, decimals: int = 1) -> str:
    """Write a figure with its sign, such as ``+0.6``; zero has none."""
    text = fixed(value, decimals)
    is_zero = not any(digit in text for digit in "123456789")
    return text if value is None or value < 0 or is_zero else f"+{text}"


def clock(seconds: float | None) -> str:
    """Write a place in a track or its length, such as ``5:42`` or ``1:02:03``."""
    if seconds is None or not is_measured(seconds):
        return UNMEASURED
    whole = round(max(seconds, 0))
    minutes, rest = divmod(whole, 60)
    hours, minutes_left = divmod(minutes, 60)
    return f"{hours}:{minutes_left:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def byte_size(count: int) -> str:
    """Write a size, such as ``48.2 MB``."""
    if count < 1000:
        return f"{count} bytes" if count != 1 else "1 byte"
    size = float(count)
    for unit in _BYTE_UNITS:
        size /= 1000
        if size < 999.95 or unit == _BYTE_UNITS[-1]:
            break
    return f"{size:.1f} {unit}"


def duration(seconds: float) -> str:
    """Write a length of time, such as ``9 s``, ``1 min 20 s`` or ``2 h 5 min``."""
    whole = max(math.ceil(seconds - 0.5), 0)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes_left = divmod(minutes, 60)
    return f"{hours} h {minutes_left} min" if minutes_left else f"{hours} h"


def day(moment_at: datetime) -> str:
    """Write a day, such as ``24 Nov 2026``."""
    at = moment_at.astimezone(UTC)
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}"


def moment(moment_at: datetime) -> str:
    """Write a moment, such as ``24 Nov, 13:41 UTC``."""
    at = moment_at.astimezone(UTC)
    return f"{at.day} {_MONTHS[at.month - 1]}, {at:%H:%M} UTC"


def time_left(until: datetime, now: datetime) -> str:
    """Write what is left of a term, such as ``29 d 23 h`` or ``23 h 35 min``."""
    left = max(until - now, timedelta())
    hours, rest = divmod(int(left.total_seconds()), 3600)
    days, hours_left = divmod(hours, 24)
    minutes = rest // 60
    if days:
        return f"{days} d {hours_left:02d} h"
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min" if minutes else "under a minute"


FILTERS: dict[str, Callable[..., str]] = {
    "fixed": fixed,
    "signed": signed,
    "clock": clock,
    "byte_size": byte_size,
    "duration": duration,
    "day": day,
    "moment": moment,
    "time_left": time_left,
}
