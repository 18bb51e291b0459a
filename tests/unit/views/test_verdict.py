"""What the report page shows of scores and findings."""

from __future__ import annotations

from typing import Any

from app.analyses.report.findings import findings_of
from app.analyses.report.verdict import verdict_of

FINDING: dict[str, Any] = {
    "id": "clipping.true-peak",
    "family": "clipping",
    "severity": "fix",
    "title": "True peak is above full scale",
    "evidence": [{"path": "loudness.true_peak_dbtp", "value": 1.86, "limit": -1.0, "unit": "dBTP"}],
    "ranges": [{"start_s": float(start), "end_s": start + 2.0} for start in range(0, 80, 10)],
    "why": "Converters clip there.",
    "advice": [
        {
            "text": "Limiter ceiling −1.0 dBTP.",
            "device": "Limiter",
            "settings": [{"name": "ceiling", "value": -1.0, "unit": "dBTP"}],
        }
    ],
    "source": {"title": "A standard", "how": "clause 1", "address": None, "grade": "O"},
    "confidence": "measured",
    "points": 12,
    "is_meant": False,
}
SCORES: dict[str, Any] = {
    "technical": {"value": 88, "note": None, "deductions": [{"finding": "clipping.true-peak", "points": 12}]},
    "arrangement": {"value": None, "note": "Scored once Live sets are judged.", "deductions": []},
    "total": {"value": 88, "note": "How near, not how good."},
}
TECHNICAL_FULL = {**SCORES, "technical": {"value": 100, "note": None, "deductions": []}}


def document(*findings: dict[str, Any], **scores: Any) -> dict[str, Any]:
    """Make a judged document of findings alone."""
    return {"scores": {**SCORES, **scores}, "findings": list(findings)}


def test_a_score_is_drawn_as_a_hundred_less_what_findings_take() -> None:
    """The solid part and the pieces after it fill the whole bar, and each piece leads to its finding."""
    given = document(FINDING)
    verdict = verdict_of(given, findings_of(given))
    assert verdict is not None
    bar = verdict.scores[0]
    assert (bar.name, bar.value, bar.solid) == ("Technical", "88", 88)
    assert [(piece.start, piece.extent, piece.card.anchor) for piece in bar.taken] == [
        (88, 12, "finding-clipping-true-peak")
    ]


def test_a_score_without_evidence_has_no_bar_but_a_reason() -> None:
    """What cannot be scored says so."""
    given = document()
    verdict = verdict_of(given, findings_of(given))
    assert verdict is not None
    bar = verdict.scores[-1]
    assert (bar.value, bar.solid, bar.taken) == ("none", 0, ())
    assert bar.note


def test_a_card_names_value_limit_places_and_what_to_dial_in() -> None:
    """Evidence, the first places, how many more there are, and controls with their values."""
    (card,) = findings_of(document(FINDING)).cards
    (fact,) = card.facts
    assert (fact.name, fact.value, fact.limit) == ("True peak", "+1.9 dBTP", "−1.0 dBTP")
    assert [place.words for place in card.places[:2]] == ["0:00 to 0:02", "0:10 to 0:12"]
    assert (len(card.places), card.more_places) == (4, 4)
    assert [(dial.name, dial.value) for dial in card.steps[0].dials] == [("Ceiling", "−1.0 dBTP")]
    assert card.source == "A standard: the platform's or the standard's own page. clause 1."


def test_what_comes_first_says_what_its_score_would_gain() -> None:
    """The first things to do are no notes, and each names the score without it."""
    given = document(FINDING, {**FINDING, "id": "x.y", "severity": "note"})
    verdict = verdict_of(given, findings_of(given))
    assert verdict is not None
    assert [(todo.card.number, todo.gain) for todo in verdict.first] == [("F1", "Technical 88 to 100")]
    assert verdict.count == "1 to fix, 1 note"


def test_what_was_meant_is_told_and_comes_first_no_more() -> None:
    """A finding that was meant keeps its number, stands at its score and is nothing to do."""
    given = document({**FINDING, "is_meant": True}, **TECHNICAL_FULL)
    verdict = verdict_of(given, findings_of(given))
    assert verdict is not None
    assert verdict.first == ()
    assert [card.number for card in verdict.scores[0].meant] == ["F1"]
    assert verdict.count == "nothing found"


def test_a_report_without_a_verdict_shows_none() -> None:
    """An older document is shown without scores."""
    given: dict[str, Any] = {"scores": None, "findings": None}
    assert verdict_of(given, findings_of(given)) is None
