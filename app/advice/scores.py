"""Scores: 100 less what the findings take.

A fix takes 12 to 25 points, a check 2 to 12, a note 0 to 3; within that the depth decides: 0 at
the limit, 1 at the limit's span beyond it. The sizes are a house choice: what is barely over a
limit costs barely more than what is barely inside, and no check costs more than the least fix.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.advice.model import Deduction, Family, Score, Scores, Severity, Total
from app.advice.reading import number_at, value_at

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.advice.model import Finding
    from app.advice.reading import Document

FULL = 100

POINTS = {Severity.FIX: (12, 25), Severity.CHECK: (2, 12), Severity.NOTE: (0, 3)}
"""Least and most points of each severity."""

SEVERITIES = tuple(Severity)

SUBJECT_OF = {
    Family.LOUDNESS: "loudness",
    Family.DYNAMICS: "dynamics",
    Family.CLIPPING: "technical",
    Family.TONE: "tone",
    Family.STEREO: "stereo",
    Family.PHASE: "stereo",
    Family.TECHNICAL: "technical",
    Family.CODEC: "technical",
}
"""The score that a family counts in. Rhythm, tonality and structure are told, not scored."""

SHORTEST_S = 3.0
"""One window of short-term loudness: less carries no verdict on a mix."""

NEEDED = {
    "loudness": ("loudness.integrated_lufs",),
    "dynamics": ("loudness.plr_db",),
    "tone": ("spectrum.tilt_db_per_octave",),
    "stereo": ("stereo.width",),
    "technical": ("dynamics.crest_db",),
}
"""What must have been measured for a score to mean something."""

TOTAL_NAME = "fit to the chosen target"


def points_of(severity: Severity, depth: float) -> int:
    """Points of a finding [depth: 0 at the limit, 1 far beyond]."""
    least, most = POINTS[severity]
    return round(least + (most - least) * min(max(depth, 0.0), 1.0))


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sort by severity, then by what they cost, then by name."""
    return tuple(sorted(findings, key=lambda finding: (_rank(finding), -finding.points, finding.id)))


def score(findings: Iterable[Finding]) -> Score:
    """Take the points of findings from 100, and no more than there are."""
    left = FULL
    deductions = []
    for finding in ordered(findings):
        taken = min(finding.points, left)
        if taken > 0:
            deductions.append(Deduction(finding.id, taken))
            left -= taken
    return Score(left, tuple(deductions), None)


def scores(document: Document, findings: Iterable[Finding]) -> Scores:
    """Score each subject that was measured, and the fit to the target."""
    kept = tuple(findings)
    made = {subject: _subject(document, subject, kept) for subject in NEEDED}
    arrangement = Score(None, (), "Arrangement is scored once Live sets are judged.")
    return Scores(**made, arrangement=arrangement, total=_total(tuple(made.values())))


def _subject(document: Document, subject: str, findings: tuple[Finding, ...]) -> Score:
    missing = _missing(document, subject)
    if missing is not None:
        return Score(None, (), f"Not enough evidence: {missing}")
    return score(finding for finding in findings if SUBJECT_OF.get(finding.family) == subject and not finding.is_meant)


def _missing(document: Document, subject: str) -> str | None:
    """Say why a subject cannot be scored; None if it can."""
    duration_s = number_at(document, "file.duration_s")
    if duration_s is None or duration_s < SHORTEST_S:
        return f"this needs {SHORTEST_S:g} s of sound at least."
    if all(number_at(document, path) is not None for path in NEEDED[subject]):
        return None
    notes = value_at(document, "notes")
    for note in notes if isinstance(notes, list) else []:
        if isinstance(note, dict) and any(path.startswith(str(note.get("path"))) for path in NEEDED[subject]):
            return str(note.get("reason"))
    return "it was not measured."


def _total(made: tuple[Score, ...]) -> Total:
    values = [part.value for part in made if part.value is not None]
    if not values:
        return Total(None, TOTAL_NAME, "Not enough evidence.")
    left_out = len(made) + 1 - len(values)
    note = f"The mean of {len(values)} scores; {left_out} without a value. How near, not how good."
    return Total(round(sum(values) / len(values)), TOTAL_NAME, note)


def _rank(finding: Finding) -> int:
    return SEVERITIES.index(finding.severity)
