"""The report page of one analysis, made of its document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from app.analyses.card_view import kept_for
from app.analyses.document import measured, number, rows, section, text
from app.analyses.live_set.page import set_section
from app.analyses.report.parts import Figure, Note, figure
from app.analyses.report.sections import key_name, meter, sections_of, sure
from app.analyses.report.verdict import verdict_of
from app.kernel.html import numbers

if TYPE_CHECKING:
    from datetime import datetime

    from app.analyses.document import Document
    from app.analyses.live_set.page import SetSection
    from app.analyses.report.parts import Section
    from app.analyses.report.verdict import VerdictParts
    from app.analyses.rules import Analysis
    from app.kernel.html.chrome import Chrome

STAGE_NAMES = {"master": "Master", "premaster": "Pre-master"}
ENDING = timedelta(days=3)
"""A report that goes within this time says so at its head."""
_UNITS = frozenset({"hz", "db", "lufs", "lu", "dbtp", "dbfs", "s", "bpm"})
_CHANNELS = {1: "mono", 2: "stereo"}


@dataclass(frozen=True, slots=True)
class ReportPage:
    """The report of a finished analysis."""

    template: ClassVar[str] = "analyses/report.html"

    chrome: Chrome
    id: str
    title: str
    version: str
    target: str
    stage: str
    measured_at: str
    upload_gone: str
    badges: tuple[Figure, ...]
    verdict: VerdictParts | None
    """Scores and findings; none for a report that was not judged."""
    sections: tuple[Section, ...]
    live_set: SetSection
    notes: tuple[Note, ...]
    file: tuple[Figure, ...]
    """What is still known of the file, for the record."""
    goes_on: str
    goes_in: str
    is_ending: bool
    json_address: str
    delete_address: str


def report_page(chrome: Chrome, analysis: Analysis, document: Document, now: datetime) -> ReportPage:
    """Make the page of an analysis that is done."""
    return ReportPage(
        chrome=chrome,
        id=str(analysis.id),
        title=analysis.track_name,
        version=f"v{analysis.version}",
        target=analysis.target.replace("-", " ").replace("_", " ").capitalize(),
        stage=STAGE_NAMES.get(analysis.stage, analysis.stage.capitalize()),
        measured_at=_measured_at(analysis),
        upload_gone=kept_for(analysis).replace("The upload was", "Upload").removesuffix("."),
        badges=_badges(document),
        verdict=verdict_of(document),
        sections=sections_of(document),
        live_set=set_section(analysis, document),
        notes=_notes(document),
        file=_file(document, analysis),
        goes_on=numbers.day(analysis.expires_at),
        goes_in=numbers.time_left(analysis.expires_at, now),
        is_ending=analysis.expires_at - now < ENDING,
        json_address=f"/analyses/{analysis.id}/report.json",
        delete_address=f"/analyses/{analysis.id}/delete",
    )


def _measured_at(analysis: Analysis) -> str:
    at = analysis.finished_at or analysis.changed_at
    return f"{numbers.day(at)}, {numbers.moment(at).partition(', ')[2]}"


def _badges(document: Document) -> tuple[Figure, ...]:
    """Give the seven figures that a producer asks for first."""
    loudness, file = section(document, "loudness"), section(document, "file")
    rhythm, tonality = section(document, "rhythm"), section(document, "tonality")
    peak = number(loudness, "true_peak_dbtp")
    return (
        figure("Integrated", number(loudness, "integrated_lufs"), "LUFS", sub="whole track, gated"),
        _true_peak(peak),
        figure("Range", number(loudness, "range_lu"), "LU", sub="10 to 95 % of short-term"),
        figure("Tempo", number(rhythm, "tempo_bpm"), "BPM", sub=sure(number(rhythm, "confidence"))),
        _key(tonality),
        _length(number(file, "duration_s"), rhythm),
        Figure("Format", text(file, "format").upper() or numbers.UNMEASURED, sub=_kind(file)),
    )


def _true_peak(peak: float | None) -> Figure:
    """Say on which side of full scale the peak lies."""
    if peak is None:
        return figure("True peak", None)
    side = "above" if peak > 0 else "under"
    return Figure("True peak", numbers.signed(peak), "dBTP", f"{numbers.fixed(abs(peak))} dB {side} full scale")


def _key(tonality: Document) -> Figure:
    name = key_name(text(tonality, "key")).replace("minor", "min").replace("major", "maj")
    if not name:
        return figure("Key", None)
    return Figure("Key", name, text(tonality, "camelot"), sure(number(tonality, "confidence")))


def _length(seconds: float | None, rhythm: Document) -> Figure:
    bars = measured(rhythm, "downbeats_s")
    count = "1 bar" if len(bars) == 1 else f"{len(bars)} bars"
    said = f"{count} of {meter(rhythm)}" if "/" in meter(rhythm) else count
    return Figure("Duration", numbers.clock(seconds), sub=said if bars else "", is_measured=seconds is not None)


def _kind(file: Document) -> str:
    """Describe the file, such as ``24 bit, 44.1 kHz, stereo``."""
    depth, rate, channels = (number(file, name) for name in ("bit_depth", "sample_rate_hz", "channels"))
    parts = (
        f"{depth:g} bit" if depth else "",
        f"{rate / 1000:g} kHz" if rate else "",
        _CHANNELS.get(int(channels), f"{channels:g} channels") if channels else "",
    )
    return ", ".join(filter(None, parts))


def _file(document: Document, analysis: Analysis) -> tuple[Figure, ...]:
    """Name the file that was measured and what measured it."""
    file = section(document, "file")
    name = analysis.bounce.name if analysis.bounce else text(file, "name")
    known = (
        Figure("File", name),
        Figure("Coding", ", ".join(filter(None, (text(file, "codec"), _kind(file))))),
        Figure("SHA-256", text(file, "sha256")),
        Figure("Engine", text(section(document, "engine"), "version")),
    )
    return tuple(item for item in known if item.value)


def _notes(document: Document) -> tuple[Note, ...]:
    """Give each reason once, with all that it is the reason for."""
    subjects: dict[str, list[str]] = {}
    for row in rows(document, "notes"):
        if reason := text(row, "reason"):
            subjects.setdefault(reason, []).append(_subject(text(row, "path")))
    return tuple(Note(", ".join(filter(None, names)), reason) for reason, names in subjects.items())


def _subject(path: str) -> str:
    """Name what a note is about in words: ``tonality.tuning_hz`` becomes ``Tuning``."""
    words = path.rpartition(".")[2].split("_")
    plain = words[:-1] if len(words) > 1 and words[-1] in _UNITS else words
    if plain == ["confidence"]:
        plain = [path.partition(".")[0], "confidence"]
    return " ".join(plain).capitalize()
