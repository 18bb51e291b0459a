"""Dynamics: what the limiter left, over time and in figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.analyses.document import number, readings, rows, section
from app.analyses.report.loudness import cell
from app.analyses.report.parts import Figure, Section, figure, known
from app.analyses.report.timeline import section_rules
from app.kernel.html import numbers
from app.kernel.html.charts import (
    TOP_PX,
    WIDTH,
    Chart,
    Curve,
    Label,
    LevelScale,
    Table,
    across,
    beyond,
    path,
    times,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.analyses.document import Document
    from app.analyses.report.findings import Found
    from app.analyses.report.limits import Limits
    from app.kernel.html.charts import Reading

PLOT_HEIGHT = 150
MOST_POINTS = 300
MOST_ROWS = 75
HIGHEST_DB = 24


def dynamics_section(document: Document, limits: Limits, found: Found) -> Section:
    """Make the section of dynamics."""
    part, loudness = section(document, "dynamics"), section(document, "loudness")
    least, plr = number(loudness, "psr_min_db"), number(loudness, "plr_db")
    return Section(
        id="dynamics",
        title="Dynamics",
        say=_said(least, limits.bound("psr_min_db"), plr),
        refs=found.refs("dynamics", "clipping"),
        figures=known(
            figure("Crest factor", number(part, "crest_db"), "dB"),
            figure("Peak to loudness", plr, "dB"),
            figure("Peak to short-term, least", least, "dB"),
            figure("DR", number(part, "dr"), decimals=0),
            figure("Transients", number(part, "transients_per_s"), "a second"),
            figure("Clipped runs", number(section(part, "clipping"), "runs"), decimals=0),
            _overs(part),
            figure("Noise floor", number(part, "noise_floor_dbfs"), "dBFS"),
        ),
        method="True peak of the last 3 s over their short-term loudness (AES e-brief 373); true peak by "
        "oversampling, ITU-R BS.1770-5 Annex 2.",
        charts=_charts(document, limits, found),
    )


def _overs(part: Document) -> Figure:
    """Count the stretches in which the wave passes full scale between samples."""
    overs = part.get("inter_sample_overs")
    return figure("Inter-sample overs", float(len(overs)) if isinstance(overs, list) else None, decimals=0)


def _said(least: float | None, limit: float | None, plr: float | None) -> str:
    if least is None:
        return f"True peak stands {numbers.fixed(plr)} dB above integrated loudness." if plr is not None else ""
    kept = f"The loudest part keeps {numbers.fixed(least)} dB of peak over loudness"
    return f"{kept}; the target asks for {numbers.fixed(limit)} dB." if limit is not None else f"{kept}."


def _least_of(values: Sequence[Reading], most: int) -> list[Reading]:
    """Keep the least reading of each stretch, so that no tight moment is lost."""
    count = min(most, len(values))
    stretches = (values[index * len(values) // count : (index + 1) * len(values) // count] for index in range(count))
    heard = ([value for value in stretch if value is not None] for stretch in stretches)
    return [min(known) if known else None for known in heard]


def _charts(document: Document, limits: Limits, found: Found) -> tuple[Chart, ...]:
    line = section(section(document, "loudness"), "timeline")
    step_s, ratios = number(line, "step_s"), readings(line, "psr_db")
    heard = [value for value in ratios if value is not None]
    if not step_s or not heard:
        return ()
    limit = limits.bound("psr_min_db")
    highest = min(max(*heard, limit or 0.0), HIGHEST_DB)
    step_db = 4 if highest <= 16 else 8
    scale = LevelScale(0.0, max(step_db * -(-highest // step_db), 8.0), PLOT_HEIGHT, step_db)
    drawn = _least_of(ratios, MOST_POINTS)
    when = numbers.clock((ratios.index(min(heard)) + 1) * step_s)
    base, duration_s = TOP_PX + PLOT_HEIGHT, len(ratios) * step_s
    curves = [Curve("line", path(drawn, scale))]
    if limit is not None:
        places = [WIDTH * index / max(len(drawn) - 1, 1) for index in range(len(drawn))]
        curves.insert(0, Curve("over", beyond(places, drawn, [limit] * len(drawn), scale, is_over=False)))
    chart = Chart(
        id="dynamics-chart",
        title="Peak over short-term loudness",
        description=f"The ratio is least at {when}, {numbers.fixed(min(heard))} dB.",
        caption="True peak over short-term loudness, dB, the least of each stretch",
        plot_height=PLOT_HEIGHT,
        height=base + 24,
        top=TOP_PX,
        base=base,
        levels=scale.lines("dB"),
        places=times(duration_s),
        curves=tuple(curves),
        table=_table(ratios, step_s),
        rules=(
            *section_rules(rows(section(document, "structure"), "sections"), duration_s, base),
            *((across(limit, scale, "limit"),) if limit is not None else ()),
        ),
        labels=_labels(limit, scale, found),
    )
    return (chart,)


def _labels(limit: float | None, scale: LevelScale, found: Found) -> tuple[Label, ...]:
    if limit is None:
        return ()
    numbers_ = ", ".join(ref.number for ref in found.refs("dynamics.limited-part"))
    text = f"Limit {numbers.fixed(limit)} dB{f', {numbers_}' if numbers_ else ''}"
    return (Label(text, "99.5%", f"{TOP_PX + scale.y(limit) + 15:.1f}", "note halo", "end"),)


def _table(ratios: Sequence[Reading], step_s: float) -> Table:
    many = min(MOST_ROWS, len(ratios))
    picked = [int((index + 0.5) * len(ratios) / many) for index in range(many)]
    return Table(
        caption="Peak over loudness as a table",
        heads=("Time", "Peak over short-term, dB"),
        rows=tuple((numbers.clock((index + 1) * step_s), cell(ratios[index])) for index in picked),
        reading="time",
    )
