"""Reading the report's document by path, without trusting that anything is there.

Advice works on the decoded JSON, not on the engine's dataclasses: a stored report can then be
judged again by a later version that knows more fields than it has, and every evidence path is
the very path that was read.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

from app.advice.model import Range

Document = Mapping[str, Any]

MOST_RANGES = 50


def value_at(document: Document, path: str) -> Any:
    """Return what stands at a dotted path, lists by number; None where something is missing."""
    value: Any = document
    for name in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(name)
        elif isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return value


def number_at(document: Document, path: str) -> float | None:
    """Return a figure; None for anything else."""
    value = value_at(document, path)
    return float(value) if is_number(value) else None


def text_at(document: Document, path: str) -> str | None:
    """Return a word; None for anything else."""
    value = value_at(document, path)
    return value if isinstance(value, str) else None


def rows_at(document: Document, path: str) -> list[Document]:
    """Return a list of objects, leaving out what is none."""
    value = value_at(document, path)
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []


def line_at(document: Document, path: str) -> list[float | None]:
    """Return a list of figures in which some may be missing."""
    value = value_at(document, path)
    return [float(item) if is_number(item) else None for item in value] if isinstance(value, list) else []


def ranges_at(document: Document, path: str) -> tuple[Range, ...]:
    """Return stretches of the file."""
    return spans(rows_at(document, path))


def spans(rows: list[Document]) -> tuple[Range, ...]:
    """Turn rows with a start and an end into stretches."""
    pairs = [(number_at(row, "start_s"), number_at(row, "end_s")) for row in rows]
    return limited([Range(start, end) for start, end in pairs if start is not None and end is not None])


def limited(ranges: list[Range]) -> tuple[Range, ...]:
    """Keep the longest stretches, in the order of time."""
    longest = sorted(ranges, key=lambda span: (span.start_s - span.end_s, span.start_s))[:MOST_RANGES]
    return tuple(sorted(longest, key=lambda span: (span.start_s, span.end_s)))


def stretches(flags: list[bool], step_s: float, *, join_s: float = 0.0) -> tuple[Range, ...]:
    """Turn flags, one every `step_s`, into stretches, joining those with a short gap between."""
    found: list[Range] = []
    for place, flag in enumerate(flags):
        if not flag:
            continue
        start_s, end_s = round(place * step_s, 3), round((place + 1) * step_s, 3)
        if found and start_s - found[-1].end_s <= join_s + 1e-9:
            found[-1] = Range(found[-1].start_s, end_s)
        else:
            found.append(Range(start_s, end_s))
    return limited(found)


def is_number(value: Any) -> bool:
    """Whether a value is a finite figure (a truth value is none)."""
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
