"""What the report page shows of scores and findings."""

from __future__ import annotations

from typing import Any

from app.analyses.report.verdict import verdict_of

FINDING: dict[str, Any] = {
    "id": "clipping.true-peak",
    "family": "clipping",
    "severity": "fix",
    "title": "True peak is above full scale",
    "evidence": [{"path": "loudness.true_peak_dbtp", "value": 1.86, "limit": -1.0, "unit": "dBTP"}],
    "ranges": [{"start_s": float(start), "end_s": start + 2.0} for start in range(0, 60, 10)],
    "why": "Converters clip there.",
    "advice": [{"text": "Limiter ceiling −1.0 dBTP.", "device": "Limiter", "settings": []}],
    "source": {"title": "A standard", "how": "clause 1", "address": None, "grade": "O"},
    "points": 12,
}
SCORES: dict[str, Any] = {
    "technical": {"value": 88, "note": None, "deductions": [{"finding": "clipping.true-peak", "points": 12}]},
    "arrangement": {"value": None, "note": "Scored once Live sets are judged.", "deductions": []},
    "total": {"value": 88, "note": "How near, not how good."},
}


def test_a_score_is_drawn_as_a_hundred_less_what_findings_take() -> None:
    """The solid part and the pieces after it fill the whole bar."""
    verdict = verdict_of({"scores": SCORES, "findings": [FINDING]})
    assert verdict is not None
    bar = verdict.scores[0]
    assert (bar.name, bar.value, bar.solid) == ("Technical", "88", 88)
    assert [(piece.start, piece.extent, piece.severity) for piece in bar.taken] == [(88, 12, "fix")]


def test_a_score_without_evidence_has_no_bar_but_a_reason() -> None:
    """What cannot be scored says so."""
    verdict = verdict_of({"scores": SCORES, "findings": []})
    assert verdict is not None
    bar = verdict.scores[-1]
    assert (bar.value, bar.solid, bar.taken) == ("none", 0, ())
    assert bar.note


def test_a_card_names_value_limit_and_the_first_places() -> None:
    """A long list of places is cut and counted."""
    verdict = verdict_of({"scores": SCORES, "findings": (FINDING,)})
    assert verdict is not None
    (card,) = verdict.findings
    assert card.evidence == "1.9 dBTP, limit −1.0"
    assert card.places == "0:00 to 0:02, 0:10 to 0:12, 0:20 to 0:22, 0:30 to 0:32 and 2 more"
    assert card.cost == "−12"
    assert verdict.first == (card,)


def test_a_report_without_a_verdict_shows_none() -> None:
    """An older document is shown without scores."""
    assert verdict_of({"scores": None, "findings": None}) is None
