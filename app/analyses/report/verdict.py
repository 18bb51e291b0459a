"""The first screen of the verdict: scores as 100 less deductions, and what to do first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.analyses.document import number, rows, section, text

if TYPE_CHECKING:
    from app.analyses.document import Document
    from app.analyses.report.findings import FindingCard, Found

SCORES = ("technical", "stereo", "tone", "dynamics", "loudness", "arrangement")
FIRST = 3


@dataclass(frozen=True, slots=True)
class Taken:
    """A piece that a finding takes out of a score's bar, in hundredths of its width."""

    start: int
    extent: int
    card: FindingCard


@dataclass(frozen=True, slots=True)
class ScoreBar:
    """A score, drawn as 100 less its deductions."""

    name: str
    value: str
    solid: int
    taken: tuple[Taken, ...]
    meant: tuple[FindingCard, ...]
    """Findings of this score that their owner meant: told, and not deducted."""
    note: str


@dataclass(frozen=True, slots=True)
class Todo:
    """One of the first things to do, and what its score would gain."""

    card: FindingCard
    gain: str


@dataclass(frozen=True, slots=True)
class VerdictParts:
    """The verdict of one report."""

    total: str
    total_note: str
    scores: tuple[ScoreBar, ...]
    first: tuple[Todo, ...]
    count: str
    """How many of each severity, in words."""


def verdict_of(document: Document, found: Found) -> VerdictParts | None:
    """Read the verdict out of a document, where it has one."""
    scores = section(document, "scores")
    if not scores:
        return None
    total = section(scores, "total")
    bars = tuple(_bar(name, section(scores, name), found) for name in SCORES)
    return VerdictParts(
        total=_points(number(total, "value")),
        total_note=text(total, "note"),
        scores=bars,
        first=tuple(Todo(card, _gain(card, bars)) for card in found.counting() if card.severity != "note")[:FIRST],
        count=counted(found.counting()),
    )


def counted(cards: tuple[FindingCard, ...]) -> str:
    """Count findings in words, such as ``1 to fix, 3 to check, 2 notes``."""
    many = {name: sum(card.severity == name for card in cards) for name in ("fix", "check", "note")}
    words = (
        f"{many['fix']} to fix" if many["fix"] else "",
        f"{many['check']} to check" if many["check"] else "",
        f"{many['note']} {'note' if many['note'] == 1 else 'notes'}" if many["note"] else "",
    )
    return ", ".join(filter(None, words)) or "nothing found"


def _bar(name: str, score: Document, found: Found) -> ScoreBar:
    value = number(score, "value")
    by_id = {card.id: card for card in found.cards}
    start = solid = int(value) if value is not None else 0
    taken = []
    for deduction in rows(score, "deductions") if value is not None else ():
        points, card = int(number(deduction, "points") or 0), by_id.get(text(deduction, "finding"))
        if card is not None:
            taken.append(Taken(start, points, card))
            start += points
    title = name.capitalize()
    meant = tuple(card for card in found.cards if card.is_meant and card.part == title)
    return ScoreBar(title, _points(value), solid, tuple(taken), meant, text(score, "note"))


def _gain(card: FindingCard, bars: tuple[ScoreBar, ...]) -> str:
    """Say what the score would be without a finding."""
    for bar in bars:
        for piece in bar.taken:
            if piece.card is card:
                return f"{bar.name} {bar.solid} to {bar.solid + piece.extent}"
    return ""


def _points(value: float | None) -> str:
    return "none" if value is None else f"{value:.0f}"
