"""Limits of the chosen target, as the document names them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.analyses.document import number, rows, section, text
from app.kernel.html import numbers

if TYPE_CHECKING:
    from app.analyses.document import Document

_KINDS = ("note", "check", "fix")


@dataclass(frozen=True, slots=True)
class Limits:
    """The first threshold of each quantity; none where the target has none."""

    bounds: dict[str, float]

    def bound(self, name: str) -> float | None:
        """Return the threshold that is crossed first."""
        return self.bounds.get(name)

    def range_of(self, low: str, high: str) -> str:
        """Write what the target expects of a quantity, such as ``target −18.0 to −6.0``."""
        least, most = self.bound(low), self.bound(high)
        if least is not None and most is not None:
            return f"target {numbers.fixed(least)} to {numbers.fixed(most)}"
        if least is not None:
            return f"at least {numbers.fixed(least)}"
        return f"at most {numbers.fixed(most)}" if most is not None else ""


def limits_of(document: Document) -> Limits:
    """Read the limits that a document was judged by; there are none in one that was not."""
    bounds = {}
    for row in rows(section(document, "target"), "limits"):
        levels = [level for kind in _KINDS if (level := number(row, kind)) is not None]
        if levels:
            bounds[text(row, "name")] = levels[0]
    return Limits(bounds)
