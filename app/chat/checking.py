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
from app.chat.fact import NEUTRAL_UNITS, Fact
from app.chat.facts import facts_of
from app.chat.keys import keys_in
from app.chat.measures import value_at
from app.chat.naming import names_in
from app.chat.places import misplaced
from app.chat.quoting import QUOTE, TIME, quoted_in, seconds_of
from app.chat.subjects import ONE_OF_MANY, last_in, nearest, subjects_of

if TYPE_CHECKING:
    from app.analyses.document import Document
    from app.chat.naming import Words
    from app.chat.quoting import Figure, Quoted


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


_LENGTH = re.compile(
    r"\b(?:long|length|duration|lasts|(?:piece|track|song|it) runs|runs for|run(?:ning )?[- ]?time)\b", re.IGNORECASE
)
_LONG = re.compile(r"\W*(?:minutes? )?(?:long|in length)\b", re.IGNORECASE)
_BOUND = re.compile(
    r"\b(?:north of|pass|exceed|peaks past|below|under|above|over|past|than|at most|within)\s*$", re.IGNORECASE
)
NOT_OF_PLACES = ("band.", "limit")
"""A frequency in a clause about these is where something is, as in "the mids around 630 Hz"."""
ONLY_BY_NAME = frozenset({"limit", "rhythm.stability", "rhythm.first_beat"})
"""Figures that a quote without any name does not mean."""
_LIMIT = re.compile(r"\b(?:limits?|corridor|edge|beyond|over|under|too|short|miss(?:es|ed)?)\b", re.IGNORECASE)
_TOO_MUCH = re.compile(r"[\s*]*(?:too (?:strong|much|loud|hot)|over|above|beyond|past)\b", re.IGNORECASE)
_TOO_LITTLE = re.compile(r"[\s*]*(?:too (?:weak|little|quiet)|under|below|short)\b", re.IGNORECASE)
_UP = re.compile(r"\b(?:up|raise[sd]?|louder)\b", re.IGNORECASE)
_DOWN = re.compile(r"\b(?:down|lower(?:s|ed)?|quieter|drops?|cuts?)\b", re.IGNORECASE)
_OVER = re.compile(r"[\s*_]*(?:above|over|louder|higher)\b", re.IGNORECASE)
_UNDER = re.compile(r"[\s*_]*(?:below|under|beneath|quieter|lower|down)\b", re.IGNORECASE)
_MAXIMUM = re.compile(r"\b(?:short[- ]term|momentary)\b", re.IGNORECASE)
_BETWEEN_PLACE_AND_FIGURE = 16
"""Letters between a place and its level, as in "by 1:48 you're at -8 LUFS"."""
_BETWEEN_SECTION_AND_TIME = 28
"""Letters in which a section is named with its time, as in "the outro, from 1:48"."""
_HERTZ = re.compile(r"[\d.,]+\s*k?Hz\b", re.IGNORECASE)
_OF_THEM = re.compile(r"\b(lowest|highest|weakest|strongest|tallest|biggest)\b[^.;\d]*$", re.IGNORECASE)
_STANDS_OUT = re.compile(r"\b(?:proud|stands|sticks|pokes|tall|rings?|resonances?)\b", re.IGNORECASE)
_THEN = re.compile(r"\bthen\b", re.IGNORECASE)
_OF_A_FILE = re.compile(r"[\s*]*(?:file|wav|session|project|rate)\b", re.IGNORECASE)
_SPECTRUM = re.compile(r"\b(?:bandwidth|spectrum|content|roll\w*|reach\w*|cut-?off)\b", re.IGNORECASE)
_UNTIL = re.compile(r"(?:\b(?:to|until|till|through)|\d and)\s+$", re.IGNORECASE)
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
    marks += [
        Mark(start, end, Verdict.FOUND, "rhythm") if is_told else Mark(start, end, Verdict.MISSING)
        for start, end, is_told in keys_in(answer, document)
    ]
    in_order = sorted(quoted_in(answer), key=lambda item: item.start)
    marks += [_mark(quoted, facts, names, is_advised=advice.is_advised(quoted)) for quoted in in_order]
    return _apart(sorted(marks, key=lambda mark: mark.start))


def _time_mark(match: re.Match[str], answer: str, length_s: float | None) -> Mark:
    """Mark a place in the track; one behind its end is none, and a length has to be the track's."""
    latest_s = max(seconds_of(clock) for clock in match.group("start", "end") if clock)
    verdict = Verdict.TIME
    if length_s is not None:
        before = answer[max(0, match.start() - 24) : match.start()].rpartition(".")[2]
        is_length = not match["end"] and bool(_LENGTH.search(before) or _LONG.match(answer, match.end()))
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
    return next((fact for fact in candidates if _is_value(figure, fact) and _is_direction(quoted, fact)), None)


def _candidates(figure: Figure, quoted: Quoted, same_unit: list[Fact], names: Words) -> list[Fact]:
    """Return the figures that a quote can mean by what stands round it: a place, a frequency, a name, or any."""
    possible = {fact.subject for fact in same_unit}
    possible |= {name.rpartition(".")[0] for name in possible if name.startswith("codec.")}
    here = _right_at_time(quoted, same_unit) or _at_time(quoted, same_unit, names)
    if not here and (since := _since_time(quoted, same_unit)) and not nearest(quoted, possible, names):
        here = since
    here = here or _of_rate(figure, quoted, same_unit)
    if here and not _MAXIMUM.search(quoted.clause):
        return here
    subjects = subjects_of(quoted, possible, names)
    first = subjects[0] if subjects else ""
    if figure.unit == "Hz" and first.startswith(NOT_OF_PLACES):
        return same_unit
    if figure.unit != "Hz" and (not first or first in ONE_OF_MANY or first.startswith("band.")):
        here = _at_frequency(quoted, same_unit, goes_on=not first.startswith("band."))
        if here:
            return here
    if first in {"", "resonance"} and (one := _one_of_them(quoted, same_unit)):
        return one
    is_bound = _BOUND.search(quoted.before) is not None
    if not first:
        is_of_limit = is_bound or _LIMIT.search(quoted.sentence)
        return same_unit if is_of_limit else [fact for fact in same_unit if fact.subject not in ONLY_BY_NAME]
    return [
        fact
        for fact in same_unit
        if fact.subject in subjects
        or (fact.path in subjects and (is_bound or fact.subject != "limit"))
        or (is_bound and fact.subject == "limit" and (fact.hz is not None or fact.path == "target.limits"))
    ]


def _of_rate(figure: Figure, quoted: Quoted, facts: list[Fact]) -> list[Fact]:
    """Return the track's sample rate if that is meant, which needs no name: "a lossy file, 44.1 kHz"."""
    said = quoted.clause if quoted.sentence_before.strip() else quoted.clause + quoted.sentence_after
    is_meant = figure.unit == "Hz" and (_OF_A_FILE.match(quoted.after) or not _SPECTRUM.search(said))
    return [fact for fact in facts if is_meant and fact.path == "file.sample_rate_hz" and fact.value == figure.value]


def _right_at_time(quoted: Quoted, facts: list[Fact]) -> list[Fact]:
    """Return the figures of the stretch that begins at a time right behind the quote, if there are any."""
    return _beginning_at(TIME.match(quoted.after.lstrip().removeprefix("at ").removeprefix("from ")), facts)


def _at_time(quoted: Quoted, facts: list[Fact], names: Words) -> list[Fact]:
    """Return the figures of the stretch that begins at a time shortly before the quote, if there are any.

    A section that is named with the time counts for more, as in "the outro, from 1:48, is at -12 LUFS".
    """
    before = quoted.sentence_before + quoted.before
    near = (found for found in TIME.finditer(before) if _is_near_end(found, before))
    match = next((found for found in near if not _UNTIL.search(before[: found.start()])), None)
    here = _beginning_at(match, facts)
    if match is None or not here:
        return []
    sections = {fact.subject for fact in facts if fact.subject.startswith("section.")}
    section = last_in(before[max(0, match.start() - _BETWEEN_SECTION_AND_TIME) : match.start()], sections, names)
    named = [fact for fact in facts if fact.subject == section] if section else []
    return [fact for fact in named if fact in here] or named or here


def _since_time(quoted: Quoted, facts: list[Fact]) -> list[Fact]:
    """Return the figures of the stretch that a sentence goes on from: "at 0:16 it drops in and you're at -8 LUFS"."""
    before = quoted.sentence_before + quoted.before
    last = max((match.end() for match in QUOTE.finditer(before)), default=0)
    times = [match for match in TIME.finditer(before, last) if before[: match.start()].endswith(" at ")]
    if not times and _THEN.search(quoted.before):
        times = [match for match in TIME.finditer(before) if before[: match.start()].endswith(" until ")]
    return _beginning_at(times[-1], facts) if times else []


def _beginning_at(match: re.Match[str] | None, facts: list[Fact]) -> list[Fact]:
    if match is None:
        return []
    start_s = seconds_of(match["start"])
    return [fact for fact in facts if fact.start_s is not None and abs(fact.start_s - start_s) <= _CLOCK_S]


def _is_near_end(match: re.Match[str], before: str) -> bool:
    return len(before) - match.end() <= _BETWEEN_PLACE_AND_FIGURE


def _is_unit(figure: Figure, fact: Fact) -> bool:
    if figure.unit == fact.unit or {figure.unit, fact.unit} == {"dB", "LU"}:
        return True
    # The level of a band or a third octave is said in plain dB as often, with its sign.
    is_level = fact.unit == "dBFS" and (fact.subject.startswith("band.") or fact.hz is not None)
    return is_level and figure.unit == "dB" and figure.is_signed


def _is_direction(quoted: Quoted, fact: Fact) -> bool:
    """Tell whether a platform turns the track the way that is said, or the sides stand as they do to the middle.

    Without a word for it any way is right.
    """
    if fact.path == "stereo.low_end_side_to_mid_db" and not quoted.figures[0].is_signed:
        is_over = _OVER.match(quoted.after) is not None
        return is_over in {_UNDER.match(quoted.after) is not None, fact.value > 0}
    if fact.subject == "limit" and fact.unit == "dB":
        is_over = _TOO_MUCH.match(quoted.after) is not None
        return is_over in {_TOO_LITTLE.match(quoted.after) is not None, fact.value > 0}
    if not fact.subject.startswith("platform.") or fact.unit != "dB":
        return True
    is_up, is_down = _UP.search(quoted.before) is not None, _DOWN.search(quoted.before) is not None
    return is_up in {is_down, fact.value > 0}


def _is_value(figure: Figure, fact: Fact) -> bool:
    """Compare as far as the quote is exact; without a sign a difference stands for its size."""
    if fact.unit == "Hz":
        return _is_hertz(figure, fact.value)
    value, quoted = fact.value, figure.value
    is_loss = fact.path.endswith("fold_down_loss_db")  # said as "loses 2 dB" and as "-2 dB in mono"
    if is_loss or ((fact.unit in NEUTRAL_UNITS or fact.path == "dynamics.dc_offset") and not figure.is_signed):
        value, quoted = abs(value), abs(quoted)
    return abs(value - quoted) <= figure.tolerance


def _is_hertz(figure: Figure, value: float) -> bool:
    """Compare frequencies, which are written with three figures, as everywhere on the page."""
    is_near = abs(value - figure.value) <= figure.tolerance
    return is_near or (value > 0 and abs(float(f"{value:.3g}") - figure.value) <= 1e-6)


def _at_frequency(quoted: Quoted, facts: list[Fact], *, goes_on: bool) -> list[Fact]:
    """Return the figures of the frequency that the clause names, or the one that its sentence goes on from."""
    places = _HERTZ.findall(quoted.sentence_before)[-1:] if goes_on else []
    for place in (quoted.before + " | " + quoted.after, *places):
        for other in quoted_in(place):
            figure, *second = other.figures
            here = [fact for fact in facts if fact.hz is not None and _is_hertz(figure, fact.hz)]
            if here and figure.unit == "Hz" and not second:  # from here to there is a band, not a place
                return here
    return []


def _one_of_them(quoted: Quoted, facts: list[Fact]) -> list[Fact]:
    """Return the resonance that is told by its place among the others, as in "the lowest stands 14 dB proud"."""
    found = [fact for fact in facts if fact.path == "spectrum.resonances" and fact.hz is not None]
    said = _OF_THEM.search(quoted.before)
    if said is None or not found or not _STANDS_OUT.search(quoted.clause):
        return []
    word = said[1].lower()
    by_place = word in {"lowest", "highest"}
    in_order = sorted(found, key=lambda fact: fact.hz or 0.0 if by_place else fact.value)
    return [in_order[0 if word in {"lowest", "weakest"} else -1]]


def _apart(marks: list[Mark]) -> list[Mark]:
    kept: list[Mark] = []
    for mark in marks:
        if not kept or mark.start >= kept[-1].end:
            kept.append(mark)
    return kept
