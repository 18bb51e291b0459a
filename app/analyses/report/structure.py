"""Structure: how loud each section of the arrangement is."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from app.analyses.document import measured, number, rows, section
from app.analyses.report.parts import Section, figure, known
from app.analyses.report.timeline import section_names
from app.kernel.html import numbers
from app.kernel.html.charts import TOP_PX, Block, Chart, Label, Rule, Table, level_scale, percent, times

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.analyses.document import Document
    from app.analyses.report.findings import Found
    from app.kernel.html.charts import LevelScale

PLOT_HEIGHT = 120
MOST_LU = 30
BAR_PX = 5
_NAMED_SHARE = 0.05


def structure_section(document: Document, found: Found) -> Section:
    """Make the section of structure."""
    part = section(document, "structure")
    parts = [row for row in rows(part, "sections") if number(row, "end_s")]
    contrast = number(part, "contrast_db")
    return Section(
        id="structure",
        title="Structure",
        say=_said(parts),
        refs=found.refs("structure"),
        figures=known(
            figure("Sections", float(len(parts)) if parts else None, decimals=0),
            figure("Contrast", contrast, "LU", sub="loudest over quietest section"),
        ),
        method="Borders lie on bars where the sound changes; a letter names sections that sound alike.",
        charts=(_chart(document, parts),) if parts else (),
    )


def _said(parts: Sequence[Document]) -> str:
    """Name the greatest step from one section to the next."""
    named = [
        (name, loudness)
        for name, row in zip(section_names(parts), parts, strict=True)
        if (loudness := number(row, "loudness_lufs")) is not None
    ]
    if len(named) < 2:
        return ""
    (before, quiet), (after, loud) = max(pairwise(named), key=lambda pair: abs(pair[1][1] - pair[0][1]))
    step = loud - quiet
    return f"The greatest step is {numbers.signed(step)} LU, from {before} to {after}."


def _chart(document: Document, parts: Sequence[Document]) -> Chart:
    duration_s = number(section(document, "file"), "duration_s") or number(parts[-1], "end_s") or 1.0
    levels = [number(row, "loudness_lufs") for row in parts]
    scale = level_scale(levels, PLOT_HEIGHT, most=MOST_LU)
    base = TOP_PX + PLOT_HEIGHT
    return Chart(
        id="structure-chart",
        title="Loudness of each section",
        description=", ".join(
            f"{name} {numbers.fixed(level)}" for name, level in zip(section_names(parts), levels, strict=True)
        )
        + " LUFS.",
        caption="Loudness of each section, LUFS",
        plot_height=PLOT_HEIGHT,
        height=base + 24,
        top=TOP_PX,
        base=base,
        levels=scale.lines("LUFS"),
        places=times(duration_s),
        curves=(),
        table=_table(document, parts),
        blocks=_bars(parts, duration_s, scale),
        rules=_steps(parts, duration_s, scale),
        labels=_labels(parts, duration_s, scale),
    )


def _span(row: Document, duration_s: float) -> tuple[float, float]:
    return (number(row, "start_s") or 0.0) / duration_s, min((number(row, "end_s") or 0.0) / duration_s, 1.0)


def _bars(parts: Sequence[Document], duration_s: float, scale: LevelScale) -> tuple[Block, ...]:
    blocks = []
    for row in parts:
        level, (start, end) = number(row, "loudness_lufs"), _span(row, duration_s)
        if level is not None:
            top = TOP_PX + scale.y(level) - BAR_PX / 2
            blocks.append(Block("bar", percent(start), percent(end - start), f"{top:.1f}", f"{BAR_PX}"))
    return tuple(blocks)


def _steps(parts: Sequence[Document], duration_s: float, scale: LevelScale) -> tuple[Rule, ...]:
    """Join neighbours, so that their steps are seen."""
    rules = []
    for before, after in pairwise(parts):
        one, other = number(before, "loudness_lufs"), number(after, "loudness_lufs")
        if one is not None and other is not None:
            x = percent(_span(after, duration_s)[0])
            rules.append(Rule("grid-2", x, x, f"{TOP_PX + scale.y(one):.1f}", f"{TOP_PX + scale.y(other):.1f}"))
    return tuple(rules)


def _labels(parts: Sequence[Document], duration_s: float, scale: LevelScale) -> tuple[Label, ...]:
    labels = []
    for name, row in zip(section_names(parts), parts, strict=True):
        level, (start, end) = number(row, "loudness_lufs"), _span(row, duration_s)
        if level is None or end - start < _NAMED_SHARE:
            continue
        y = TOP_PX + scale.y(level)
        is_high = y < TOP_PX + 24
        labels.append(
            Label(
                f"{name} {numbers.fixed(level)}" if end - start > 2 * _NAMED_SHARE else numbers.fixed(level),
                percent((start + end) / 2),
                f"{y + 18 if is_high else y - 7:.1f}",
                "val halo",
                short=numbers.fixed(level, 0),
            )
        )
    return tuple(labels)


def _table(document: Document, parts: Sequence[Document]) -> Table:
    downbeats = measured(section(document, "rhythm"), "downbeats_s")

    def row_of(name: str, row: Document) -> tuple[str, ...]:
        start, end = number(row, "start_s") or 0.0, number(row, "end_s") or 0.0
        bars = sum(start - 0.05 <= beat < end - 0.05 for beat in downbeats)
        return (
            name,
            numbers.clock(start),
            numbers.clock(end),
            f"{bars}" if downbeats else "none",
            numbers.fixed(number(row, "loudness_lufs")),
            numbers.fixed(number(row, "energy"), 2),
        )

    return Table(
        caption="Sections as a table",
        heads=("Section", "From", "To", "Bars", "Loudness, LUFS", "Energy, 0 to 1"),
        rows=tuple(row_of(name, row) for name, row in zip(section_names(parts), parts, strict=True)),
        reading="",
    )
