"""One figure of a report with its unit, what it is about, and the place on the page that shows it."""

from __future__ import annotations

from dataclasses import dataclass

NEUTRAL_UNITS = frozenset({"dB", "LU", "dB/oct", "cent"})
"""Units in which a figure without a sign may stand for its size, as in "9.4 dB under the middle"."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure of the report."""

    path: str
    value: float
    unit: str
    anchor: str
    subject: str = ""
    """Which of SUBJECTS it belongs to; empty: it can be quoted without its name only."""
    hz: float | None = None
    """The frequency that it belongs to."""
    start_s: float | None = None
    """Where the stretch begins that it belongs to."""
