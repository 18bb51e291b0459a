"""The verdict as a whole: bytes, targets, platforms, and the page of rules."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.advice.catalogue import catalogue, page
from app.advice.judging import RULES, judged_document
from app.advice.model import Grade, Severity, Stage
from app.advice.target import UnknownTarget, find_target, table, target_names
from app.advice.words import figure, hertz, signed
from app.audio.model import encode
from tests.unit.advice.documents import found, sound, verdict, with_changes

DOCS = Path(__file__).parents[3] / "docs" / "advice.md"

_LEAVES: st.SearchStrategy[Any] = st.none() | st.booleans() | st.floats(-200, 200) | st.text(max_size=5) | st.just([])


def faulty() -> dict[str, Any]:
    """Return a report with a dozen findings."""
    return with_changes(
        loudness__true_peak_dbtp=2.5,
        loudness__psr_min_db=5.0,
        stereo__balance_db=3.0,
        file__format="ogg",
        dynamics__dc_offset=[0.01, 0.01],
        dynamics__faults__cut_end_dbfs=-12.0,
        spectrum__sibilance_db=8.0,
    )


def test_the_same_input_gives_the_same_bytes() -> None:
    """A stored document judged again says the same."""
    document = faulty()
    again = json.loads(json.dumps(document))
    assert encode(verdict(document)) == encode(verdict(again))


def test_a_judged_report_can_be_judged_again() -> None:
    """For another target and back: the bytes of the first time, and no note that it was left out."""
    document = faulty()
    document["notes"] = [
        {"path": "platforms", "code": "not_measured", "reason": "Not measured by this version."},
        {"path": "rhythm", "code": "not_heard", "reason": "No steady beat was heard."},
    ]
    general, club = find_target("general"), find_target("techno-club")
    first = json.loads(encode(judged_document(document, general, Stage.MASTER)))
    other = json.loads(encode(judged_document(first, club, Stage.PREMASTER)))
    assert other["target"]["title"] == "Techno, club"
    assert encode(judged_document(other, general, Stage.MASTER)) == encode(first)
    assert [note["path"] for note in first["notes"]] == ["rhythm"]
    assert first["loudness"] == document["loudness"]
    assert first["findings"][0]["severity"] == "fix"
    assert first["scores"]["technical"]["deductions"][0]["finding"] == first["findings"][0]["id"]


def test_findings_come_by_severity_then_cost() -> None:
    """The first is what to do first."""
    severities = list(Severity)
    keys = [(severities.index(one.severity), -one.points, one.id) for one in verdict(faulty()).findings]
    assert keys == sorted(keys)


def test_changing_the_target_needs_no_audio() -> None:
    """The same document is judged otherwise for a club."""
    document = with_changes(loudness__psr_min_db=7.0)
    assert "dynamics.limited-part" in found(document)
    assert "dynamics.limited-part" not in found(document, "electronic-club")


@pytest.mark.parametrize("name", target_names())
def test_every_target_says_what_it_is(name: str) -> None:
    """A title, a note on its corridor, and limits for every rule at both stages."""
    target = find_target(name)
    assert target.title
    assert target.note
    for rule in RULES:
        for stage, limits in target.limits.items():
            assert all(limit in limits for limit in rule.limits), (rule.id, stage)


def test_an_unknown_target_is_named_with_the_known_ones() -> None:
    """The message helps."""
    with pytest.raises(UnknownTarget, match="electronic-club"):
        find_target("polka")


def test_every_limit_has_a_source() -> None:
    """An address and a grade, or a house limit that says how it was set."""
    for name in target_names():
        for limits in find_target(name).limits.values():
            for limit in limits.values():
                assert limit.source.how
                assert (limit.source.address is None) == (limit.source.grade is Grade.HOUSE), limit.name


def test_platform_gains_are_information() -> None:
    """Loud is turned down to the level, quiet is raised as far as its peaks allow, nothing is found."""
    gains = {one.name: one for one in verdict(with_changes(loudness__integrated_lufs=-8.0)).platforms}
    assert gains["Spotify"].gain_db == -6.0
    assert gains["YouTube Music"].gain_db == 0.0
    assert gains["SoundCloud"].gain_db is None
    assert (gains["SoundCloud"].note or "").startswith("Uncertain")
    quiet = with_changes(loudness__integrated_lufs=-20.0, loudness__true_peak_dbtp=-5.0)
    raised = {one.name: one.gain_db for one in verdict(quiet).platforms}
    assert raised["Spotify"] == 4.0  # the example on Spotify's own page
    assert raised["TIDAL"] == 0.0
    assert len(gains) == len(table("platforms")["platform"])


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_damaged_documents_are_judged_without_an_error(data: st.DataObject) -> None:
    """Any part may be missing or of another kind."""
    document = sound()
    part = data.draw(
        st.sampled_from(["file", "loudness", "dynamics", "spectrum", "stereo", "codecs", "notes", "rhythm"])
    )
    if isinstance(document[part], dict) and data.draw(st.booleans()):
        document[part][data.draw(st.sampled_from(sorted(document[part])))] = data.draw(_LEAVES)
    else:
        document[part] = data.draw(_LEAVES)
    encode(verdict(document))


@given(st.lists(st.floats(-60, 0), min_size=31, max_size=31))
@settings(max_examples=60, deadline=None)
def test_ids_are_unique_whatever_the_tone(levels_db: list[float]) -> None:
    """Regions are told once for each side; the mix is laid on the corridor first."""
    document = sound()
    document["spectrum"]["third_octave"]["level_db"] = levels_db
    ids = [finding.id for finding in verdict(document).findings]
    assert len(set(ids)) == len(ids)


def test_the_corridor_is_placed_at_the_level_of_the_mix() -> None:
    """Every judged band of a mix on the centre lies in the middle."""
    levels = dict(zip(*sound()["spectrum"]["third_octave"].values(), strict=True))
    bands = verdict(sound()).corridor
    assert bands[0].centre_hz == 63.0
    assert all((band.low_db + band.high_db) / 2 == pytest.approx(levels[band.centre_hz], abs=0.02) for band in bands)


def test_the_catalogue_lists_every_rule_once() -> None:
    """Ids are unique and each entry has limits with grades."""
    entries = catalogue()
    assert len({entry.id for entry in entries}) == len(entries) == len(RULES)
    assert all(entry.grades for entry in entries)


def test_the_page_of_rules_is_current() -> None:
    """`python -m app.advice.catalogue > docs/advice.md` writes it."""
    assert DOCS.read_text("utf-8") == page()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (figure(-9.44, "dB"), "−9.4 dB"),
        (figure(-0.04, "dB"), "0.0 dB"),
        (signed(3.0, "dB"), "+3.0 dB"),
        (signed(-3.0, "dB"), "−3.0 dB"),
        (hertz(3418.0), "3.42 kHz"),
        (hertz(250.0), "250 Hz"),
        (hertz(44_100.0), "44.1 kHz"),
    ],
)
def test_figures_are_written_as_the_pages_write_them(text: str, expected: str) -> None:
    """A true minus, a space, three figures for frequencies."""
    assert text == expected
