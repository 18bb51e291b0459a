"""Reading the report's JSON document without trusting that anything is there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.kernel.html.numbers import is_measured

Document = Mapping[str, Any]


def section(document: Document, name: str) -> Document:
    """Return a section, an empty one where it is null or missing."""
    value = document.get(name)
    return value if isinstance(value, Mapping) else {}


def number(part: Document, name: str) -> float | None:
    """Return a figure, or none where it is not measured."""
    value = part.get(name)
    return float(value) if is_measured(value) and value is not None else None


def text(part: Document, name: str) -> str:
    """Return a word, or an empty one."""
    value = part.get(name)
    return value if isinstance(value, str) else ""


def rows(part: Document, name: str) -> list[Document]:
    """Return a list of objects, leaving out what is none."""
    value = part.get(name)
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list | tuple) else []


def readings(part: Document, name: str) -> list[float | None]:
    """Return a list of figures in which some may be missing."""
    value = part.get(name)
    return [float(item) if is_measured(item) else None for item in value] if isinstance(value, list) else []


def measured(part: Document, name: str) -> list[float]:
    """Return a list of figures without the missing ones."""
    return [value for value in readings(part, name) if value is not None]
