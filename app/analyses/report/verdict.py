"""What the report page shows of the verdict: scores, the first things to do, every finding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.analyses.document import number, rows, section, text
from app.kernel.html import numbers

if TYPE_CHECKING:
    from app.analyses.document import Document

WORDS = {"fix": "Fix", "check": "Check", "note": "Note"}
SCORES = ("technical", "stereo", "tone", "dynamics", "loudness", "arrangement")
FIRST = 3
RANGES_SHOWN = 4
WHOLE = 100


@dataclass(frozen=True, slots=True)
class Taken:
    """A piece that a finding takes out of a score's bar, in hundredths of its width."""

    start: int
    extent: int
    severity: str


@dataclass(frozen=True, slots=True)
class ScoreBar:
    """A score, drawn as 100 less its deductions."""

    name: str
    value: str
    solid: int
    taken: tuple[Taken, ...]
    note: str


@dataclass(frozen=True, slots=True)
class FindingCard:
    """A finding with what it rests on and what to do."""

    anchor: str
    severity: str
    word: str
    title: str
    cost: str
    evidence: str
    places: str
    why: str
    advice: tuple[str, ...]
    source: str
    source_address: str


@dataclass(frozen=True, slots=True)
class VerdictParts:
    """The verdict of one report."""

    total: str
    total_note: str
    scores: tuple[ScoreBar, ...]
    findings: tuple[FindingCard, ...]

    @property
    def first(self) -> tuple[FindingCard, ...]:
        """The findings to begin with."""
        return tuple(card for card in self.findings if card.severity != "note")[:FIRST]


def verdict_of(document: Document) -> VerdictParts | None:
    """Read the verdict out of a document, where it has one."""
    scores = section(document, "scores")
    if not scores:
        return None
    found = rows(document, "findings")
    severities = {text(finding, "id"): text(finding, "severity") for finding in found}
    total = section(scores, "total")
    return VerdictParts(
        total=_points(number(total, "value")),
        total_note=text(total, "note"),
        scores=tuple(_bar(name, section(scores, name), severities) for name in SCORES),
        findings=tuple(_card(finding) for finding in found),
    )


def _bar(name: str, score: Document, severities: dict[str, str]) -> ScoreBar:
    value = number(score, "value")
    start = solid = int(value) if value is not None else 0
    taken = []
    for deduction in rows(score, "deductions") if value is not None else ():
        points = int(number(deduction, "points") or 0)
        taken.append(Taken(start, points, severities.get(text(deduction, "finding"), "note")))
        start += points
    return ScoreBar(name.capitalize(), _points(value), solid, tuple(taken), text(score, "note"))


def _points(value: float | None) -> str:
    return "none" if value is None else f"{value:.0f}"


def _card(finding: Document) -> FindingCard:
    severity, points = text(finding, "severity"), number(finding, "points") or 0
    source = section(finding, "source")
    return FindingCard(
        anchor=f"finding-{text(finding, 'id').replace('.', '-')}",
        severity=severity,
        word=WORDS.get(severity, severity),
        title=text(finding, "title"),
        cost=f"{numbers.signed(-points, 0)}" if points else "",
        evidence=", ".join(filter(None, (_evidence(item) for item in rows(finding, "evidence")))),
        places=_places(rows(finding, "ranges")),
        why=text(finding, "why"),
        advice=tuple(text(item, "text") for item in rows(finding, "advice")),
        source=f"{text(source, 'title')}. {text(source, 'how')}".strip(". "),
        source_address=text(source, "address"),
    )


def _evidence(item: Document) -> str:
    """Write a value beside its limit, such as ``+1.9 dBTP, limit −1.0``."""
    value, limit, unit = item.get("value"), item.get("limit"), text(item, "unit")
    said = f"{_said(value)} {unit}".strip()
    return f"{said}, limit {_said(limit)}" if limit is not None else said


def _said(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return numbers.fixed(float(value), 0 if float(value).is_integer() and abs(value) >= WHOLE else 1)


def _places(ranges: list[Document]) -> str:
    """Name the first places by their times, and how many more there are."""
    shown = [
        f"{numbers.clock(number(place, 'start_s'))} to {numbers.clock(number(place, 'end_s'))}"
        for place in ranges[:RANGES_SHOWN]
    ]
    more = len(ranges) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")
