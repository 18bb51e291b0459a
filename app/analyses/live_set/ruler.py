"""The marks across a picture of bars: their numbers and the locators, thinned to what has room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.analyses.document import number, rows, text
from app.kernel.html.charts import percent

if TYPE_CHECKING:
    from app.analyses.document import Document
    from app.analyses.live_set.timeline import Timeline

MOST_BARS = 16
MOST_LOCATORS = 200
WIDE_PX, NARROW_PX, LETTER_PX = 900, 250, 6.2
"""Widths for which labels are thinned, and about what a letter takes."""

LONGEST_LABEL = 18


@dataclass(frozen=True, slots=True)
class Mark:
    """A line across with its label; without one where there is no room."""

    at: str
    label: str
    style: str
    """``wide-only`` where only a wide picture has room for the label."""


def bar_marks(timeline: Timeline, end: float) -> tuple[Mark, ...]:
    """Number the bars at round distances: every 4th, 8th, 16th ..., every second label only where there is room."""
    bars = timeline.bar_at(end)
    step = 1
    while bars / step > MOST_BARS:
        step *= 2
    marks = []
    for place, bar in enumerate(range(1, bars + 1, step)):
        beat = timeline.beat_of(bar)
        if beat <= 0.985 * end:
            marks.append(Mark(percent(beat / end), str(bar), "wide-only" if place % 4 else ""))
    return tuple(marks)


def locator_marks(live_set: Document, end: float) -> tuple[Mark, ...]:
    """Place the locators that stand in the picture; a label that would run into the one before is left out."""
    marks = []
    free_wide = free_narrow = 0.0
    for row in rows(live_set, "locators")[:MOST_LOCATORS]:
        beat, name = number(row, "beat") or 0.0, text(row, "name")
        if not 0 <= beat <= end:
            continue
        label = name if len(name) <= LONGEST_LABEL else f"{name[: LONGEST_LABEL - 1]}…"
        at, length = beat / end, (len(label) + 1) * LETTER_PX
        has_wide = at >= free_wide and at + length / WIDE_PX <= 1.02
        has_narrow = has_wide and at >= free_narrow and at + length / NARROW_PX <= 1.02
        free_wide = at + length / WIDE_PX if has_wide else free_wide
        free_narrow = at + length / NARROW_PX if has_narrow else free_narrow
        marks.append(Mark(percent(at), label if has_wide else "", "" if has_narrow else "wide-only"))
    return tuple(marks)
