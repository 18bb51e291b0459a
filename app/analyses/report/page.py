"""The report page of one analysis, made of its judged document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from app.analyses.card_view import kept_for
from app.analyses.document import rows, section, text
from app.analyses.live_set.page import set_section
from app.analyses.report.badges import badges_of, kind_of
from app.analyses.report.choices import choices
from app.analyses.report.evidence import subject
from app.analyses.report.findings import findings_of
from app.analyses.report.limits import limits_of
from app.analyses.report.parts import Figure, Note
from app.analyses.report.sections import sections_of
from app.analyses.report.verdict import verdict_of
from app.kernel.html import numbers

if TYPE_CHECKING:
    from datetime import datetime

    from app.analyses.document import Document
    from app.analyses.live_set.page import SetSection
    from app.analyses.report.choices import Choices
    from app.analyses.report.findings import FindingCard
    from app.analyses.report.parts import Section
    from app.analyses.report.verdict import VerdictParts
    from app.analyses.rules import Analysis
    from app.kernel.html.chrome import Chrome

ENDING = timedelta(days=3)
"""A report that goes within this time says so at its head."""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that the report of one analysis shows."""

    id: str
    address: str
    title: str
    version: str
    choices: Choices
    target_title: str
    target_note: str
    measured_at: str
    upload_gone: str
    badges: tuple[Figure, ...]
    verdict: VerdictParts | None
    """Scores and what to do first; none for a report that was not judged."""
    sections: tuple[Section, ...]
    live_set: SetSection
    findings: tuple[FindingCard, ...]
    parts: tuple[str, ...]
    """The parts that findings are about, to filter them."""
    notes: tuple[Note, ...]
    file: tuple[Figure, ...]
    """What is still known of the file, for the record."""
    goes_on: str
    goes_in: str
    is_ending: bool
    opened: str
    """Id of the finding whose card stands open."""
    csrf_token: str


@dataclass(frozen=True, slots=True)
class ReportPage:
    """The page of a finished analysis."""

    template: ClassVar[str] = "analyses/report.html"

    chrome: Chrome
    report: Report


@dataclass(frozen=True, slots=True)
class ReportFragment:
    """The report alone: the answer to another target, or to a finding that was meant."""

    template: ClassVar[str] = "analyses/_report.html"

    report: Report


def report_of(
    analysis: Analysis,
    document: Document,
    now: datetime,
    csrf_token: str = "",
    *,
    opened: str = "",
    references: int = 0,
) -> Report:
    """Make the report of an analysis that is done.

    Parameters
    ----------
    opened
        Id of the finding whose card shall stand open.
    references
        How many reference tracks the owner has, which make a target of their own.
    """
    target = section(document, "target")
    limits, found = limits_of(document), findings_of(document)
    return Report(
        id=str(analysis.id),
        address=f"/analyses/{analysis.id}",
        title=analysis.track_name,
        version=f"v{analysis.version}",
        choices=choices(
            text(target, "genre") or "general",
            text(target, "destination") or "streaming",
            analysis.stage,
            references=references,
        ),
        target_title=text(target, "title"),
        target_note=text(target, "note"),
        measured_at=_measured_at(analysis),
        upload_gone=kept_for(analysis).replace("The upload was", "Upload").removesuffix("."),
        badges=badges_of(document, limits, found),
        verdict=verdict_of(document, found),
        sections=sections_of(document, limits, found),
        live_set=set_section(analysis, document),
        findings=found.cards,
        parts=tuple(sorted({card.part for card in found.cards})),
        notes=_notes(document),
        file=_file(document, analysis),
        goes_on=numbers.day(analysis.expires_at),
        goes_in=numbers.time_left(analysis.expires_at, now),
        is_ending=analysis.expires_at - now < ENDING,
        opened=opened,
        csrf_token=csrf_token,
    )


def _measured_at(analysis: Analysis) -> str:
    at = analysis.finished_at or analysis.changed_at
    return f"{numbers.day(at)}, {numbers.moment(at).partition(', ')[2]}"


def _file(document: Document, analysis: Analysis) -> tuple[Figure, ...]:
    """Name the file that was measured and what measured it."""
    file = section(document, "file")
    name = analysis.bounce.name if analysis.bounce else text(file, "name")
    known = (
        Figure("File", name),
        Figure("Coding", ", ".join(filter(None, (text(file, "codec"), kind_of(file))))),
        Figure("SHA-256", text(file, "sha256")),
        Figure("Engine", text(section(document, "engine"), "version")),
    )
    return tuple(item for item in known if item.value)


def _notes(document: Document) -> tuple[Note, ...]:
    """Give each reason once, with all that it is the reason for; the Live set has a section that says it."""
    subjects: dict[str, list[str]] = {}
    for row in rows(document, "notes"):
        if (reason := text(row, "reason")) and text(row, "path") != "live_set":
            subjects.setdefault(reason, []).append(subject(text(row, "path")))
    return tuple(Note(", ".join(filter(None, names)), reason) for reason, names in subjects.items())
