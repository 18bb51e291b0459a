"""The report page out of a document in which anything may be missing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app.analyses.rules import FileState, State
from app.analyses.views import report_of
from tests.unit.views.made import NOW, analysis, document, judged, upload

if TYPE_CHECKING:
    from app.analyses.views import Report

PARTS = ("file", "loudness", "dynamics", "spectrum", "stereo", "rhythm", "tonality", "notes", "engine")


def page_of(given: dict[str, Any], **other: Any) -> Report:
    """Make the report of a document."""
    return report_of(analysis(State.DONE, upload(state=FileState.DELETED), **other), given, NOW)


def test_the_badges_are_the_seven_figures() -> None:
    """Each badge has its figure, its unit and how to read it."""
    badges = {badge.name: (badge.value, badge.unit, badge.sub) for badge in page_of(document()).badges}
    assert badges == {
        "Integrated": ("−7.8", "LUFS", "whole track, gated"),
        "True peak": ("+0.6", "dBTP", "0.6 dB above full scale"),
        "Range": ("5.1", "LU", "10 to 95 % of short-term"),
        "Tempo": ("132.0", "BPM", "0.99 sure"),
        "Key": ("B♭ maj", "6B", ""),
        "Duration": ("5:42", "", "1 bar of 4/4"),
        "Format": ("WAV", "", "24 bit, 44.1 kHz, stereo"),
    }


def test_the_head_says_when_the_report_goes() -> None:
    """The term is a day and what is left of it."""
    page = page_of(document())
    assert (page.goes_on, page.goes_in, page.is_ending) == ("23 Dec 2026", "29 d 23 h", False)
    assert page.upload_gone == "Upload deleted after 41 s"
    assert page.measured_at == "23 Nov 2026, 14:01 UTC"


def test_a_report_near_its_end_warns() -> None:
    """The last days are said at the head."""
    assert page_of(document(), expires_at=NOW + timedelta(hours=40)).is_ending


def test_reasons_are_given_once_with_all_their_subjects() -> None:
    """One reason for many blanks is one line."""
    notes = page_of(document()).notes
    assert [(note.subject, note.reason) for note in notes] == [
        ("Structure, Tonality confidence", "Not measured by this version.")
    ]


def test_every_section_has_a_sentence_and_figures() -> None:
    """Each section says its finding, in the order of the page."""
    sections = page_of(judged(document())).sections
    ids = ["timeline", "loudness", "tone", "stereo", "dynamics", "codecs", "platforms", "structure", "rhythm"]
    assert [section.id for section in sections] == ids
    assert all(section.say for section in sections)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("value", [None, {}, [], "text", 3])
def test_a_missing_part_makes_no_page_fail(part: str, value: object) -> None:
    """A part that is null or no object leaves a blank, not an error."""
    assert len(page_of({**document(), part: value}).badges) == 7


@pytest.mark.parametrize("part", PARTS[1:7])
def test_every_figure_may_be_null(part: str) -> None:
    """A part whose figures are all null shows nothing of them."""
    given = document()
    page = page_of({**given, part: dict.fromkeys(given[part])})
    assert all(section.has_content for section in page.sections)


def test_an_empty_document_has_no_sections() -> None:
    """Without data there is no section and no invented figure."""
    page = page_of({})
    assert page.sections == ()
    assert not any(badge.is_measured for badge in page.badges[:6])
