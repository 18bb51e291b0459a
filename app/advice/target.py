"""Targets: limits and corridors by stage, destination and genre, read from sourced TOML.

What is more particular wins: genre over destination over the base, and in each the stage over
what holds for both stages.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from math import log2
from pathlib import Path
from typing import Any

from app.advice.model import Grade, Severity, Source, Stage

FOLDER = Path(__file__).parent / "targets"
GENERAL = "general"
DEFAULT_DESTINATION = "streaming"


class UnknownTarget(ValueError):
    """No target has this name; the message lists those that do."""


@dataclass(frozen=True, slots=True)
class Breach:
    """A value beyond a limit [depth: 0 at the threshold of its severity, 1 a span beyond]."""

    limit: Limit
    value: float
    severity: Severity
    depth: float

    @property
    def is_free(self) -> bool:
        """Whether it costs nothing: told, not judged."""
        return self.limit.is_free and self.severity is Severity.NOTE


@dataclass(frozen=True, slots=True)
class Limit:
    """Thresholds of one quantity, from the mildest to the hardest; None where there is none.

    `is_lower` says that the value must not fall under them; `is_free` that a note costs nothing.
    """

    name: str
    unit: str
    is_lower: bool
    note: float | None
    check: float | None
    fix: float | None
    span: float
    is_free: bool
    source: Source

    @property
    def bound(self) -> float:
        """The first threshold that is crossed."""
        return next(level for level in (self.note, self.check, self.fix) if level is not None)

    def breach(self, value: float) -> Breach | None:
        """The hardest threshold that a value is beyond; None inside all of them."""
        for severity, threshold in ((Severity.FIX, self.fix), (Severity.CHECK, self.check), (Severity.NOTE, self.note)):
            if threshold is None:
                continue
            excess = threshold - value if self.is_lower else value - threshold
            if excess > 1e-9:
                return Breach(self, value, severity, excess / self.span)
        return None


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far the corridor reaches under and over its centre up to a frequency."""

    to_hz: float
    under_db: float
    over_db: float


@dataclass(frozen=True, slots=True)
class LearnedBand:
    """One third octave of a corridor that was learned from tracks."""

    centre_hz: float
    middle_db: float
    tolerance_db: float


@dataclass(frozen=True, slots=True)
class Corridor:
    """Third-octave levels that the long-term tone is compared with.

    The centre falls along a parabola over octaves: with o octaves over `pivot_hz` its level is
    slope * o - steepening / 2 * o squared. Bands that were learned stand in for it.
    """

    pivot_hz: float
    slope_db: float
    steepening_db: float
    from_hz: float
    to_hz: float
    tolerances: tuple[Tolerance, ...]
    source: Source
    learned: tuple[LearnedBand, ...] = ()

    def centre_db(self, frequency_hz: float) -> float:
        """Level of the centre against `pivot_hz`."""
        for band in self.learned:
            if band.centre_hz == frequency_hz:
                return band.middle_db
        octaves = log2(frequency_hz / self.pivot_hz)
        return self.slope_db * octaves - self.steepening_db / 2 * octaves**2

    def tolerance(self, frequency_hz: float) -> Tolerance:
        """The tolerance at a frequency inside the corridor."""
        for band in self.learned:
            if band.centre_hz == frequency_hz:
                return Tolerance(frequency_hz, band.tolerance_db, band.tolerance_db)
        return next(part for part in self.tolerances if frequency_hz <= part.to_hz)

    def judges(self, frequency_hz: float) -> bool:
        """Whether the corridor says anything here."""
        return self.from_hz <= frequency_hz <= self.to_hz


@dataclass(frozen=True, slots=True)
class Target:
    """A genre at a destination; `note` says which of its numbers are house proposals."""

    name: str
    title: str
    note: str
    genre: str
    destination: str
    limits: dict[Stage, dict[str, Limit]]
    corridor: Corridor

    def limit(self, name: str, stage: Stage) -> Limit:
        """A limit by its name."""
        return self.limits[stage][name]


def find_target(name: str) -> Target:
    """Return the target of a name: a genre, a destination, or both as `techno-club`.

    Raises
    ------
    UnknownTarget
        If there is none of that name.
    """
    genre, destination = _parts(name)
    return _target(genre, destination)


def is_target(name: str) -> bool:
    """Tell whether `find_target` knows a name."""
    try:
        _parts(name)
    except UnknownTarget:
        return False
    return True


def target_names() -> tuple[str, ...]:
    """Every name that `find_target` knows in its full form, in order; genres first."""
    genres, destinations = _table("genres"), _table("destinations")
    pairs = [f"{genre}-{destination}" for genre in genres for destination in destinations]
    return (*genres, *destinations, *pairs)


@dataclass(frozen=True, slots=True)
class Named:
    """A genre or a destination that can be chosen."""

    name: str
    title: str


def genres() -> tuple[Named, ...]:
    """Every genre, the general one first."""
    return tuple(Named(name, row["title"]) for name, row in _table("genres").items())


def destinations() -> tuple[Named, ...]:
    """Every destination, the usual one first."""
    return tuple(Named(name, row["title"]) for name, row in _table("destinations").items())


def genre_of(name: str) -> dict[str, Any]:
    """A genre's table; one without numbers of its own has those of the genre it is like."""
    row = _table("genres")[name]
    if "like" not in row:
        return dict(row)
    other = _table("genres")[row["like"]]
    return {**other, **row, "note": f"Judged as {other['title']}. {other['note']}"}


def _parts(name: str) -> tuple[str, str]:
    genres, destinations = _table("genres"), _table("destinations")
    if name in genres:
        return name, DEFAULT_DESTINATION
    if name in destinations:
        return GENERAL, name
    genre, _, destination = name.rpartition("-")
    if genre in genres and destination in destinations:
        return genre, destination
    raise UnknownTarget(f"No target is called {name!r}. There are: {', '.join(target_names())}.")


@cache
def _target(genre: str, destination: str) -> Target:
    genre_table, destination_table = genre_of(genre), _table("destinations")[destination]
    layers = (_table("base"), destination_table, genre_table)
    return Target(
        name=f"{genre}-{destination}",
        title=f"{genre_table['title']}, {destination_table['title']}",
        note=genre_table["note"],
        genre=genre,
        destination=destination,
        limits={stage: _limits(layers, stage) for stage in Stage},
        corridor=_corridor(_table("corridor"), genre_table.get("corridor")),
    )


def _limits(layers: tuple[dict[str, Any], ...], stage: Stage) -> dict[str, Limit]:
    rows: dict[str, dict[str, Any]] = {}
    for layer in layers:
        for part in ("both", stage.value):
            rows.update(layer.get(part, {}))
    return {name: _limit(name, row) for name, row in sorted(rows.items())}


def _limit(name: str, row: dict[str, Any]) -> Limit:
    return Limit(
        name=name,
        unit=row["unit"],
        is_lower=row.get("sense") == "least",
        note=_optional(row, "note"),
        check=_optional(row, "check"),
        fix=_optional(row, "fix"),
        span=float(row["span"]),
        is_free=row.get("free", False),
        source=_source(row),
    )


def _corridor(base: dict[str, Any], own: dict[str, Any] | None) -> Corridor:
    row = {**base, **(own or {})}
    return Corridor(
        pivot_hz=float(row["pivot_hz"]),
        slope_db=float(row["slope_db"]),
        steepening_db=float(row["steepening_db"]),
        from_hz=float(row["from_hz"]),
        to_hz=float(row["to_hz"]),
        tolerances=tuple(
            Tolerance(float(part["to_hz"]), float(part["under_db"]), float(part["over_db"]))
            for part in row["tolerances"]
        ),
        source=_source(row),
    )


def _source(row: dict[str, Any]) -> Source:
    """The source of a row; without one it is a house limit."""
    table = _table("sources")
    known = table[row.get("source", "house")]
    return Source(
        title=known["title"],
        address=known.get("address"),
        grade=Grade(known["grade"]),
        as_of=known["as_of"].isoformat(),
        how=row["how"],
    )


def _optional(row: dict[str, Any], name: str) -> float | None:
    return float(row[name]) if name in row else None


@cache
def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))


def table(name: str) -> dict[str, Any]:
    """One file of the folder, for the platforms and for tests; not to be changed."""
    return _table(name)
