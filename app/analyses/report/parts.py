"""The parts that a report page is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.kernel.html import numbers

if TYPE_CHECKING:
    from app.analyses.report.timeline import Timeline
    from app.analyses.report.wheel import Wheel
    from app.kernel.html.charts import Chart


@dataclass(frozen=True, slots=True)
class Ref:
    """A link to a finding, by the number that it has on this page."""

    number: str
    anchor: str
    title: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A named figure with its unit; ``sub`` says how it is to be read."""

    name: str
    value: str
    unit: str = ""
    sub: str = ""
    is_measured: bool = True
    is_over: bool = False
    """Whether it stands beyond its limit."""
    refs: tuple[Ref, ...] = ()


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
    limit: str = ""
    """Where a dashed limit stands; none where it is empty."""
    is_over: bool = False
    refs: tuple[Ref, ...] = ()


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
    method: str
    figures: tuple[Figure, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[FigureTable, ...] = ()
    refs: tuple[Ref, ...] = ()
    """The findings that the sentence is about."""
    timeline: Timeline | None = None
    wheel: Wheel | None = None
    is_stacked: bool = False
    """Whether its table stands over its charts instead of beside them."""
    is_broad: bool = False
    """Whether it takes the whole width where sections stand in two columns."""

    @property
    def has_content(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.figures or self.charts or self.tables or self.timeline)


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


def signed(name: str, value: float | None, unit: str = "", decimals: int = 1, *, sub: str = "") -> Figure:
    """Make a figure with its sign of a number that may be missing."""
    plain = figure(name, value, unit, decimals, sub=sub)
    return Figure(name, numbers.signed(value, decimals), unit, sub) if plain.is_measured else plain


def word(name: str, value: str, unit: str = "", sub: str = "") -> Figure:
    """Make a figure of a word that may be missing."""
    return Figure(name, value, unit, sub, is_measured=bool(value))


def known(*figures: Figure) -> tuple[Figure, ...]:
    """Keep the figures that were measured."""
    return tuple(item for item in figures if item.is_measured)


def listed(words: list[str]) -> str:
    """Write a list as a sentence has it: ``a, b and c``."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
