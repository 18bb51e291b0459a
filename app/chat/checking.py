"""Every measurement that an answer quotes is looked up in the report.

A quote is true when the report has that figure, rounded as it is shown, with that unit and sign, for
the metric, the frequency, the codec or the platform that its clause names. Recommended amounts are
no measurements and are left alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from app.chat.advising import Advice
from app.chat.facts import NEUTRAL_UNITS, Fact, facts_of
from app.chat.measures import value_at
from app.chat.places import misplaced
from app.chat.quoting import TIME, quoted_in
from app.chat.subjects import ONE_OF_MANY, names_in, subjects_of

if TYPE_CHECKING:
    from app.analyses.document import Document
    from app.chat.quoting import Figure, Quoted
    from app.chat.subjects import Words


class Verdict(StrEnum):
    """What a marked place of an answer is."""

    FOUND = "found"
    MISSING = "missing"
    ADVISED = "advised"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Mark:
    """A place of an answer, and what was found out about it."""

    start: int
    end: int
    verdict: Verdict
    anchor: str = ""
    """The place of the page that shows the figure."""


_LENGTH = re.compile(r"\b(?:long|length|duration|lasts?|runs for)\b", re.IGNORECASE)
_BOUND = re.compile(r"\b(?:below|under|above|over|past|than|at most|within)\s*$", re.IGNORECASE)
NOT_OF_PLACES = ("band.", "limit")
"""A frequency in a clause about these is where something is, as in "the mids around 630 Hz"."""
_UP = re.compile(r"\b(?:up|raise[sd]?|louder)\b", re.IGNORECASE)
_DOWN = re.compile(r"\b(?:down|lower(?:s|ed)?|quieter|drops?|cuts?)\b", re.IGNORECASE)
_BETWEEN_PLACE_AND_FIGURE = 16
"""Letters between a place and its level, as in "by 1:48 you're at -8 LUFS"."""
_PLACE_BEFORE = re.compile(r"[\d.,]+\s*k?Hz[,\s(]*$", re.IGNORECASE)
_CLOCK_S = 1.0
"""How far a place in minutes and seconds may be from the figure it was rounded from."""


def check(answer: str, document: Document) -> list[Mark]:
    """Return the marks of an answer, in its order; none overlap."""
    facts = facts_of(document)
    names, advice = names_in(facts), Advice()
    length_s = value_at(document, "file.duration_s")
    elsewhere = misplaced(answer, document)
    marks = [
        Mark(match.start(), match.end(), Verdict.MISSING)
        if match.start() in elsewhere
        else _time_mark(match, answer, length_s)
        for match in TIME.finditer(answer)
    ]
    in_order = sorted(quoted_in(answer), key=lambda item: item.start)
    marks += [_mark(quoted, facts, names, is_advised=advice.is_advised(quoted)) for quoted in in_order]
    return _apart(sorted(marks, key=lambda mark: mark.start))


def _time_mark(match: re.Match[str], answer: str, length_s: float | None) -> Mark:
    """Mark a place in the track; one behind its end is none, and a length has to be the track's."""
    latest_s = max(60 * int(minutes) + int(seconds) for minutes, seconds in re.findall(r"(\d+):(\d\d)", match[0]))
    verdict = Verdict.TIME
    if length_s is not None:
        said = (
            answer[max(0, match.start() - 24) : match.start()].rpartition(".")[2]
            + answer[match.end() : match.end() + 8]
        )
        is_length = not match["end"] and _LENGTH.search(said) is not None
        if latest_s > length_s + _CLOCK_S or (is_length and abs(latest_s - length_s) > _CLOCK_S):
            verdict = Verdict.MISSING
    return Mark(match.start(), match.end(), verdict)


def _mark(quoted: Quoted, facts: tuple[Fact, ...], names: Words, *, is_advised: bool) -> Mark:
    if is_advised:
        return Mark(quoted.start, quoted.end, Verdict.ADVISED)
    found = [_fact_for(figure, quoted, facts, names) for figure in quoted.figures]
    if all(fact is not None for fact in found) and found[0] is not None:
        return Mark(quoted.start, quoted.end, Verdict.FOUND, found[0].anchor)
    return Mark(quoted.start, quoted.end, Verdict.MISSING)


def _fact_for(figure: Figure, quoted: Quoted, facts: tuple[Fact, ...], names: Words) -> Fact | None:
    """Return the figure of the report that a quote tells, if there is one."""
    candidates = _candidates(figure, quoted, [fact for fact in facts if _is_unit(figure, fact)], names)
    return next(
        (fact for fact in candidates if _is_value(figure, fact.value, fact.unit) and _is_direction(quoted, fact)), None
    )


def _candidates(figure: Figure, quoted: Quoted, same_unit: list[Fact], names: Words) -> list[Fact]:
    """Return the figures that a quote can mean by what stands round it: a place, a frequency, a name, or any."""
    here = _at_time(quoted, same_unit)
    if here:
        return here
    subjects = subjects_of(quoted, {fact.subject for fact in same_unit}, names)
    first = subjects[0] if subjects else ""
    if figure.unit == "Hz" and first.startswith(NOT_OF_PLACES):
        return same_unit
    if figure.unit != "Hz" and (not first or first in ONE_OF_MANY or first.startswith("band.")):
        here = _at_frequency(quoted, same_unit)
        if here:
            return here
    if not first:
        return same_unit
    if _BOUND.search(quoted.before):
        subjects = (*subjects, "limit")
    return [
        fact for fact in same_unit if fact.subject in subjects or (fact.path in subjects and fact.subject != "limit")
    ]


def _at_time(quoted: Quoted, facts: list[Fact]) -> list[Fact]:
    """Return the figures of the stretch that begins at a time right behind the quote, if there are any."""
    match = TIME.match(quoted.after.lstrip().removeprefix("at ").removeprefix("from "))
    match = match or next((found for found in TIME.finditer(quoted.before) if _is_near_end(found, quoted.before)), None)
    if match is None:
        return []
    minutes, _, seconds = match["start"].partition(":")
    start_s = 60 * int(minutes) + int(seconds)
    return [fact for fact in facts if fact.start_s is not None and abs(fact.start_s - start_s) <= _CLOCK_S]


def _is_near_end(match: re.Match[str], before: str) -> bool:
    return len(before) - match.end() <= _BETWEEN_PLACE_AND_FIGURE


def _is_unit(figure: Figure, fact: Fact) -> bool:
    if figure.unit == fact.unit or {figure.unit, fact.unit} == {"dB", "LU"}:
        return True
    # The level of a band is said in plain dB as often, with its sign.
    return figure.unit == "dB" and figure.is_signed and fact.unit == "dBFS" and fact.subject.startswith("band.")


def _is_direction(quoted: Quoted, fact: Fact) -> bool:
    """Tell whether a platform turns the track the way that is said; without a word for it any is right."""
    if not fact.subject.startswith("platform.") or fact.unit != "dB":
        return True
    is_up, is_down = _UP.search(quoted.before) is not None, _DOWN.search(quoted.before) is not None
    return is_up in {is_down, fact.value > 0}


def _is_value(figure: Figure, value: float, unit: str) -> bool:
    """Compare as far as the quote is exact; without a sign a difference stands for its size."""
    quoted = figure.value
    if unit in NEUTRAL_UNITS and not figure.is_signed:
        value, quoted = abs(value), abs(quoted)
    if abs(value - quoted) <= figure.tolerance:
        return True
    # Frequencies are written with three figures, as everywhere on the page.
    return unit == "Hz" and value > 0 and abs(float(f"{value:.3g}") - quoted) <= 1e-6


def _at_frequency(quoted: Quoted, facts: list[Fact]) -> list[Fact]:
    """Return the figures of the frequency that the clause names, if it names one that has any."""
    for place in (quoted.before + " | " + quoted.after, *_right_before(quoted)):
        for other in quoted_in(place):
            for figure in other.figures:
                here = [fact for fact in facts if fact.hz is not None and _is_value(figure, fact.hz, "Hz")]
                if figure.unit == "Hz" and here:
                    return here
    return []


def _right_before(quoted: Quoted) -> list[str]:
    """Return the end of the clause before where nothing stands between, as in "at 248 Hz, 16.6 dB tall"."""
    found = _PLACE_BEFORE.search(quoted.sentence_before) if not quoted.before.strip() else None
    return [found[0]] if found else []


def _apart(marks: list[Mark]) -> list[Mark]:
    kept: list[Mark] = []
    for mark in marks:
        if not kept or mark.start >= kept[-1].end:
            kept.append(mark)
    return kept
