"""Stereo: correlation and width by band, the sum to mono, correlation over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.analyses.document import number, readings, rows, section, text
from app.analyses.report.loudness import cell
from app.analyses.report.parts import Cell, FigureTable, Head, Row, Section, figure, known, signed
from app.analyses.report.timeline import section_rules
from app.analyses.report.tone import edges_of
from app.kernel.html import numbers
from app.kernel.html.charts import (
    TOP_PX,
    Chart,
    Curve,
    Label,
    LevelScale,
    Line,
    Table,
    across,
    path,
    percent,
    place,
    thin,
    times,
)

if TYPE_CHECKING:
    from app.analyses.document import Document
    from app.analyses.report.findings import Found
    from app.analyses.report.parts import Ref

PLOT_HEIGHT = 140
MOST_POINTS = 320
MOST_ROWS = 75
_SCALE = LevelScale(-1.0, 1.0, PLOT_HEIGHT, 1)


def stereo_section(document: Document, found: Found) -> Section:
    """Make the section of stereo."""
    part = section(document, "stereo")
    loss, balance = number(part, "fold_down_loss_db"), number(part, "balance_db")
    side = "right" if (balance or 0) > 0 else "left"
    return Section(
        id="stereo",
        title="Stereo by band",
        say=f"The sum to mono loses {numbers.fixed(loss)} dB." if loss is not None else "",
        refs=found.refs("stereo", "phase"),
        figures=known(
            signed("Correlation", number(part, "correlation"), decimals=2),
            figure("Fold-down loss", loss, "dB"),
            figure("Width", number(part, "width"), decimals=2, sub="0 mono, 0.5 unrelated"),
            figure("Balance", None if balance is None else abs(balance), f"dB {side}"),
            signed("Side to mid under 120 Hz", number(part, "low_end_side_to_mid_db"), "dB"),
        ),
        method="Correlation of the two sides over the whole track; side over side plus mid as width.",
        charts=_over_time(document, part),
        tables=_bands(part, found),
        is_stacked=True,
    )


def _bands(part: Document, found: Found) -> tuple[FigureTable, ...]:
    """Draw correlation and width, of the whole and of each band where they are known."""
    if number(part, "correlation") is None:
        return ()
    heads = (
        *(Head("Band"), Head("Hz", "hide-n"), Head("Width, 0 to 1", "w-chart")),
        *(Head(f"Correlation, {numbers.MINUS}1 to +1", "w-chart hide-n"), Head("Width", "num")),
        *(Head("Correlation", "num"), Head("Lost in mono, dB", "num")),
    )
    whole = Row("Whole mix", (Cell("all", "hide-n"), *_cells(part, ())))
    bands = tuple(
        Row(
            text(row, "name").capitalize(),
            (
                Cell(edges_of(row), "nowrap hide-n"),
                *_cells(row, found.refs(f"stereo.band-fold-down.{text(row, 'name').replace(' ', '-')}")),
            ),
        )
        for row in rows(part, "bands")
    )
    caption = "Width and correlation by band" if bands else "Width and correlation"
    return (FigureTable(caption, heads, (whole, *bands)),)


def _cells(row: Document, refs: tuple[Ref, ...]) -> tuple[Cell, ...]:
    correlation, width = number(row, "correlation"), number(row, "width")
    bar = (
        Cell(kind="bar", start=percent(0.5 - width / 2), extent=percent(width), zero="50%")
        if width is not None
        else Cell()
    )
    dot = (
        Cell(kind="dot", style="hide-n", start=place(correlation, -1.04, 1.04), zero="50%")
        if correlation is not None
        else Cell(style="hide-n")
    )
    return (
        bar,
        dot,
        Cell(numbers.fixed(width, 2), "num"),
        Cell(numbers.signed(correlation, 2), "num"),
        Cell(numbers.fixed(number(row, "fold_down_loss_db")), "num", refs=refs),
    )


def _over_time(document: Document, part: Document) -> tuple[Chart, ...]:
    """Draw correlation along the track, of the whole and below 120 Hz."""
    line = section(part, "timeline")
    step_s, whole, lows = number(line, "step_s"), readings(line, "correlation"), readings(line, "low_end_correlation")
    heard = [value for value in whole if value is not None]
    if not step_s or not heard or len(whole) != len(lows):
        return ()
    base, duration_s = TOP_PX + PLOT_HEIGHT, len(whole) * step_s
    lowest = min(heard)
    when = numbers.clock((whole.index(lowest) + 1) * step_s)
    chart = Chart(
        id="correlation-chart",
        title="Correlation over time",
        description=f"Correlation of the whole mix is lowest at {when}, {numbers.signed(lowest, 2)}.",
        caption="Correlation each second; dashed below 120 Hz",
        plot_height=PLOT_HEIGHT,
        height=base + 24,
        top=TOP_PX,
        base=base,
        levels=tuple(
            Line(f"{TOP_PX + _SCALE.y(value):.1f}", numbers.signed(value, 0), is_base=value == -1)
            for value in (1, 0, -1)
        ),
        places=times(duration_s),
        curves=(
            Curve("line line-2", path(thin(lows, MOST_POINTS), _SCALE)),
            Curve("line", path(thin(whole, MOST_POINTS), _SCALE)),
        ),
        table=_table(whole, lows, step_s),
        rules=(
            *section_rules(rows(section(document, "structure"), "sections"), duration_s, base),
            across(0.0, _SCALE, "limit"),
        ),
        labels=(Label("Under 0 the sides cancel", "99.5%", f"{TOP_PX + _SCALE.y(0) + 16:.1f}", "note halo", "end"),),
    )
    return (chart,)


def _table(whole: list[float | None], lows: list[float | None], step_s: float) -> Table:
    many = min(MOST_ROWS, len(whole))
    picked = [int((index + 0.5) * len(whole) / many) for index in range(many)]
    return Table(
        caption="Correlation as a table",
        heads=("Time", "Whole", "Below 120 Hz"),
        rows=tuple(
            (numbers.clock((index + 1) * step_s), cell(whole[index], 2), cell(lows[index], 2)) for index in picked
        ),
        reading="time",
    )
