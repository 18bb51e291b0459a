"""Rules about dynamics: what limiting and compression have left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.advice.model import Advice, Confidence, Evidence, Family, Setting, Severity
from app.advice.reading import line_at, number_at, stretches
from app.advice.rule import Draft, Rule, evidence
from app.advice.words import figure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.advice.model import Range
    from app.advice.rule import Case

_PSR = "loudness.psr_min_db"
_PLR = "loudness.plr_db"
_CREST = "dynamics.crest_db"

_JOIN_S = 2.0


def limited_part(case: Case) -> Iterator[Draft]:
    """Yield a finding where the loudest parts keep too little of their peaks."""
    breach = case.breach(_PSR, "psr_min_db")
    if breach is None:
        return
    missing_db = breach.limit.bound - breach.value
    yield Draft(
        breach,
        f"The loudest part is limited to {figure(breach.value, 'dB')} of peak over loudness",
        (evidence(_PSR, breach), *_dynamic_range(case)),
        "Drums lose their attack before the level does. Turned down to the same loudness, it sounds smaller.",
        (
            Advice(
                f"Drive the limiter {figure(missing_db, 'dB')} less in these parts, or compress the loudest group.",
                "Limiter",
                (Setting("input gain", -round(missing_db, 1), "dB"),),
            ),
        ),
        _parts_under(case, breach.limit.bound),
    )


def limited_throughout(case: Case) -> Iterator[Draft]:
    """Yield a finding where the whole track keeps too little of its peaks."""
    breach = case.breach(_PLR, "plr_db")
    if breach is None:
        return
    yield Draft(
        breach,
        f"The whole track is limited to {figure(breach.value, 'dB')} of peak over loudness",
        (evidence(_PLR, breach),),
        "Not the loudest part alone: the limiter works all the time, so that no part can lift.",
        (
            Advice(
                f"Take {figure(breach.limit.bound - breach.value, 'dB')} of gain out before the limiter.",
                "Limiter",
                (Setting("input gain", -round(breach.limit.bound - breach.value, 1), "dB"),),
            ),
        ),
    )


def squashed(case: Case) -> Iterator[Draft]:
    """Yield a finding where the highest peak stands little over the mean level."""
    breach = case.breach(_CREST, "crest_db")
    if breach is None:
        return
    is_asked = breach.severity is not Severity.NOTE
    yield Draft(
        breach,
        f"Crest factor {figure(breach.value, 'dB')}",
        (evidence(_CREST, breach), *_dynamic_range(case)),
        "Transients stand little over the body of the sound.",
        (
            Advice(
                "Bus compressor: attack 30 ms, ratio at most 2:1, limiter off."
                if is_asked
                else "Bus compressor: attack 30 ms, so that transients pass.",
                "Compressor",
                (Setting("attack", 30.0, "ms"), Setting("ratio", 2.0, ":1")),
            ),
        ),
    )


def _parts_under(case: Case, limit_db: float) -> tuple[Range, ...]:
    """Stretches whose ratio is under the limit; each reading looks back 3 s."""
    step_s = number_at(case.document, "loudness.timeline.step_s") or 0.1
    line = line_at(case.document, "loudness.timeline.psr_db")
    return stretches([value is not None and value < limit_db for value in line], step_s, join_s=_JOIN_S)


def _dynamic_range(case: Case) -> tuple[Evidence, ...]:
    value = case.number("dynamics.dr")
    return () if value is None else (Evidence("dynamics.dr", value, None, "dB"),)


RULES = (
    Rule(
        "dynamics.limited-part",
        Family.DYNAMICS,
        "Least true peak over short-term loudness",
        ("psr_min_db",),
        Confidence.CONVENTION,
        limited_part,
    ),
    Rule(
        "dynamics.limited-throughout",
        Family.DYNAMICS,
        "True peak over integrated loudness",
        ("plr_db",),
        Confidence.CONVENTION,
        limited_throughout,
    ),
    Rule(
        "dynamics.squashed",
        Family.DYNAMICS,
        "Sample peak over mean level",
        ("crest_db",),
        Confidence.CONVENTION,
        squashed,
    ),
)
