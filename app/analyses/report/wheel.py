"""The Camelot wheel: the key, and the keys that mix with it."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, sin

HOURS = 12
MIDDLE = 120.0
_RINGS = {"A": (44.0, 78.0), "B": (80.0, 114.0)}
_GAP = 0.012
"""Half of the gap between neighbours, in turns."""


@dataclass(frozen=True, slots=True)
class Sector:
    """One key of the wheel."""

    name: str
    path: str
    x: str
    y: str
    style: str
    """``key``, ``near`` or ``off``."""


@dataclass(frozen=True, slots=True)
class Wheel:
    """All that the wheel's template draws."""

    key: str
    sub: str
    description: str
    sectors: tuple[Sector, ...]


def neighbours(camelot: str) -> tuple[str, ...]:
    """Name the keys that mix with one: a step around either way, and the other ring.

    Empty for what is no place on the wheel.
    """
    hour, ring = camelot[:-1], camelot[-1:]
    if not hour.isdigit() or not 1 <= int(hour) <= HOURS or ring not in _RINGS:
        return ()
    before, after = (int(hour) - 2) % HOURS + 1, int(hour) % HOURS + 1
    return f"{before}{ring}", f"{after}{ring}", f"{hour}{'B' if ring == 'A' else 'A'}"


def wheel_of(key: str, camelot: str, sub: str) -> Wheel | None:
    """Draw the wheel around a key; none for a key without a place on it."""
    near = neighbours(camelot)
    if not near:
        return None
    sectors = tuple(
        _sector(hour, ring, "key" if f"{hour}{ring}" == camelot else "near" if f"{hour}{ring}" in near else "off")
        for hour in range(1, HOURS + 1)
        for ring in _RINGS
    )
    said = f"The key is {key}, {camelot}. Neighbours that mix: {near[0]}, {near[1]} and {near[2]}."
    return Wheel(key, sub, said, sectors)


def _sector(hour: int, ring: str, style: str) -> Sector:
    inner, outer = _RINGS[ring]
    start, end = (hour - 0.5) / HOURS + _GAP / 2, (hour + 0.5) / HOURS - _GAP / 2
    corners = (_point(inner, start), _point(outer, start), _point(outer, end), _point(inner, end))
    (a, b, c, d) = (f"{x:.1f} {y:.1f}" for x, y in corners)
    path = f"M{a}L{b}A{outer:g} {outer:g} 0 0 1 {c}L{d}A{inner:g} {inner:g} 0 0 0 {a}Z"
    x, y = _point((inner + outer) / 2, hour / HOURS)
    return Sector(f"{hour}{ring}", path, f"{x:.1f}", f"{y + 4:.1f}", style)


def _point(radius: float, turn: float) -> tuple[float, float]:
    """Place a point by its turn from twelve o'clock."""
    return MIDDLE + radius * sin(2 * pi * turn), MIDDLE - radius * cos(2 * pi * turn)
