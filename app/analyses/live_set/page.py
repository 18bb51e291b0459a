"""The page of a Live set, and its section in the report of a mix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from app.analyses.card_view import kept_for
from app.analyses.document import rows, section, text
from app.analyses.live_set.arrangement import arrangement_of
from app.analyses.live_set.inventory import locators_of, plugins_of, samples_of, say_of
from app.analyses.live_set.overview import count, facts_of, figures_of
from app.analyses.live_set.timeline import Timeline
from app.analyses.live_set.tree import ZERO_DB, lines_of
from app.kernel.html import numbers

if TYPE_CHECKING:
    from datetime import datetime

    from app.analyses.document import Document
    from app.analyses.live_set.arrangement import Arrangement
    from app.analyses.live_set.tree import TrackLine
    from app.analyses.report.parts import Figure, FigureTable
    from app.analyses.rules import Analysis
    from app.kernel.html.chrome import Chrome

MANY_LINES = 30


@dataclass(frozen=True, slots=True)
class SetSection:
    """A Live set as a section of its mix's report, or the form that adds one."""

    report_id: str
    name: str
    facts: tuple[str, ...]
    figures: tuple[Figure, ...]
    address: str
    """Of the set's own page; empty where there is none."""
    refusal: str
    """Why the set that came with the mix was not read."""


@dataclass(frozen=True, slots=True)
class SetPage:
    """All that is told of a Live set."""

    template: ClassVar[str] = "liveset/page.html"

    chrome: Chrome
    title: str
    version: str
    file_name: str
    facts: tuple[str, ...]
    figures: tuple[Figure, ...]
    arrangement: Arrangement | None
    not_arranged: str
    """What is said where there is no picture."""
    lines: tuple[TrackLine, ...]
    zero: str
    """Where 0 dB stands on the faders."""
    groups: tuple[TrackLine, ...]
    """The groups to jump to, where there are many tracks."""
    say_tracks: str
    say_inventory: str
    plugins: FigureTable | None
    samples: FigureTable | None
    locators: FigureTable | None
    unknown: str
    """What this reader has not seen before."""
    report_address: str
    """Of the mix's report; empty for a set alone."""
    upload_gone: str
    goes_on: str
    goes_in: str
    json_address: str
    delete_address: str


def set_section(analysis: Analysis, document: Document) -> SetSection:
    """Make the section of a report."""
    live_set = section(document, "live_set")
    refusal = next((text(note, "reason") for note in rows(document, "notes") if text(note, "path") == "live_set"), "")
    return SetSection(
        report_id=str(analysis.id),
        name=_file_name(live_set),
        facts=facts_of(live_set) if live_set else (),
        figures=figures_of(live_set, Timeline.of(live_set)) if live_set else (),
        address=f"/analyses/{analysis.id}/set" if live_set else "",
        refusal=refusal if not live_set and analysis.live_set else "",
    )


def set_page(chrome: Chrome, analysis: Analysis, document: Document, now: datetime) -> SetPage:
    """Make the page of a set that was read."""
    live_set = section(document, "live_set")
    timeline = Timeline.of(live_set)
    arrangement = arrangement_of(live_set, document, timeline)
    lines = lines_of(live_set, timeline)
    address = f"/analyses/{analysis.id}"
    return SetPage(
        chrome=chrome,
        title=analysis.track_name,
        version=f"v{analysis.version}",
        file_name=_file_name(live_set),
        facts=facts_of(live_set),
        figures=figures_of(live_set, timeline),
        arrangement=arrangement,
        not_arranged="" if arrangement else _not_arranged(live_set),
        lines=lines,
        groups=tuple(line for line in lines if line.kind == "group") if len(lines) > MANY_LINES else (),
        zero=ZERO_DB,
        say_tracks=_say_tracks(live_set),
        say_inventory=say_of(live_set),
        plugins=plugins_of(live_set),
        samples=samples_of(live_set),
        locators=locators_of(live_set, timeline),
        unknown=_unknown(live_set),
        report_address="" if analysis.is_set_alone else address,
        upload_gone=kept_for(analysis),
        goes_on=numbers.day(analysis.expires_at),
        goes_in=numbers.time_left(analysis.expires_at, now),
        json_address=f"{address}/report.json",
        delete_address=f"{address}/delete",
    )


def _file_name(live_set: Document) -> str:
    return text(section(live_set, "file"), "name") or "Live set"


def _not_arranged(live_set: Document) -> str:
    clips = sum(len(rows(track, "clips")) for track in rows(live_set, "tracks"))
    return f"Nothing stands in the arrangement; {count(clips, 'clip')} in the session." if clips else "It has no clip."


def _say_tracks(live_set: Document) -> str:
    tracks = rows(live_set, "tracks")
    loud = [text(track, "name") or "one without a name" for track in tracks if track.get("is_soloed") is True]
    muted = sum(track.get("is_muted") is True for track in tracks)
    heard = f"Only {', '.join(loud[:3])} can be heard: soloed." if loud else ""
    return " ".join(filter(None, (heard, f"{count(muted, 'track is', 'tracks are')} muted." if muted else "")))


def _unknown(live_set: Document) -> str:
    """Say that a later Live wrote something that is not known here."""
    kinds = len(section(live_set, "unknown"))
    return f"This set holds {count(kinds, 'kind')} of element that this reader does not know." if kinds else ""
