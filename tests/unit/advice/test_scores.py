"""Scores are 100 less what the findings take."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.advice.model import Confidence, Family, Finding, Grade, Severity, Source
from app.advice.scores import POINTS, ordered, points_of, score
from tests.unit.advice.documents import sound, verdict, with_changes

SOURCE = Source("House limit", None, Grade.HOUSE, "2026-11-23", "made")


def finding(name: int, severity: Severity, points: int) -> Finding:
    """Return a finding that costs something."""
    return Finding(
        id=f"tone.made-{name:02d}",
        family=Family.TONE,
        severity=severity,
        title="Made",
        evidence=(),
        ranges=(),
        why="",
        advice=(),
        confidence=Confidence.MEASURED,
        source=SOURCE,
        points=points,
    )


@st.composite
def findings(draw: st.DrawFn, most: int = 12) -> list[Finding]:
    """Any findings with points of their severity and names of their own."""
    severities = draw(st.lists(st.sampled_from(list(Severity)), max_size=most))
    return [finding(name, severity, draw(st.integers(*POINTS[severity]))) for name, severity in enumerate(severities)]


@given(findings())
def test_a_score_is_100_less_its_deductions(made: list[Finding]) -> None:
    """The sum is exact, and never below 0."""
    given_score = score(made)
    assert given_score.value == 100 - sum(deduction.points for deduction in given_score.deductions)
    assert given_score.value is not None
    assert given_score.value >= 0


@given(findings(), st.data())
def test_removing_a_finding_restores_its_points(made: list[Finding], data: st.DataObject) -> None:
    """Exactly where the sum is under 100; never lower in any case."""
    if not made:
        return
    gone = data.draw(st.sampled_from(made))
    before = score(made).value
    after = score([one for one in made if one.id != gone.id]).value
    assert before is not None
    assert after is not None
    assert after >= before
    if sum(one.points for one in made) <= 100:
        assert after == before + gone.points


@given(findings(), st.randoms())
def test_the_order_of_rules_does_not_matter(made: list[Finding], random: object) -> None:
    """Any order of the same findings gives the same order and the same score."""
    shuffled = list(made)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert ordered(shuffled) == ordered(made)
    assert score(shuffled) == score(made)


@given(st.sampled_from(list(Severity)), st.floats(0, 5), st.floats(0, 5))
def test_deeper_costs_no_less(severity: Severity, one: float, other: float) -> None:
    """Points grow with depth, inside those of the severity."""
    least, most = POINTS[severity]
    assert least <= points_of(severity, min(one, other)) <= points_of(severity, max(one, other)) <= most


def test_the_total_is_the_mean_of_what_has_a_value() -> None:
    """Mono has no stereo score; the total says how many scores it is made of."""
    mono = with_changes(notes=[{"path": "stereo", "code": "one_channel", "reason": "The file has one channel."}])
    mono["stereo"] = None
    scores = verdict(mono).scores
    assert scores.stereo.value is None
    assert scores.stereo.note == "Not enough evidence: The file has one channel."
    assert scores.total.value == 100
    assert scores.total.name == "fit to the chosen target"
    assert scores.total.note is not None
    assert scores.total.note.startswith("The mean of 4 scores; 2 without a value.")


def test_nothing_measured_gives_no_score() -> None:
    """An empty document has findings of nothing and a total of nothing."""
    judged = verdict({})
    assert judged.findings == ()
    assert judged.scores.total.value is None
    assert judged.scores.tone.value is None


def test_a_short_sound_has_no_scores() -> None:
    """Two seconds carry no verdict on a mix."""
    scores = verdict(with_changes(file__duration_s=2.0)).scores
    assert scores.technical.value is None
    assert scores.technical.note == "Not enough evidence: this needs 3 s of sound at least."


def test_arrangement_waits_for_sets() -> None:
    """It is null with its reason."""
    assert verdict(sound()).scores.arrangement.value is None
