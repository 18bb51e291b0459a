"""Remarks on rhythm, tonality and structure: told, never judged, so they cost nothing."""

from __future__ import annotations

from math import log2
from typing import TYPE_CHECKING

from app.advice.model import Advice, Confidence, Evidence, Family
from app.advice.reading import text_at
from app.advice.rule import Draft, Rule, evidence
from app.advice.words import figure, signed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.advice.model import Range
    from app.advice.rule import Case

_STABILITY = "rhythm.stability"
_TUNING = "tonality.tuning_hz"
_CONTRAST = "structure.contrast_db"
_CONCERT_PITCH_HZ = 440.0


def unsure_tempo(case: Case) -> Iterator[Draft]:
    """Yield a remark on a tempo that is not sure."""
    breach = case.breach("rhythm.confidence", "tempo_confidence")
    tempo_bpm = case.number("rhythm.tempo_bpm")
    if breach is not None and tempo_bpm is not None:
        yield Draft(
            breach,
            f"Tempo {figure(tempo_bpm, 'BPM')} is not sure",
            (evidence("rhythm.confidence", breach), Evidence("rhythm.tempo_bpm", tempo_bpm, None, "BPM")),
            "The beat allows more than one tempo. Half and double are listed beside it.",
            (Advice("Compare with the tempo of the project."),),
        )


def loose_beat(case: Case) -> Iterator[Draft]:
    """Yield a remark on beats off a steady line."""
    breach = case.breach(_STABILITY, "beat_stability")
    if breach is not None:
        yield Draft(
            breach,
            "The beat does not keep one tempo",
            (evidence(_STABILITY, breach),),
            "No fault in played music. A programmed track that shows it was stretched or exported with automation.",
            (Advice("Nothing to do if it was played. Else look for warp markers and tempo automation."),),
            _off_tempo(case),
        )


def _off_tempo(case: Case) -> tuple[Range, ...]:
    """Stretches of another tempo than the longest; none where all is one stretch."""
    spans_s = case.ranges("rhythm.tempo_segments")
    longest = max(spans_s, key=lambda span: span.end_s - span.start_s, default=None)
    return tuple(span for span in spans_s if span is not longest)


def unsure_key(case: Case) -> Iterator[Draft]:
    """Yield a remark on a key that is not sure."""
    breach = case.breach("tonality.confidence", "key_confidence")
    key = text_at(case.document, "tonality.key")
    if breach is not None and key is not None:
        yield Draft(
            breach,
            f"Key {key} is not sure",
            (evidence("tonality.confidence", breach), Evidence("tonality.key", key, None, "")),
            "Other keys fit nearly as well. They are listed beside it.",
            (Advice("Play the root against the loudest part before you mix by key."),),
        )


def tuning(case: Case) -> Iterator[Draft]:
    """Yield a remark on a tuning away from 440 Hz."""
    tuning_hz = case.number(_TUNING)
    if tuning_hz is None or tuning_hz <= 0:
        return
    cents = 1200 * log2(tuning_hz / _CONCERT_PITCH_HZ)
    breach = case.limit("tuning_cents").breach(abs(cents))
    if breach is not None:
        yield Draft(
            breach,
            f"Tuned {signed(cents, 'cents', 0)} from 440 Hz",
            (Evidence(_TUNING, tuning_hz, None, "Hz"),),
            "No fault by itself. Samples and other records beside it sound out of tune.",
            (Advice(f"Transpose by {signed(-cents, 'cents', 0)} if it was not meant."),),
        )


def flat_arrangement(case: Case) -> Iterator[Draft]:
    """Yield a remark where all sections are alike in level."""
    breach = case.breach(_CONTRAST, "contrast_db")
    if breach is not None:
        yield Draft(
            breach,
            f"Sections differ by {figure(breach.value, 'dB')}",
            (evidence(_CONTRAST, breach),),
            "No fault by itself. A part that should lift has nothing to lift from.",
            (Advice("If a drop should lift, take 2 dB from what comes before it."),),
        )


RULES = (
    Rule(
        "rhythm.unsure",
        Family.RHYTHM,
        "How sure the tempo is",
        ("tempo_confidence",),
        Confidence.INFERRED,
        unsure_tempo,
    ),
    Rule("rhythm.loose", Family.RHYTHM, "Beats on a steady line", ("beat_stability",), Confidence.INFERRED, loose_beat),
    Rule(
        "tonality.unsure", Family.TONALITY, "How sure the key is", ("key_confidence",), Confidence.INFERRED, unsure_key
    ),
    Rule("tonality.tuning", Family.TONALITY, "Tuning against 440 Hz", ("tuning_cents",), Confidence.INFERRED, tuning),
    Rule(
        "structure.contrast",
        Family.STRUCTURE,
        "Loudest over quietest section",
        ("contrast_db",),
        Confidence.CONVENTION,
        flat_arrangement,
    ),
)
