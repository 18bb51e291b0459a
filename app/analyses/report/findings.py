"""Every finding as a card: what, where, how much, why, and what to dial in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.analyses.document import number, rows, section, text
from app.analyses.report.evidence import facts_of, said
from app.analyses.report.parts import Ref
from app.kernel.html import numbers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.analyses.document import Document
    from app.analyses.report.evidence import Fact

WORDS = {"fix": "Fix", "check": "Check", "note": "Note"}
PARTS = {
    "loudness": "Loudness",
    "dynamics": "Dynamics",
    "clipping": "Technical",
    "tone": "Tone",
    "stereo": "Stereo",
    "phase": "Stereo",
    "technical": "Technical",
    "codec": "Technical",
    "rhythm": "Rhythm",
    "tonality": "Key",
    "structure": "Structure",
    "set": "Arrangement",
}
"""The part of the report in which a family is shown and counted."""
GRADES = {
    "O": "the platform's or the standard's own page",
    "T": "a third party's page",
    "S": "notes on a source that was not read",
    "P": "a house limit",
}
RESTS_ON = {
    "measured": "Follows from the samples.",
    "inferred": "A detector decided, and detectors err.",
    "convention": "The value is measured; where it becomes too much is a convention.",
}
PLACES_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of the file that a finding names."""

    words: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Dial:
    """One control and the value to set it to."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do."""

    sentence: str
    device: str
    dials: tuple[Dial, ...]


@dataclass(frozen=True, slots=True)
class FindingCard:
    """A finding with what it rests on and what to do."""

    id: str
    number: str
    """On this page, such as ``F3``."""
    anchor: str
    severity: str
    word: str
    part: str
    title: str
    value: str
    """The first value that it rests on."""
    points: int
    facts: tuple[Fact, ...]
    places: tuple[Place, ...]
    more_places: int
    ranges: tuple[Place, ...]
    """All of them, for the timeline."""
    why: str
    steps: tuple[Step, ...]
    source: str
    confidence: str
    is_meant: bool

    @property
    def ref(self) -> Ref:
        """The link to it."""
        return Ref(self.number, self.anchor, self.title)


@dataclass(frozen=True, slots=True)
class Found:
    """The findings of a report, in their order."""

    cards: tuple[FindingCard, ...]

    def refs(self, *names: str) -> tuple[Ref, ...]:
        """Link to the findings of some rules, by their names or those of their families."""
        return tuple(card.ref for card in self.cards if _is_of(card.id, names))

    def counting(self) -> tuple[FindingCard, ...]:
        """Those that nobody meant."""
        return tuple(card for card in self.cards if not card.is_meant)


def findings_of(document: Document) -> Found:
    """Read the findings out of a judged document."""
    found = rows(document, "findings")
    return Found(tuple(_card(finding, place, document) for place, finding in enumerate(found, start=1)))


def anchor_of(finding_id: str) -> str:
    """Return the id that a finding's card has on the page."""
    return f"finding-{finding_id.replace('.', '-')}"


def _is_of(finding_id: str, names: Iterable[str]) -> bool:
    return any(finding_id == name or finding_id.startswith(f"{name}.") for name in names)


def _card(finding: Document, place: int, document: Document) -> FindingCard:
    severity = text(finding, "severity")
    facts = facts_of(finding, document)
    ranges = tuple(_place(row) for row in rows(finding, "ranges"))
    return FindingCard(
        id=text(finding, "id"),
        number=f"F{place}",
        anchor=anchor_of(text(finding, "id")),
        severity=severity if severity in WORDS else "note",
        word=WORDS.get(severity, severity),
        part=PARTS.get(text(finding, "family"), text(finding, "family").capitalize()),
        title=text(finding, "title"),
        value=_value(facts),
        points=int(number(finding, "points") or 0),
        facts=facts,
        places=ranges[:PLACES_SHOWN],
        more_places=max(len(ranges) - PLACES_SHOWN, 0),
        ranges=ranges,
        why=text(finding, "why"),
        steps=tuple(_step(row) for row in rows(finding, "advice")),
        source=_source(section(finding, "source")),
        confidence=RESTS_ON.get(text(finding, "confidence"), ""),
        is_meant=finding.get("is_meant") is True,
    )


def _value(facts: tuple[Fact, ...]) -> str:
    """The first value; for a level of the spectrum how far it leaves the corridor, which says more."""
    if not facts:
        return ""
    if facts[0].path.startswith("spectrum.third_octave") and facts[0].excess is not None:
        return f"{numbers.signed(facts[0].excess)} dB"
    return facts[0].value


def _place(row: Document) -> Place:
    start_s, end_s = number(row, "start_s") or 0.0, number(row, "end_s") or 0.0
    start, end = numbers.clock(start_s), numbers.clock(end_s)
    return Place(start if start == end else f"{start} to {end}", start_s, end_s)


def _step(row: Document) -> Step:
    dials = tuple(
        Dial(text(item, "name").capitalize(), said(item.get("value"), text(item, "unit")))
        for item in rows(row, "settings")
    )
    return Step(text(row, "text"), text(row, "device"), dials)


def _source(source: Document) -> str:
    """Say where a limit comes from, how sure that is, and how it is used."""
    title, how, grade = (text(source, name) for name in ("title", "how", "grade"))
    if not title:
        return ""
    known = GRADES.get(grade, "")
    first = "House limit" if grade == "P" and title == "House limit" else f"{title}: {known}"
    return ". ".join(filter(None, (first, how))).rstrip(".") + "."
