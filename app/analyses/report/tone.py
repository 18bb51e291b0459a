"""Tonal balance: third octaves against the corridor of the target."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.advice.words import hertz
from app.analyses.document import measured, number, readings, rows, section, text
from app.analyses.report.parts import Cell, FigureTable, Head, Row, Section, figure, known, listed, signed
from app.kernel.html import numbers
from app.kernel.html.charts import (
    TOP_PX,
    WIDTH,
    Block,
    Chart,
    Curve,
    Label,
    Line,
    Table,
    between,
    beyond,
    level_scale,
    path_at,
    percent,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.analyses.document import Document
    from app.analyses.report.findings import Found
    from app.kernel.html.charts import LevelScale, Reading

PLOT_HEIGHT = 260
MOST_DB = 60
STRIP_PX = 24
_FLAG_PART, _FLAG_PX = 0.2, 14.0
"""How near flags may stand, across in parts of the chart, so that they are written in full."""
_OCTAVES_HZ = (31.5, 63, 125, 250, 500, 1000, 2000, 4000, 8000, 16000)
_HALF_BAND = 10**0.05
_SHORT_NAMES = {"low mids": "LM", "mids": "Mid", "high mids": "HM", "highs": "High", "sub": "Sub", "bass": "Bass"}


@dataclass(frozen=True, slots=True)
class Edge:
    """The corridor in one third octave, laid at the level of this mix."""

    centre_hz: float
    low_db: float
    high_db: float


@dataclass(frozen=True, slots=True)
class FrequencyScale:
    """Places of frequencies across a chart."""

    low_hz: float
    high_hz: float

    def part(self, frequency_hz: float) -> float:
        """Place a frequency, 0 to 1."""
        inside = min(max(frequency_hz, self.low_hz), self.high_hz)
        return math.log(inside / self.low_hz) / math.log(self.high_hz / self.low_hz)


def tone_section(document: Document, found: Found) -> Section:
    """Make the section of tone."""
    part = section(document, "spectrum")
    third = section(part, "third_octave")
    centres, levels = measured(third, "centre_hz"), readings(third, "level_db")
    edges = _corridor(document)
    is_drawn = len(centres) == len(levels) and any(level is not None for level in levels)
    said = _said(centres, levels, edges) if is_drawn else ""
    return Section(
        id="tone",
        title="Tonal balance",
        say=said,
        refs=found.refs("tone"),
        figures=known(
            signed("Slope", number(part, "tilt_db_per_octave"), "dB per octave"),
            figure("Bandwidth", _kilo(number(part, "bandwidth_hz")), "kHz"),
            signed("Sibilance", number(part, "sibilance_db"), "dB", sub="5 to 10 kHz over the body"),
            signed("Harshness", number(part, "harshness_db"), "dB", sub="2.5 to 5 kHz over the body"),
        ),
        method="Mean of half overlapped Hann windows; third octaves by IEC 61260-1, a full-scale sine at 0 dBFS. "
        "The corridor is laid at the level of this mix; it judges from 63 Hz to 10 kHz.",
        charts=(tone_chart(part, edges, found, said),) if is_drawn else (),
        tables=_shares(part),
    )


def tone_chart(part: Document, edges: Sequence[Edge], found: Found, said: str) -> Chart:
    """Draw the long-term spectrum, the corridor under it, and what leaves the corridor."""
    third = section(part, "third_octave")
    centres, levels = measured(third, "centre_hz"), readings(third, "level_db")
    across = FrequencyScale(min(centres) / _HALF_BAND, max(centres) * _HALF_BAND)
    scale = level_scale([*levels, *(edge.high_db for edge in edges)], PLOT_HEIGHT, most=MOST_DB)
    base = TOP_PX + PLOT_HEIGHT
    strips, names = _strips(part, across, base)
    return Chart(
        id="tone-chart",
        title="Spectrum in third octaves",
        description=said,
        caption="Level of each third octave, dBFS, over the whole track; hatched the corridor of the target"
        if edges
        else "Level of each third octave, dBFS, over the whole track",
        plot_height=PLOT_HEIGHT,
        height=base + 24 + (STRIP_PX if strips else 0),
        top=TOP_PX,
        base=base,
        levels=scale.lines("dBFS"),
        places=tuple(_octave(hz, across) for hz in _OCTAVES_HZ if across.low_hz < hz < across.high_hz),
        curves=_curves(centres, levels, edges, across, scale),
        table=_table(centres, levels, edges),
        blocks=strips,
        labels=(*names, *_flags(centres, levels, edges, across, scale, found)),
    )


def hertz_label(frequency_hz: float) -> str:
    """Name a frequency on an axis, such as ``63`` or ``16k``."""
    return f"{frequency_hz / 1000:g}k" if frequency_hz >= 1000 else f"{frequency_hz:g}"


def _kilo(value: float | None) -> float | None:
    return None if value is None else value / 1000


def _corridor(document: Document) -> tuple[Edge, ...]:
    given = rows(section(document, "target"), "corridor")
    found = [(number(row, "centre_hz"), number(row, "low_db"), number(row, "high_db")) for row in given]
    return tuple(
        Edge(centre, low, high)
        for centre, low, high in found
        if centre is not None and low is not None and high is not None
    )


def _excess(level: Reading, edge: Edge | None) -> float:
    """Distance over the upper edge, or, negative, under the lower one; 0 inside."""
    if level is None or edge is None:
        return 0.0
    return max(level - edge.high_db, 0.0) + min(level - edge.low_db, 0.0)


def _said(centres: Sequence[float], levels: Sequence[Reading], edges: Sequence[Edge]) -> str:
    """Name what leaves the corridor most, over it and under it."""
    if not edges:
        heard = [level for level in levels if level is not None]
        top = centres[levels.index(max(heard))]
        return f"The strongest third octave is {top:g} Hz, at {numbers.fixed(max(heard))} dBFS."
    by_centre = {edge.centre_hz: edge for edge in edges}
    out = [(_excess(level, by_centre.get(centre)), centre) for centre, level in zip(centres, levels, strict=True)]
    over, under = max(out), min(out)
    words = [
        f"{numbers.fixed(over[0])} dB over the corridor at {hertz(over[1])}" if over[0] > 0 else "",
        f"{numbers.fixed(-under[0])} dB under the corridor at {hertz(under[1])}" if under[0] < 0 else "",
    ]
    said = listed([word for word in words if word])
    return f"At most {said}." if said else "The mix runs inside the corridor."


def _curves(
    centres: Sequence[float],
    levels: Sequence[Reading],
    edges: Sequence[Edge],
    across: FrequencyScale,
    scale: LevelScale,
) -> tuple[Curve, ...]:
    mix = Curve("line", path_at([WIDTH * across.part(centre) for centre in centres], levels, scale))
    if not edges:
        return (mix,)
    known = dict(zip(centres, levels, strict=True))
    places = [WIDTH * across.part(edge.centre_hz) for edge in edges]
    lows, highs = [edge.low_db for edge in edges], [edge.high_db for edge in edges]
    inside = [known.get(edge.centre_hz) for edge in edges]
    band = between(places, lows, highs, scale)
    return (
        Curve("band", band),
        Curve("band-hatch", band),
        Curve("band-edge", path_at(places, highs, scale)),
        Curve("band-edge", path_at(places, lows, scale)),
        Curve("over", beyond(places, inside, highs, scale, is_over=True)),
        Curve("over", beyond(places, inside, lows, scale, is_over=False)),
        mix,
    )


def _flags(
    centres: Sequence[float],
    levels: Sequence[Reading],
    edges: Sequence[Edge],
    across: FrequencyScale,
    scale: LevelScale,
    found: Found,
) -> list[Label]:
    """Name each finding about the corridor at the band in which it goes furthest."""
    by_centre = {edge.centre_hz: edge for edge in edges}
    flags: list[tuple[float, float, Label]] = []
    for card in found.cards:
        place = next((fact for fact in card.facts if fact.path.startswith("spectrum.third_octave.level_db.")), None)
        index = int(place.path.rpartition(".")[2]) if place else -1
        if not 0 <= index < len(centres) or levels[index] is None or card.is_meant:
            continue
        excess = _excess(levels[index], by_centre.get(centres[index]))
        x, y = across.part(centres[index]), TOP_PX + scale.y(levels[index] or 0.0)
        y = max(y - 8, 12) if excess > 0 else y + 18
        said = f"{card.number} {numbers.signed(excess)} dB"
        label = Label(said, percent(min(max(x, 0.05), 0.95)), f"{y:.1f}", "flag halo", short=card.number)
        flags.append((x, y, label))
    # The number alone where a neighbour leaves no room for more; one at the same place is the flag itself.
    return [
        replace(label, text=label.short)
        if any(0 < abs(x - other) < _FLAG_PART and abs(y - height) < _FLAG_PX for other, height, _ in flags)
        else label
        for x, y, label in flags
    ]


def _octave(centre_hz: float, across: FrequencyScale) -> Line:
    label = "31" if centre_hz == _OCTAVES_HZ[0] else hertz_label(centre_hz)
    return Line(at=percent(across.part(centre_hz)), label=label)


def _strips(part: Document, across: FrequencyScale, base: int) -> tuple[tuple[Block, ...], list[Label]]:
    """Draw the producer's bands under the frequencies."""
    blocks, names = [], []
    for index, row in enumerate(rows(part, "bands")):
        low, high = number(row, "low_hz") or 0.0, number(row, "high_hz") or 0.0
        if low >= high:
            continue
        start, end = across.part(low), across.part(high)
        style = "sect sect-alt" if index % 2 else "sect"
        blocks.append(Block(style, percent(start), percent(end - start), f"{base + 24}", "20"))
        name = text(row, "name").capitalize()
        short = _SHORT_NAMES.get(text(row, "name").lower(), name)
        names.append(Label(name, percent((start + end) / 2), f"{base + 38}", "tick", short=short))
    return tuple(blocks), names


def _table(centres: Sequence[float], levels: Sequence[Reading], edges: Sequence[Edge]) -> Table:
    by_centre = {edge.centre_hz: edge for edge in edges}

    def cells(centre_hz: float, level: Reading) -> tuple[str, ...]:
        edge = by_centre.get(centre_hz)
        mix = "none" if level is None else numbers.fixed(level)
        if not edges:
            return f"{centre_hz:g}", mix
        low, high = (numbers.fixed(edge.low_db), numbers.fixed(edge.high_db)) if edge else ("none", "none")
        return f"{centre_hz:g}", mix, low, high

    corridor = ("Corridor low, dBFS", "Corridor high, dBFS") if edges else ()
    return Table(
        caption="Spectrum as a table",
        heads=("Centre, Hz", "Level, dBFS", *corridor),
        rows=tuple(cells(centre, level) for centre, level in zip(centres, levels, strict=True)),
        reading="band",
    )


def edges_of(row: Document) -> str:
    """Write the frequencies of a band."""
    return f"{number(row, 'low_hz') or 0:g} to {number(row, 'high_hz') or 0:g}"


def _shares(part: Document) -> tuple[FigureTable, ...]:
    """Tell how the energy is shared among the producer's bands."""
    bands = [row for row in rows(part, "bands") if number(row, "share") is not None]
    if not bands:
        return ()
    heads = (
        Head("Band"),
        Head("Hz", "hide-n"),
        Head("Share, 0 to 100 %", "w-chart"),
        Head("Level, dBFS", "num"),
        Head("Share, %", "num"),
    )
    made = tuple(Row(text(row, "name").capitalize(), _share_cells(row)) for row in bands)
    return (FigureTable("Share of the energy by band", heads, made),)


def _share_cells(row: Document) -> tuple[Cell, ...]:
    share = number(row, "share") or 0.0
    return (
        Cell(edges_of(row), "nowrap hide-n"),
        Cell(kind="bar", start="0%", extent=percent(share), zero="0%"),
        Cell(numbers.fixed(number(row, "level_db")), "num"),
        Cell(numbers.fixed(100 * share), "num"),
    )
