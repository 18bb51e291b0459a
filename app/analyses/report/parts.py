"""The parts that a report page is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.kernel.html import numbers

if TYPE_CHECKING:
    from app.kernel.html.charts import Chart


@dataclass(frozen=True, slots=True)
class Figure:
    """A named figure with its unit; ``sub`` says how it is to be read."""

    name: str
    value: str
    unit: str = ""
    sub: str = ""
    is_measured: bool = True


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column."""

    label: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: text, or a small chart that the figures beside it repeat."""

    text: str = ""
    style: str = ""
    kind: str = ""
    """``bar`` from ``start`` over ``extent``, ``dot`` at ``start``; empty for text."""
    start: str = ""
    extent: str = ""
    zero: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its name and its cells."""

    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class FigureTable:
    """A short table that draws its chart in its cells."""

    caption: str
    heads: tuple[Head, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One numbered section of the report."""

    id: str
    title: str
    say: str
    """The finding in a sentence, under the heading."""
    figures: tuple[Figure, ...]
    method: str
    chart: Chart | None = None
    table: FigureTable | None = None
    is_broad: bool = False
    """Whether it takes the whole width where sections stand in two columns."""


@dataclass(frozen=True, slots=True)
class Note:
    """What could not be measured, and why."""

    subject: str
    reason: str


def figure(name: str, value: float | None, unit: str = "", decimals: int = 1, *, sub: str = "") -> Figure:
    """Make a figure of a number that may be missing."""
    if value is None:
        return Figure(name, numbers.UNMEASURED, is_measured=False)
    return Figure(name, numbers.fixed(value, decimals), unit, sub)


def known(*figures: Figure) -> tuple[Figure, ...]:
    """Keep the figures that were measured."""
    return tuple(item for item in figures if item.is_measured)
