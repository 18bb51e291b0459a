"""Finding quoted measurements in a text: number, unit, clause, and what the clause is about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.chat.measures import SCORES
from app.chat.naming import BAND_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator

_NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
_UNIT = (
    r"LUFS|LKFS|LU|dB ?TP|dB ?FS|dB/oct(?:ave)?|dB per octave|dB|kHz|Hz|BPM|%|percent|kbps|kbit/s|bits?|"
    r"(?:transients? )?(?:per|a) second|cents?|points?|ms|milliseconds?|s|sec|seconds?|min|minutes?|"
    r"/ ?100|(?:out )?of 100"
)
QUOTE = re.compile(
    rf"(?<![\w.:,])(?P<first_sign>[+\-−–]?)(?P<first>{_NUMBER})"
    rf"(?:(?:\s*(?:to|and|or|…|–|-)\s*)(?P<second_sign>[+\-−–]?)(?P<second>{_NUMBER}))?"
    rf"[\s\u00a0\u202f*-]{{0,3}}(?P<unit>{_UNIT})(?![\w/])",
    re.IGNORECASE,
)
_NO_UNIT = r"(?!\.?\d|\s*(?:dB|%|[kM]?Hz|LU))"
BARE = re.compile(
    rf"\b(?P<subject>correlat\w+|width)\b[^\d\n.;]{{0,24}}?(?P<first_sign>[+\-−–]?)(?P<first>\d\.\d+){_NO_UNIT}"
    rf"|\b(?-i:DR)\b[^\d\n.;,]{{0,16}}?(?P<range>\d+(?:\.\d+)?){_NO_UNIT}"
    r"|(?<![\w.:,])(?P<ahead_sign>[+\-−–]?)(?P<ahead>\d\.\d+)[ *]+(?:\w+ ){0,2}?(?:correlation|width)\b"
    r"|\bscores?\b(?: (?:of|is|are|was|at|reads|(?:sits|stands|comes(?: out)?) at))?[ *]+(?P<score>\d{1,3})"
    rf"(?![%/\d]|\.\d|\*|\s*(?:points?|of|out|less|more)\b){_NO_UNIT}",
    re.IGNORECASE,
)
"""What has no unit: a correlation, a width, a DR, a score."""
_SCORED = "|".join((*SCORES, "total"))
SCORE_OF = re.compile(
    rf"\b(?:{_SCORED})\b(?: (?:is|at|gets|with))?[ *:]+"
    rf"(?P<score>\d{{1,3}})(?![%/\d]|\.\d|\s*(?:points?|of|out|less|more)\b){_NO_UNIT}"
    rf"|(?<![\w.:,/])(?P<ahead>\d{{1,3}}) (?:for|on|in) (?:{_SCORED})\b",
    re.IGNORECASE,
)
"""The others of a row of scores, in whose sentence the word has been said: "the score is 94, technical at 88"."""
_OF_SCORES = re.compile(r"(?:\bscor|\bof 100|/ ?100|\bfit\b)[^\n]*$", re.IGNORECASE)
BAND_OF = re.compile(
    rf"(?:{'|'.join(BAND_WORDS.values())})(?:'s|’s)?(?: [a-z]+){{0,3}}?,?[ *:]+"
    rf"(?P<first_sign>[+\-−–]?)(?P<first>[01]\.\d+){_NO_UNIT}",
    re.IGNORECASE,
)
"""The others of a row of bands, in whose paragraph correlation or width has been said."""
_OF_BANDS = re.compile(r"\b(?:correlat\w*|width)\b", re.IGNORECASE)
_CLOCK = r"\d{1,2}:[0-5]\d(?:\.\d+)?"
TIME = re.compile(rf"(?<![\w:.])(?P<start>{_CLOCK})(?:\s*(?:to|–|-)\s*(?P<end>{_CLOCK}))?(?!\w|:\d)")
UNITS = {
    "lkfs": ("LUFS", 1.0),
    "lufs": ("LUFS", 1.0),
    "lu": ("LU", 1.0),
    "dbtp": ("dBTP", 1.0),
    "db tp": ("dBTP", 1.0),
    "dbfs": ("dBFS", 1.0),
    "db fs": ("dBFS", 1.0),
    "db": ("dB", 1.0),
    "khz": ("Hz", 1000.0),
    "hz": ("Hz", 1.0),
    "bpm": ("BPM", 1.0),
    "%": ("%", 1.0),
    "percent": ("%", 1.0),
    "kbps": ("kbit/s", 1.0),
    "kbit/s": ("kbit/s", 1.0),
    "ms": ("s", 0.001),
    "millisecond": ("s", 0.001),
    "s": ("s", 1.0),
    "sec": ("s", 1.0),
    "second": ("s", 1.0),
    "min": ("s", 60.0),
    "minute": ("s", 60.0),
    "bit": ("bit", 1.0),
    "cent": ("cent", 1.0),
    "point": ("point", 1.0),
}
_SENTENCE = re.compile(r"(?<!\bi\.e)(?<!\be\.g)(?<!\bvs)(?<!\bca)[.!?]+[*_)”\"']*(?=\s|$)|\n+")
_AND = r"(?<!loudest)(?<!softest)(?<!quietest)(?<!left)\sand\s"
_CLAUSE = re.compile(rf",\s|{_AND}|\s(?:but|so|while|which|whereas|or)\s|[();—]|\s[–·•]\s")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its unit, as it stands in a text."""

    start: int
    end: int
    value: float
    is_signed: bool
    tolerance: float
    """How far a true value may be from it, by the decimals that are shown."""
    unit: str
    has_decimals: bool


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quoted measurement: one figure or the two of a range, and where it is said."""

    start: int
    end: int
    figures: tuple[Figure, ...]
    before: str
    """Its clause up to it."""
    after: str
    """Its clause behind it."""
    sentence_before: str
    """The sentence up to its clause."""
    sentence_after: str
    """The sentence behind its clause."""
    heading: str = ""
    """The head of its column, where it stands in a table."""

    @property
    def clause(self) -> str:
        """Its clause without itself."""
        return self.before + self.after

    @property
    def sentence(self) -> str:
        """The sentence up to the end of its clause, without itself."""
        return self.sentence_before + self.clause


def seconds_of(clock: str) -> float:
    """Return how many seconds a time such as ``1:27.4`` is from the front."""
    minutes, _, seconds = clock.partition(":")
    return 60 * int(minutes) + float(seconds)


def quoted_in(source: str) -> Iterator[Quoted]:
    """Find every measurement that is quoted with a unit, and the three that have none."""
    found = [(match, _figures(match)) for match in QUOTE.finditer(source)]
    found += [(match, _bare(match)) for row in (BARE, SCORE_OF, BAND_OF) for match in row.finditer(source)]
    spans = [(figures[0].start, figures[-1].end) for _, figures in found]
    for (match, figures), (start, end) in zip(found, spans, strict=True):
        sentence = _bounds(_SENTENCE, source, start, end, (0, len(source)), spans)
        said = _said_of_row(match, source, start)
        if said is None:
            continue
        clause = _bounds(_CLAUSE, source, start, end, sentence, spans)
        yield Quoted(
            start=start,
            end=end,
            figures=figures,
            before=source[clause[0] : start],
            after=source[end : clause[1]],
            sentence_before=said + source[sentence[0] : clause[0]],
            sentence_after=source[clause[1] : sentence[1]],
            heading=heading_at(source, start),
        )


def _said_of_row(match: re.Match[str], source: str, start: int) -> str | None:
    """Return the word that a row of bands goes on from, nothing for what is in no row, none where no row is meant."""
    if match.re is SCORE_OF:
        # Spoken of by a word for scores, or by several of their names with a number.
        return "" if _OF_SCORES.search(source, 0, start) or len(SCORE_OF.findall(source)) > 1 else None
    if match.re is BAND_OF:
        said = _OF_BANDS.findall(source[source.rfind("\n\n", 0, start) + 1 : start])
        return f"{said[-1]} " if said else None
    return ""


def heading_at(source: str, start: int) -> str:
    """Return the head of the column in which something stands, nothing outside of tables."""
    line = source.rfind("\n", 0, start) + 1
    if not source.startswith("|", line):
        return ""
    rows = source[:line].rpartition("\n\n")[2].strip().splitlines()
    head = next((row for row in rows if row.startswith("|")), "").split("|")
    column = source.count("|", line, start)
    return head[column] if column < len(head) else ""


def _bounds(
    pattern: re.Pattern[str], source: str, start: int, end: int, within: tuple[int, int], spans: list[tuple[int, int]]
) -> tuple[int, int]:
    """Return the piece round a span that a pattern cuts a text into, never inside another quote."""
    low, high = within
    for match in pattern.finditer(source, *within):
        if any(left < match.end() and match.start() < right for left, right in spans):
            continue
        if match.end() <= start:
            low = match.end()
        elif match.start() >= end:
            high = match.start()
            break
    return low, high


def _figures(match: re.Match[str]) -> tuple[Figure, ...]:
    """Read the figure of a quote, or the two of a range, which share a unit."""
    unit, scale = _unit(match["unit"].lower())
    made = [_figure(match["first"], match["first_sign"], match.start(), match.end(), unit, scale)]
    if match["second"]:
        sign = match["second_sign"]
        made.append(_figure(match["second"], sign, match.start(), match.end(), unit, scale))
    return tuple(made)


def _unit(word: str) -> tuple[str, float]:
    """Return a unit as facts have it, and what a figure in this one is to be multiplied by."""
    if word.endswith(("per second", "a second")):
        return "per second", 1.0
    if "oct" in word:
        return "dB/oct", 1.0
    if "100" in word:
        return "/100", 1.0
    return UNITS[word if word in UNITS else word.rstrip("s")]


def _bare(match: re.Match[str]) -> tuple[Figure, ...]:
    """Read what has no unit; a score is one of a hundred all the same."""
    said = match.groupdict("")
    name = next(name for name in ("first", "range", "ahead", "score") if said.get(name))
    sign = said.get(f"{name}_sign", "")
    unit = "/100" if name == "score" or match.re is SCORE_OF else ""
    return (_figure(match[name], sign, match.start(name) - len(sign), match.end(name), unit, 1.0),)


def _figure(number: str, sign: str, start: int, end: int, unit: str, scale: float) -> Figure:
    plain = number.replace(",", "")
    decimals = len(plain.partition(".")[2])
    value = float(plain) * scale * (-1 if sign in {"-", "−", "–"} else 1)
    return Figure(start, end, value, bool(sign), 0.5 * 10**-decimals * scale + 1e-6, unit, decimals > 0)
