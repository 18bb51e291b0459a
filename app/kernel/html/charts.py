"""Charts as figures before they are drawn: scales, ticks, thinned curves and their tables.

Pure geometry. Across, everything is in percent of the plot or in the inner viewBox of
``WIDTH`` units; down, in pixels, so that type keeps its size at every width.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.kernel.html import numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Reading = float | None

WIDTH = 1000
TOP_PX = 10
_STEPS_DB = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30)
_STEPS_S = (5, 10, 15, 30, 60, 120, 300, 600)
_MOST_LINES = 5
_MOST_TIMES = 12
_NAME_PX = 20
_NAME_PART = 0.08
_NAME_PLACES = (0.9, 0.1, 0.5, 0.3, 0.7, 0.2, 0.8, 0.4, 0.6)


@dataclass(frozen=True, slots=True)
class Line:
    """A grid line with its label: ``at`` is in pixels for levels and in percent across."""

    at: str
    label: str
    is_base: bool = False
    is_wide_only: bool = False
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Curve:
    """One line of a chart, as a path in the inner viewBox."""

    style: str
    path: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line across the plot: a limit, a whole, a border."""

    style: str
    x1: str
    x2: str
    y1: str
    y2: str


@dataclass(frozen=True, slots=True)
class Block:
    """A box in the plot or under it: across in percent, down in pixels."""

    style: str
    start: str
    extent: str
    top: str
    height: str


@dataclass(frozen=True, slots=True)
class Label:
    """A word in a chart; `short` stands in for it where the figure is narrow."""

    text: str
    x: str
    y: str
    style: str
    anchor: str = "middle"
    short: str = ""
    is_wide_only: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """The same values as a table; the first cell of a row names it."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    reading: str
    """How a place in the chart finds its row: ``time`` or ``band``."""


@dataclass(frozen=True, slots=True)
class Chart:
    """All that the chart template draws."""

    id: str
    title: str
    description: str
    caption: str
    plot_height: int
    height: int
    top: int
    base: int
    levels: tuple[Line, ...]
    places: tuple[Line, ...]
    curves: tuple[Curve, ...]
    table: Table
    blocks: tuple[Block, ...] = ()
    """Under the curves."""
    rules: tuple[Rule, ...] = ()
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True)
class LevelScale:
    """A scale of levels, loud above, that begins and ends on a grid line."""

    low: float
    high: float
    height: int
    step: int
    """Distance of the grid lines."""

    def y(self, value: float) -> float:
        """Place a level in the plot, in pixels from its top; what is outside goes to the edge."""
        inside = min(max(value, self.low), self.high)
        return (self.high - inside) / (self.high - self.low) * self.height

    def lines(self, unit: str) -> tuple[Line, ...]:
        """Draw the grid, the unit only at the uppermost line."""
        count = round((self.high - self.low) / self.step)
        values = [self.high - self.step * index for index in range(count + 1)]
        return tuple(
            Line(
                at=f"{TOP_PX + self.y(value):.1f}",
                label=numbers.fixed(value, 0) + ("" if index else f" {unit}"),
                is_base=index == count,
            )
            for index, value in enumerate(values)
        )


def level_scale(values: Iterable[Reading], height: int, *, most: float) -> LevelScale:
    """Make a scale of at most five lines, with at most so many decibels below the loudest value."""
    known = [value for value in values if value is not None]
    loudest, quietest = (max(known), min(known)) if known else (0.0, -most)
    for step in _STEPS_DB:
        high = math.ceil(loudest / step) * step
        low = math.floor(max(quietest, loudest - most) / step) * step
        if high - low <= (_MOST_LINES - 1) * step:
            break
    return LevelScale(min(low, high - 2 * step), high, height, step)


def _step(least: float, steps: Sequence[int]) -> int:
    return next((step for step in steps if step >= least), steps[-1])


def percent(part: float) -> str:
    """Write a part of the whole, 0 to 1, as a percentage for SVG."""
    return f"{100 * part:.2f}".rstrip("0").rstrip(".") + "%"


def times(duration_s: float) -> tuple[Line, ...]:
    """Choose round moments along a track; every second one only where there is room."""
    step = _step(duration_s / _MOST_TIMES, _STEPS_S)
    count = int(duration_s / step)
    marks = [step * index for index in range(count + 1) if step * index <= duration_s * 0.985]
    return tuple(
        Line(
            at=percent(mark / duration_s),
            label=numbers.clock(mark),
            is_wide_only=index % 2 == 1,
            anchor="middle" if index else "start",
        )
        for index, mark in enumerate(marks)
    )


def thin(values: Sequence[Reading], most: int) -> list[Reading]:
    """Keep at most so many readings, the one in the middle of each stretch."""
    if len(values) <= most:
        return list(values)
    return [values[int((index + 0.5) * len(values) / most)] for index in range(most)]


def thin_extremes(values: Sequence[Reading], most: int) -> list[Reading]:
    """Keep the least and the greatest of each stretch, so that no peak is lost."""
    if len(values) <= most:
        return list(values)
    kept: list[Reading] = []
    stretches = most // 2
    for index in range(stretches):
        part = values[index * len(values) // stretches : (index + 1) * len(values) // stretches]
        known = [value for value in part if value is not None]
        pair = [min(known), max(known)] if known else [None, None]
        is_falling = bool(known) and part.index(pair[0]) > part.index(pair[1])
        kept += reversed(pair) if is_falling else pair
    return kept


def path(values: Sequence[Reading], scale: LevelScale) -> str:
    """Draw readings evenly from edge to edge; a missing one breaks the line."""
    last = max(len(values) - 1, 1)
    return path_at([WIDTH * index / last for index in range(len(values))], values, scale)


def path_at(places: Sequence[float], values: Sequence[Reading], scale: LevelScale) -> str:
    """Draw readings at given places of the inner viewBox; a missing one breaks the line."""
    drawn: list[str] = []
    is_joined = False
    for x, value in zip(places, values, strict=True):
        if value is not None:
            drawn.append(f"{'L' if is_joined else 'M'}{_point(x, scale.y(value))}")
        is_joined = value is not None
    return "".join(drawn)


def _point(x: float, y_px: float) -> str:
    """Write a point: a thousandth of the plot across, a tenth of a pixel down."""
    return f"{x:.0f} {y_px:.1f}".removesuffix(".0")


def quiet_place(values: Sequence[Reading], level: float, scale: LevelScale) -> str:
    """Find where a name above a level is least crossed by a curve."""
    top, bottom = scale.y(level) - _NAME_PX, scale.y(level)

    def room(middle: float) -> float:
        window = values[int((middle - _NAME_PART) * len(values)) : int((middle + _NAME_PART) * len(values)) + 1]
        heights = [scale.y(value) for value in window if value is not None]
        return min((max(top - height, height - bottom) for height in heights), default=scale.height)

    return percent(max(_NAME_PLACES, key=room))


def beyond(
    places: Sequence[float], values: Sequence[Reading], edges: Sequence[Reading], scale: LevelScale, *, is_over: bool
) -> str:
    """Draw the areas in which readings leave an edge, from edge to curve, cut where the lines cross."""
    drawn: list[str] = []
    area: list[tuple[float, float, float]] = []
    for x, value, edge in _with_crossings(places, values, edges):
        if value is not None and edge is not None and (value >= edge if is_over else value <= edge):
            area.append((x, value, edge))
        else:
            drawn.append(_area(area, scale))
            area = []
    return "".join((*drawn, _area(area, scale)))


def _with_crossings(
    places: Sequence[float], values: Sequence[Reading], edges: Sequence[Reading]
) -> list[tuple[float, Reading, Reading]]:
    """Add the points in which two broken lines cross."""
    points: list[tuple[float, Reading, Reading]] = []
    for x, value, edge in zip(places, values, edges, strict=True):
        if points and value is not None and edge is not None:
            before, last_value, last_edge = points[-1]
            if last_value is not None and last_edge is not None and (last_value - last_edge) * (value - edge) < 0:
                part = (last_value - last_edge) / ((last_value - last_edge) - (value - edge))
                level = last_edge + part * (edge - last_edge)
                points.append((before + part * (x - before), level, level))
        points.append((x, value, edge))
    return points


def _area(points: list[tuple[float, float, float]], scale: LevelScale) -> str:
    if len(points) < 2 or all(value == edge for _, value, edge in points):
        return ""
    forth = [_point(x, scale.y(value)) for x, value, _ in points]
    back = [_point(x, scale.y(edge)) for x, _, edge in reversed(points)]
    return f"M{'L'.join((*forth, *back))}Z"


def between(places: Sequence[float], lows: Sequence[float], highs: Sequence[float], scale: LevelScale) -> str:
    """Draw the area between two lines."""
    return _area(list(zip(places, highs, lows, strict=True)), scale)


def across(level: float, scale: LevelScale, style: str) -> Rule:
    """Draw a level from edge to edge."""
    y = f"{TOP_PX + scale.y(level):.1f}"
    return Rule(style, "0", "100%", y, y)


def place(value: float, low: float, high: float) -> str:
    """Place a value on a scale of a small chart in a cell, as a percentage."""
    return percent((min(max(value, low), high) - low) / (high - low))
