"""What a rule is: a pure function over one case, with a name and the limits that it uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.advice import reading
from app.advice.model import Confidence, Evidence, Finding
from app.advice.scores import points_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from app.advice.model import Advice, Family, Range, Stage
    from app.advice.reading import Document
    from app.advice.target import Breach, Corridor, Limit, Target


@dataclass(frozen=True, slots=True)
class Case:
    """One document and what it is judged against."""

    document: Document
    target: Target
    stage: Stage

    def number(self, path: str) -> float | None:
        """A figure of the document."""
        return reading.number_at(self.document, path)

    def ranges(self, path: str) -> tuple[Range, ...]:
        """Stretches that the document names."""
        return reading.ranges_at(self.document, path)

    def limit(self, name: str) -> Limit:
        """A limit of this target at this stage."""
        return self.target.limit(name, self.stage)

    def corridor(self) -> Corridor:
        """The corridor of tone."""
        return self.target.corridor

    def breach(self, path: str, name: str) -> Breach | None:
        """How a figure of the document stands to a limit; None inside it or not measured."""
        value = self.number(path)
        return None if value is None else self.limit(name).breach(value)


@dataclass(frozen=True, slots=True)
class Draft:
    """A finding before it has the name of its rule; `part` tells several of one rule apart."""

    breach: Breach
    title: str
    evidence: tuple[Evidence, ...]
    why: str
    advice: tuple[Advice, ...]
    ranges: tuple[Range, ...] = ()
    part: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `apply` yields what it finds; `watches` says for people what it looks at."""

    id: str
    family: Family
    watches: str
    limits: tuple[str, ...]
    confidence: Confidence
    apply: Callable[[Case], Iterable[Draft]]

    def findings(self, case: Case) -> list[Finding]:
        """Apply the rule."""
        return [self._finding(draft) for draft in self.apply(case)]

    def _finding(self, draft: Draft) -> Finding:
        breach = draft.breach
        return Finding(
            id=f"{self.id}.{draft.part}" if draft.part else self.id,
            family=self.family,
            severity=breach.severity,
            title=draft.title,
            evidence=draft.evidence,
            ranges=draft.ranges,
            why=draft.why,
            advice=draft.advice,
            confidence=self.confidence,
            source=breach.limit.source,
            points=0 if breach.is_free else points_of(breach.severity, breach.depth),
        )


def evidence(path: str, breach: Breach, decimals: int = 2) -> Evidence:
    """The value that broke a limit, beside the limit."""
    return Evidence(path, round(breach.value, decimals) + 0.0, breach.limit.bound, breach.limit.unit)
