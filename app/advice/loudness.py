"""Rules about loudness. Being loud is told and never judged; platform gains are no rule at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.advice.model import Advice, Confidence, Evidence, Family, Range, Setting
from app.advice.rule import Draft, Rule, evidence
from app.advice.words import figure, signed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.advice.rule import Case

_INTEGRATED = "loudness.integrated_lufs"
_SHORT_TERM = "loudness.short_term_max_lufs"
_RANGE = "loudness.range_lu"


def quiet(case: Case) -> Iterator[Draft]:
    """Yield a finding where the whole is under the least level of the target."""
    breach = case.breach(_INTEGRATED, "integrated_low_lufs")
    if breach is None:
        return
    missing_db = breach.limit.bound - breach.value
    yield Draft(
        breach,
        f"The track is {figure(missing_db, 'LU')} quieter than the target expects",
        (evidence(_INTEGRATED, breach), *_peak(case)),
        "Beside other tracks it sounds smaller than it is. Services that raise it stop at its peaks.",
        (
            Advice(
                f"Limiter: {signed(missing_db, 'dB')} of input gain, ceiling unchanged. Listen at matched loudness.",
                "Limiter",
                (Setting("input gain", round(missing_db, 1), "dB"),),
            ),
        ),
    )


def loud(case: Case) -> Iterator[Draft]:
    """Yield a finding where a pre-master is as loud as a master; for a master, a remark."""
    breach = case.breach(_INTEGRATED, "integrated_high_lufs")
    if breach is None:
        return
    excess_db = breach.value - breach.limit.bound
    if breach.is_free:
        title = f"Louder than most releases of the target by {figure(excess_db, 'LU')}"
        why = "No fault. Services with normalisation turn it down to their own level."
        advice = Advice("Nothing to do if the punch survives. Compare at matched loudness.")
    else:
        title = f"Louder than a pre-master by {figure(excess_db, 'LU')}"
        why = "A mastering chain needs the dynamics that loudness has cost."
        advice = Advice(
            "Bypass the limiter on the master, and export again.",
            "Limiter",
            (Setting("gain", -round(excess_db, 1), "dB"),),
        )
    yield Draft(breach, title, (evidence(_INTEGRATED, breach),), why, (advice,))


def loudest_part(case: Case) -> Iterator[Draft]:
    """Yield a remark on a loudest part beyond the guide for hot masters."""
    breach = case.breach(_SHORT_TERM, "short_term_max_lufs")
    if breach is None:
        return
    yield Draft(
        breach,
        f"The loudest 3 s read {figure(breach.value, 'LUFS')}",
        (evidence(_SHORT_TERM, breach),),
        "No fault. It says how hard the loudest part works for its level.",
        (Advice("Nothing to do if it is meant. Read it with the ratio of peak to loudness there."),),
        _loudest(case),
    )


def range_of_loudness(case: Case) -> Iterator[Draft]:
    """Yield a remark on a loudness range far outside what most music has."""
    for name, words in (("range_low_lu", "hardly changes"), ("range_high_lu", "changes much")):
        breach = case.breach(_RANGE, name)
        if breach is not None:
            yield Draft(
                breach,
                f"Loudness {words} over the track: {figure(breach.value, 'LU')}",
                (evidence(_RANGE, breach),),
                "No fault: ranges vary with the music. It tells how far parts stand apart.",
                (Advice("Nothing to do if the parts lift as they should."),),
            )


def _peak(case: Case) -> tuple[Evidence, ...]:
    peak = case.number("loudness.true_peak_dbtp")
    return () if peak is None else (Evidence("loudness.true_peak_dbtp", peak, None, "dBTP"),)


def _loudest(case: Case) -> tuple[Range, ...]:
    start_s, end_s = case.number("loudness.loudest.start_s"), case.number("loudness.loudest.end_s")
    return () if start_s is None or end_s is None else (Range(start_s, end_s),)


RULES = (
    Rule(
        "loudness.quiet",
        Family.LOUDNESS,
        "Integrated loudness under the target's least",
        ("integrated_low_lufs",),
        Confidence.CONVENTION,
        quiet,
    ),
    Rule(
        "loudness.loud",
        Family.LOUDNESS,
        "Integrated loudness over the target's most",
        ("integrated_high_lufs",),
        Confidence.CONVENTION,
        loud,
    ),
    Rule(
        "loudness.loudest-part",
        Family.LOUDNESS,
        "Highest short-term loudness",
        ("short_term_max_lufs",),
        Confidence.CONVENTION,
        loudest_part,
    ),
    Rule(
        "loudness.range",
        Family.LOUDNESS,
        "Loudness range",
        ("range_low_lu", "range_high_lu"),
        Confidence.CONVENTION,
        range_of_loudness,
    ),
)
