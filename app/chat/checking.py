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

from app.chat.facts import NEUTRAL_UNITS, Fact, facts_of
from app.chat.quoting import TIME, quoted_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.analyses.document import Document
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


_METRICS = (
    (r"integrated|overall loudness", "loudness.integrated_lufs"),
    (r"short[- ]term", "loudness.short_term_max_lufs"),
    (r"momentary", "loudness.momentary_max_lufs"),
    (r"loudness range|\blra\b|dynamic range", "loudness.range_lu"),
    (r"true[- ]peaks?|inter-?sample peaks?", "loudness.true_peak_dbtp"),
    (r"headroom", "headroom"),
    (r"sample peak", "loudness.sample_peak_dbfs"),
    (r"\bplr\b|peak[- ]to[- ]loudness", "loudness.plr_db"),
    (r"\bpsr\b|peak (?:over|to) (?:the )?short[- ]term|loudest (?:part|passage|section)", "loudness.psr_min_db"),
    (r"crest", "dynamics.crest_db"),
    (r"noise floor", "dynamics.noise_floor_dbfs"),
    (r"\btail\b|\bending\b|\bcut end\b|\bend of the (?:file|track)", "dynamics.faults.cut_end_dbfs"),
    (r"\bbeginning\b|\bstart of the (?:file|track)|\bcut start\b", "dynamics.faults.cut_start_dbfs"),
    (r"\btilt\b|\bslope\b", "spectrum.tilt_db_per_octave"),
    (r"bandwidth|roll(?:s|ed)?[- ]?off", "spectrum.bandwidth_hz"),
    (r"harsh", "spectrum.harshness_db"),
    (r"sibilan", "spectrum.sibilance_db"),
    (r"correlation", "stereo.correlation"),
    (r"\bwidth\b", "stereo.width"),
    (r"\bbalance\b|\bleans?\b", "stereo.balance_db"),
    (r"\bmono\b|fold[- ]?(?:ed |ing )?down|\bfolding\b", "stereo.fold_down_loss_db"),
    (r"\bsides?\b", "stereo.low_end_side_to_mid_db"),
    (r"\btempo\b", "rhythm.tempo_bpm"),
    (r"\btun(?:ing|ed)\b", "tonality.tuning_hz"),
    (r"\blength\b|\bduration\b|\blong\b", "file.duration_s"),
    (r"sample rate", "file.sample_rate_hz"),
    (r"resonan|\brings?\b|\bringing\b", "resonance"),
    (r"\bmp3\b", "codec.mp3"),
    (r"\bvorbis\b|\bogg\b", "codec.vorbis"),
    (r"\bopus\b", "codec.opus"),
    (r"\blow[- ]mids?\b", "band.low mids"),
    (r"\bhigh[- ]mids?\b", "band.high mids"),
    (r"(?<!low )(?<!low-)(?<!high )(?<!high-)\bmids\b", "band.mids"),
    (r"\bsubs?\b", "band.sub"),
    (r"\bbass\b", "band.bass"),
    (r"\bhighs\b", "band.highs"),
    (r"\bair\b", "band.air"),
)
_METRIC = tuple((re.compile(words, re.IGNORECASE), subject) for words, subject in _METRICS)
_PLACED = frozenset({"resonance"})
"""Subjects of which there are several, told apart by their frequency."""

_VERB = (
    r"cut|boost|raise|lower|reduce|increase|decrease|add|remove|set|try|aim|push|pull|drive|bring|turn|put|use|apply|"
    r"high-?pass|low-?pass|filter|notch|dip|attenuate|trim|side-?chain|duck|compress|export|fade|shorten|lengthen|keep|"
    r"start|drop|shelve|roll|tighten|back|nudge|shift|delay|widen|narrow|take|give|make|pan|place|dial|scoop|tame|"
    r"soften|lift|move|leave|render|automate|gate|clip|saturate|come|go|limit"
)
_LEAD = (
    r"so|then|and|or|first|next|also|just|instead|you|could|can|should|might|may|want|to|need|let|please|now|consider|"
    r"simply|maybe|perhaps|there|here|carefully|gently|if|that|helps|i|would|we|finally|by|i'd|it|must"
)
_COMMAND = re.compile(rf"^(?:[\s*_\-\d.)]|(?:{_LEAD})\b|On T\d+,?)*\b(?:{_VERB})\b", re.IGNORECASE)
_MODAL = "should|could|can|might|must|to|need to|try|try to|consider|by|i'd|recommend|suggest"
_GERUND = "cutting|boosting|raising|lowering|reducing|adding|setting|pushing|pulling|trimming"
_WISH = re.compile(rf"\b(?:{_MODAL})\s+(?:\w+ly\s+)?(?:{_VERB})(?:ting|ing|ding)?\b|\b(?:{_GERUND})\b", re.IGNORECASE)
_NOUN = (
    r"notch|bell|shelf|boost|(?<!is )(?<!was )(?<!gets )(?<!are )cut|dip|fade|high-?pass|low-?pass|ceiling|threshold|"
    r"attack|release|filter|crossfade|reduction"
)
_TOOL = re.compile(
    rf"\b(?:{_NOUN})\b(?:\s\w+){{0,2}}?\s(?:of|at|to|by|around|from|near|under|below)"
    r"\s*(?:about|around|roughly)?\s*$",
    re.IGNORECASE,
)
_GOES_ON = re.compile(r"^\s*(?:to|by|around|of|at|about|or|in|from|for|until|between|up|down)?\s*$", re.IGNORECASE)


def check(answer: str, document: Document) -> list[Mark]:
    """Return the marks of an answer, in its order; none overlap."""
    facts = facts_of(document)
    places = _places(facts)
    marks = [Mark(match.start(), match.end(), Verdict.TIME) for match in TIME.finditer(answer)]
    was_advised: dict[str, bool] = {}
    for quoted in sorted(quoted_in(answer), key=lambda item: item.start):
        is_advised = _is_advised(quoted, was_advised)
        was_advised[quoted.sentence_before + quoted.before] = is_advised
        marks.append(_mark(quoted, facts, places, is_advised=is_advised))
    return _apart(sorted(marks, key=lambda mark: mark.start))


def _mark(quoted: Quoted, facts: tuple[Fact, ...], places: _Words, *, is_advised: bool) -> Mark:
    if is_advised:
        return Mark(quoted.start, quoted.end, Verdict.ADVISED)
    found = [_fact_for(figure, quoted, facts, places) for figure in quoted.figures]
    if all(fact is not None for fact in found) and found[0] is not None:
        return Mark(quoted.start, quoted.end, Verdict.FOUND, found[0].anchor)
    return Mark(quoted.start, quoted.end, Verdict.MISSING)


def _is_advised(quoted: Quoted, before: dict[str, bool]) -> bool:
    """Tell whether a quote is an amount that is recommended."""
    if _COMMAND.search(quoted.before) or _WISH.search(quoted.before) or _TOOL.search(quoted.before):
        return not re.search(r"\b(?:will|won't|already|currently)\b", quoted.before, re.IGNORECASE)
    if not _GOES_ON.match(quoted.before):
        return False
    return any(said for text, said in before.items() if quoted.sentence_before.startswith(text[:40]) and text)


def _fact_for(figure: Figure, quoted: Quoted, facts: tuple[Fact, ...], places: _Words) -> Fact | None:
    """Return the figure of the report that a quote tells, if there is one."""
    same_unit = [fact for fact in facts if _is_unit(figure, fact)]
    subject = _subject(quoted, {fact.subject for fact in same_unit}, places)
    candidates = same_unit
    if figure.unit != "Hz" and (not subject or subject in _PLACED or subject.startswith("band.")):
        here = _at_frequency(quoted, same_unit)
        candidates, subject = (here, "") if here else (same_unit, subject)
    if subject:
        candidates = [fact for fact in candidates if subject in {fact.subject, fact.path}]
    return next((fact for fact in candidates if _is_value(figure, fact)), None)


def _is_unit(figure: Figure, fact: Fact) -> bool:
    return figure.unit == fact.unit or {figure.unit, fact.unit} == {"dB", "LU"}


def _is_value(figure: Figure, fact: Fact) -> bool:
    """Compare as far as the quote is exact; without a sign a difference stands for its size."""
    value, quoted = fact.value, figure.value
    if fact.unit in NEUTRAL_UNITS and not figure.is_signed:
        value, quoted = abs(value), abs(quoted)
    if abs(value - quoted) <= figure.tolerance:
        return True
    # Frequencies are written with three figures, as everywhere on the page.
    return fact.unit == "Hz" and value > 0 and abs(float(f"{value:.3g}") - quoted) <= 1e-6


def _at_frequency(quoted: Quoted, facts: list[Fact]) -> list[Fact]:
    """Return the figures of the frequency that the clause names, if it names one that has any."""
    for other in quoted_in(quoted.before + " | " + quoted.after):
        for figure in other.figures:
            if figure.unit == "Hz":
                named = Fact("", 0.0, "Hz", "")
                here = [
                    fact
                    for fact in facts
                    if fact.hz is not None and _is_value(figure, Fact(named.path, fact.hz, "Hz", ""))
                ]
                if here:
                    return here
    return []


def _subject(quoted: Quoted, possible: set[str], places: _Words) -> str:
    """Return what a quote is about: the nearest name in its clause, else the last in its sentence before."""
    words = [*_METRIC, *places]
    near = [
        (distance, subject)
        for pattern, subject in words
        if subject in possible
        for distance in _distances(pattern, quoted)
    ]
    if near:
        return min(near)[1]
    behind = [
        (match.end(), subject)
        for pattern, subject in words
        if subject in possible
        for match in pattern.finditer(quoted.sentence_before)
    ]
    return max(behind)[1] if behind else ""


def _distances(pattern: re.Pattern[str], quoted: Quoted) -> Iterable[int]:
    yield from (len(quoted.before) - match.end() for match in pattern.finditer(quoted.before))
    yield from (match.start() for match in pattern.finditer(quoted.after))


def _places(facts: tuple[Fact, ...]) -> _Words:
    """Return how platforms of this report are named."""
    names = {fact.subject for fact in facts if fact.subject.startswith("platform.")}
    return tuple((re.compile(rf"\b{re.escape(name.partition('.')[2])}\b", re.IGNORECASE), name) for name in names)


def _apart(marks: list[Mark]) -> list[Mark]:
    kept: list[Mark] = []
    for mark in marks:
        if not kept or mark.start >= kept[-1].end:
            kept.append(mark)
    return kept


if TYPE_CHECKING:
    _Words = tuple[tuple[re.Pattern[str], str], ...]
