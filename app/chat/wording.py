"""Findings and frequencies of a report in words."""

from __future__ import annotations

from math import log2
from typing import TYPE_CHECKING

from app.analyses.document import number, readings, rows, section, text
from app.analyses.report.evidence import said
from app.kernel.html import numbers

if TYPE_CHECKING:
    from app.analyses.document import Document

MOST_FIGURES = 3
NEAR_OCTAVES = 0.4
"""Somebody who says "around 400" means a third octave and its neighbours."""


def written(value: float, unit: str, decimals: int) -> str:
    """Write a figure with its unit, as the report page does."""
    if unit == "Hz" and value >= 1000:
        return f"{value / 1000:.4g} kHz"
    if unit == "s" and value >= 60:
        return f"{numbers.clock(value)}, which is {value:.1f} s"
    return f"{numbers.fixed(value, decimals)} {unit}".strip()


def finding_text(row: Document, *, with_why: bool = False) -> str:
    """Write a finding with its figures, its places, on demand its reason, and what to do."""
    evidence = ", ".join(
        said(item["value"], text(item, "unit"))
        + (f" (limit {said(item['limit'], text(item, 'unit'))})" if number(item, "limit") is not None else "")
        for item in rows(row, "evidence")
        if number(item, "value") is not None
    )
    places = ", ".join(numbers.clock(number(place, "start_s")) for place in rows(row, "ranges")[:MOST_FIGURES])
    parts = [f"**{text(row, 'title')}**" + (f": {evidence}." if evidence else ".")]
    parts += [f"At {places}."] if places else []
    parts += [text(row, "why")] if with_why else []
    parts += [text(advice, "text") for advice in rows(row, "advice")[:2]]
    return " ".join(parts)


def at_frequency(hertz: float, document: Document) -> list[str]:
    """Say what the report has about a frequency: the nearest finding, else the level of its third octave."""
    found = [(_octaves(hertz, here), row) for row in rows(document, "findings") if (here := _place_hz(row)) is not None]
    near = [(distance, index, row) for index, (distance, row) in enumerate(found) if distance <= NEAR_OCTAVES]
    if near:
        return [finding_text(min(near)[2])]
    third = section(section(document, "spectrum"), "third_octave")
    levels = list(zip(readings(third, "centre_hz"), readings(third, "level_db"), strict=False))
    bands = [(_octaves(hertz, centre), centre, level) for centre, level in levels if centre and level is not None]
    if not bands:
        return []
    _, centre, level = min(bands)
    return [
        f"The third octave at {written(centre, 'Hz', 0)} stands at {numbers.fixed(level)} dBFS; no finding is near."
    ]


def _place_hz(row: Document) -> float | None:
    """Return the frequency that a finding is about, which is where its advice sets an equaliser."""
    for advice in rows(row, "advice"):
        for setting in rows(advice, "settings"):
            if text(setting, "name") == "frequency":
                return number(setting, "value")
    return None


def _octaves(one_hz: float, other_hz: float) -> float:
    return abs(log2(one_hz / other_hz))
