"""Loudness over time, inside what the target expects of the whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.analyses.document import number, readings, rows, section
from app.analyses.report.parts import Section, figure, known, signed
from app.analyses.report.timeline import section_rules
from app.kernel.html import numbers
from app.kernel.html.charts import (
    TOP_PX,
    Block,
    Chart,
    Curve,
    Label,
    Table,
    across,
    level_scale,
    path,
    quiet_place,
    thin,
    thin_extremes,
    times,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.analyses.document import Document
    from app.analyses.report.findings import Found
    from app.analyses.report.limits import Limits
    from app.kernel.html.charts import LevelScale, Reading, Rule

PLOT_HEIGHT = 200
MOST_POINTS = 440
MOST_MEANS = 300
"""Of readings that look back 3 s, so many show a quarter of an hour whole."""
MOST_ROWS = 75
MOST_LU = 30
"""What lies further below the loudest moment is drawn at the lower edge."""


def loudness_section(document: Document, limits: Limits, found: Found) -> Section:
    """Make the section of loudness."""
    part = section(document, "loudness")
    line = section(part, "timeline")
    short_term, step_s = readings(line, "short_term_lufs"), number(line, "step_s")
    heard = [value for value in short_term if value is not None]
    when = numbers.clock((short_term.index(max(heard)) + 1) * step_s) if heard and step_s else ""
    integrated = number(part, "integrated_lufs")
    return Section(
        id="loudness",
        title="Loudness",
        say=_said(integrated, limits),
        refs=found.refs("loudness"),
        figures=known(
            figure("Short-term maximum", number(part, "short_term_max_lufs"), "LUFS", sub=f"at {when}" if when else ""),
            figure("Momentary maximum", number(part, "momentary_max_lufs"), "LUFS"),
            figure("Range", number(part, "range_lu"), "LU"),
            signed("True peak", number(part, "true_peak_dbtp"), "dBTP"),
            signed("Sample peak", number(part, "sample_peak_dbfs"), "dBFS"),
        ),
        method="ITU-R BS.1770-5; EBU Tech 3341 and 3342. Readings each 0.1 s, drawn with every peak kept.",
        charts=_charts(document, heard, when, limits),
    )


def _said(integrated: float | None, limits: Limits) -> str:
    """Say where the whole lies against the target."""
    if integrated is None:
        return ""
    low, high = limits.bound("integrated_low_lufs"), limits.bound("integrated_high_lufs")
    if low is not None and integrated < low:
        return f"{numbers.fixed(low - integrated)} LU under what the target expects of the whole."
    if high is not None and integrated > high:
        return f"{numbers.fixed(integrated - high)} LU over what the target expects of the whole."
    if low is None and high is None:
        return f"Integrated loudness is {numbers.fixed(integrated)} LUFS."
    return "Inside what the target expects of the whole."


def _charts(document: Document, heard: Sequence[float], when: str, limits: Limits) -> tuple[Chart, ...]:
    part = section(document, "loudness")
    line = section(part, "timeline")
    short_term, momentary = readings(line, "short_term_lufs"), readings(line, "momentary_lufs")
    step_s = number(line, "step_s")
    if not heard or not step_s or len(momentary) != len(short_term):
        return ()
    integrated = number(part, "integrated_lufs")
    said = f"Short-term loudness lies between {numbers.fixed(min(heard))} and {numbers.fixed(max(heard))} LUFS"
    whole = f"; integrated loudness is {numbers.fixed(integrated)} LUFS." if integrated is not None else "."
    return (_chart(document, momentary, short_term, step_s, limits, f"{said}, highest at {when}{whole}"),)


def _chart(
    document: Document,
    momentary: Sequence[Reading],
    short_term: Sequence[Reading],
    step_s: float,
    limits: Limits,
    description: str,
) -> Chart:
    scale = level_scale([*momentary, *short_term], PLOT_HEIGHT, most=MOST_LU)
    base = TOP_PX + PLOT_HEIGHT
    duration_s = len(short_term) * step_s
    sections = section_rules(rows(section(document, "structure"), "sections"), duration_s, base)
    rules, labels = _whole(number(section(document, "loudness"), "integrated_lufs"), momentary, scale)
    blocks, names = _expected(limits, scale)
    return Chart(
        id="loudness-chart",
        title="Loudness over time",
        description=description,
        caption="Short-term loudness, 3 s; hairline momentary, 0.4 s; hatched what the target expects of the whole",
        plot_height=PLOT_HEIGHT,
        height=base + 24,
        top=TOP_PX,
        base=base,
        levels=scale.lines("LUFS"),
        places=times(duration_s),
        curves=(
            Curve("line-thin", path(thin_extremes(momentary, MOST_POINTS), scale)),
            Curve("line", path(thin(short_term, MOST_MEANS), scale)),
        ),
        table=_table(momentary, short_term, step_s),
        blocks=blocks,
        rules=(*sections, *rules),
        labels=(*names, *labels),
    )


def _whole(
    integrated: float | None, momentary: Sequence[Reading], scale: LevelScale
) -> tuple[tuple[Rule, ...], tuple[Label, ...]]:
    """Draw integrated loudness with its name where the curve leaves room."""
    if integrated is None or not scale.low <= integrated <= scale.high:
        return (), ()
    name = Label(
        f"Integrated {numbers.fixed(integrated)}",
        quiet_place(momentary, integrated, scale),
        f"{TOP_PX + scale.y(integrated) - 6:.1f}",
        "note halo",
    )
    return (across(integrated, scale, "ref"),), (name,)


def _expected(limits: Limits, scale: LevelScale) -> tuple[tuple[Block, ...], tuple[Label, ...]]:
    """Hatch what the target expects of integrated loudness."""
    low, high = limits.bound("integrated_low_lufs"), limits.bound("integrated_high_lufs")
    if low is None or high is None or low >= scale.high or high <= scale.low:
        return (), ()
    top, bottom = TOP_PX + scale.y(high), TOP_PX + scale.y(low)
    box = ("0", "100%", f"{top:.1f}", f"{bottom - top:.1f}")
    inside = min(bottom, TOP_PX + PLOT_HEIGHT) - 6
    name = Label(f"{numbers.fixed(low)} to {numbers.fixed(high)}", "99.5%", f"{inside:.1f}", "note halo", "end")
    return (Block("band", *box), Block("band-hatch", *box)), (name,)


def _table(momentary: Sequence[Reading], short_term: Sequence[Reading], step_s: float) -> Table:
    """Tell the same at evenly spaced moments."""
    count = len(short_term)
    many = min(MOST_ROWS, count)
    picked = [int((index + 0.5) * count / many) for index in range(many)]
    return Table(
        caption="Loudness as a table",
        heads=("Time", "Short-term, LUFS", "Momentary, LUFS"),
        rows=tuple(
            (numbers.clock((index + 1) * step_s), cell(short_term[index]), cell(momentary[index])) for index in picked
        ),
        reading="time",
    )


def cell(value: Reading, decimals: int = 1) -> str:
    """Write a reading of a table."""
    return "none" if value is None else numbers.fixed(value, decimals)
