"""Where in the track something is: a place that an answer names for it has to be one of the report's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from app.analyses.document import number, readings, rows, section, text
from app.chat.naming import CODEC_WORDS, compiled, has, key_words, named_sections, section_words
from app.chat.quoting import TIME, heading_at, seconds_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from app.analyses.document import Document

    Place = tuple[float, float]

_LETTERS = 60
_OF_AN_END = r"\b(?:ends?|until|to|length|duration|lasts)\b"
"""The head of a column of times at which nothing begins."""
_SHOWN_DB = 0.1
NEAR_S = 2.0
"""Places are said in whole seconds, and as "around"."""
_AT = (
    r"(?:(?:,?\s+[\w-]+){0,4}?,?(?:\s+and it (?:happens|does so))?(?: again)?"
    r"\s+(?:at|around|near|from|between)\s+(?:about |roughly )?"
    r"|[^.;\n]{0,60}?(?:\b(?:for instance|for example|such as|namely|e\.g\.|like),?|places:)"
    r" (?:the first )?(?:at |from )?)"
)
_GOES_ON = re.compile(
    r"\s*(?:,|and|or|,\s*and|then|,\s*then)\s*"
    r"(?:the last (?:one |place |spot |stretch |time )?(?:starting |beginning )?)?"
    r"(?:again )?(?:at |around |near |from )?$"
)
_BEGINS = (
    r"[^.;:\n\d]{0,32}\b(?:[Ss]tarts|[Bb]egins)(?: at| around| about)* $"
    r"|(?: again)?,? (?:from|starting(?: at)?) (?:about )?$"
    r"|[^|\n\d]{0,24}\| $|[^.\n\d]{0,32}\. It (?:starts|begins) (?:at |around )$"
)


_PASSAGE = "(?:stretch|part|passage|moment|seconds)"


def _event(words: str) -> re.Pattern[str]:
    """Return how an answer says when something happens, up to the time."""
    return re.compile(rf"\b(?:{words})\b{_AT}$", re.IGNORECASE)


_EVENTS = (
    (_event(r"cancels?|out of phase|inverted|opposed|flip(?:s|ped)?|polarity"), "inverted"),
    (_event(r"clicks?"), "clicks"),
    (_event(r"drop-?outs?"), "dropouts"),
    (_event(r"overs"), "overs"),
    (_event(r"highest (?:true |sample )?peak(?: of the(?: whole| entire)? \w+)?(?: falls| sits| is| comes)?"), "peak"),
    (_event(rf"(?:loudest|most energetic) {_PASSAGE}(?: (?:starts?|begins?|comes?|is|sits))?"), "loudest"),
)


def misplaced(answer: str, document: Document) -> set[int]:
    """Return where the times stand by which an answer places something that is not there in the report."""
    known = {event: list(places) for event, places in _places(document)}
    events = (*_EVENTS, *_beginnings(document))
    found: set[int] = set()
    event, end = "", 0
    for match in TIME.finditer(answer):
        if not (event and _GOES_ON.fullmatch(answer[end : match.start()])):
            event = _event_before(answer, match.start(), events)
        end = match.end()
        if event and not any(_is_near(match["start"], place) for place in known.get(event, ())):
            found.add(match.start())
    return found


def _event_before(answer: str, start: int, events: Iterable[tuple[re.Pattern[str], str]]) -> str:
    """Return what an answer says to be at a time: an event, one of a codec's copy, the beginning of a section."""
    if has(_OF_AN_END, heading_at(answer, start)):
        return ""
    before = answer[max(0, start - _LETTERS) : start]
    event = next((name for words, name in events if words.search(before)), "")
    line = before.rpartition("\n")[2]
    copy = next((codec for codec, words in CODEC_WORDS.items() if event == "overs" and has(words, line)), "")
    return f"{event}.{copy}" if copy else event


def _places(document: Document) -> Iterator[tuple[str, Iterator[Place]]]:
    stereo, dynamics = section(document, "stereo"), section(document, "dynamics")
    faults = section(dynamics, "faults")
    clicks = [second for second in readings(faults, "clicks_s") if second is not None]
    yield "inverted", _ranges([*rows(stereo, "low_end_inverted"), *rows(stereo, "inverted")])
    yield "clicks", iter([*zip(clicks, clicks, strict=True), *_edges(document)])
    yield "peak", _peaks(section(section(document, "loudness"), "timeline"))
    yield "dropouts", _ranges(rows(faults, "dropouts"))
    yield "loudest", _ranges([section(section(document, "loudness"), "loudest")])
    for name, found in _sections(document).items():
        yield name, iter([(start_s, start_s) for row in found if (start_s := number(row, "start_s")) is not None])
    for name, chords in _chords(document).items():
        yield name, _ranges(chords)
    for codec in rows(document, "codecs"):
        yield f"overs.{text(codec, 'name').split()[-1].lower()}", _ranges(rows(codec, "overs"))
    encoded = [over for codec in rows(document, "codecs") for over in rows(codec, "overs")]
    yield "overs", _ranges([*rows(dynamics, "inter_sample_overs"), *encoded])


def _sections(document: Document) -> dict[str, list[Document]]:
    return _by_name(named_sections(document))


def _chords(document: Document) -> dict[str, list[Document]]:
    return _by_name((text(row, "name"), row) for row in rows(section(document, "tonality"), "chords"))


def _by_name(named: Iterable[tuple[str, Document]]) -> dict[str, list[Document]]:
    """Gather what shares a name: the sections of a label, the stretches of a chord."""
    found: dict[str, list[Document]] = {}
    for name, row in named:
        found.setdefault(name, []).append(row)
    return found


def _beginnings(document: Document) -> Iterator[tuple[re.Pattern[str], str]]:
    """Give how an answer says where a section begins, or a chord sounds."""
    for name in _chords(document):
        yield compiled(rf"{key_words(name)} (?:at|from|around) (?:about )?$"), name
    for name in sorted(_sections(document), key=len, reverse=True):  # "the last A" before any A
        words = section_words(name)
        begins = rf"(?:{words.pattern})(?:{_BEGINS})"
        letter = rf"|\b{name.upper()}(?: again)?,? (?:in )?(?:from|at) (?:about )?$" if len(name) == 1 else ""
        yield re.compile(begins + letter, words.flags), name


def _peaks(timeline: Document) -> Iterator[Place]:
    """Give the steps of the timeline in which the true peak is the highest, as far as it is shown."""
    peaks, step_s = readings(timeline, "true_peak_dbtp"), number(timeline, "step_s") or 0.0
    highest = max((peak for peak in peaks if peak is not None), default=0.0)
    for index, peak in enumerate(peaks):
        if peak is not None and peak > highest - _SHOWN_DB:
            yield index * step_s, (index + 1) * step_s


def _ranges(found: list[Document]) -> Iterator[Place]:
    for row in found:
        start, end = number(row, "start_s"), number(row, "end_s")
        if start is not None and end is not None:
            yield start, end


def _edges(document: Document) -> Iterator[Place]:
    """Give the two ends of the file, where a cut sounds as a click."""
    length_s = number(section(document, "file"), "duration_s") or 0.0
    yield from ((0.0, 0.0), (length_s, length_s))


def _is_near(clock: str, place: Place) -> bool:
    return place[0] - NEAR_S <= seconds_of(clock) <= place[1] + NEAR_S
