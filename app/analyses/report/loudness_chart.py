"""Loudness over time: short-term in ink, momentary as a hairline, integrated dashed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.kernel.html import numbers
from app.kernel.html.charts import (
    TOP_PX,
    Chart,
    Curve,
    LevelScale,
    Reference,
    Table,
    level_scale,
    path,
    quiet_place,
    thin,
    thin_extremes,
    times,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.kernel.html.charts import Reading

PLOT_HEIGHT = 220
MOST_POINTS = 900
MOST_ROWS = 120
MOST_LU = 30
"""What lies further below the loudest moment is drawn at the lower edge."""


def loudness_chart(
    momentary: Sequence[Reading],
    short_term: Sequence[Reading],
    step_s: float,
    integrated_lufs: float | None,
    description: str,
) -> Chart:
    """Draw the loudness of a track."""
    duration_s = len(short_term) * step_s
    scale = level_scale([*momentary, *short_term], PLOT_HEIGHT, most=MOST_LU)
    base = TOP_PX + PLOT_HEIGHT
    return Chart(
        id="loudness-chart",
        title="Loudness over time",
        description=description,
        caption="Short-term loudness, 3 s; hairline momentary, 0.4 s",
        plot_height=PLOT_HEIGHT,
        height=base + 24,
        top=TOP_PX,
        base=base,
        levels=scale.lines("LUFS"),
        places=times(duration_s),
        curves=(
            Curve("line-thin", path(thin_extremes(momentary, MOST_POINTS), scale)),
            Curve("line", path(thin(short_term, MOST_POINTS), scale)),
        ),
        reference=_reference(integrated_lufs, momentary, scale),
        strips=(),
        table=_table(momentary, short_term, step_s),
    )


def _reference(integrated_lufs: float | None, momentary: Sequence[Reading], scale: LevelScale) -> Reference | None:
    if integrated_lufs is None or not scale.low <= integrated_lufs <= scale.high:
        return None
    return Reference(
        at=f"{TOP_PX + scale.y(integrated_lufs):.1f}",
        label=f"Integrated {numbers.fixed(integrated_lufs)}",
        place=quiet_place(momentary, integrated_lufs, scale),
    )


def _table(momentary: Sequence[Reading], short_term: Sequence[Reading], step_s: float) -> Table:
    """Tell the same at evenly spaced moments, with a dash before the first full window."""
    count = len(short_term)
    rows = min(MOST_ROWS, count)
    picked = [int((index + 0.5) * count / rows) for index in range(rows)]
    return Table(
        caption="Loudness as a table",
        heads=("Time", "Short-term, LUFS", "Momentary, LUFS"),
        rows=tuple(
            (numbers.clock((index + 1) * step_s), _cell(short_term[index]), _cell(momentary[index])) for index in picked
        ),
        reading="time",
    )


def _cell(value: Reading) -> str:
    return "none" if value is None else numbers.fixed(value)
