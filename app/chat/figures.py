"""What the report guide says of one figure or part of a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.analyses.document import number, rows, section, text
from app.chat.measures import MEASURES, SCORES, value_at
from app.chat.stems import stem
from app.chat.wording import MOST_FIGURES, finding_text, written
from app.kernel.html import numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from app.analyses.document import Document
    from app.chat.asking import Asked

    Say = Callable[[Document, Asked], list[str]]

NAMES = {measure.path: measure for measure in MEASURES}
_STEMS = {name: {stem(name)} for name in SCORES} | {"tone": {stem("tone"), stem("tonal")}}
_OF_EACH_BAND = ("stereo.correlation", "stereo.width", "stereo.fold_down_loss_db")
_CLOCK_S = 1.0
"""How far a time in whole minutes and seconds may be from the place that is meant."""


def figure(path: str, asked: Asked, document: Document) -> list[str]:
    """Say a figure of the report, or why it is not there."""
    kind, _, name = path.partition(".")
    if kind == "band":
        return _band(document, name)
    made = _IN_WORDS.get(path)
    if made is not None:
        return made(document, asked)
    measure, value = NAMES[path], value_at(document, path)
    if value is None:
        return _unmeasured(path, measure.name, document)
    band = _named_band(document, asked) if path in _OF_EACH_BAND else {}
    here = number(band, path.partition(".")[2])
    if here is not None:
        return [f"{measure.name} of the {text(band, 'name')}: {written(here, measure.unit, measure.decimals)}."]
    return [f"{measure.name}: {written(value, measure.unit, measure.decimals)}."]


def _named_band(document: Document, asked: Asked) -> Document:
    """Return what the report has of the stereo of the band that is named, the longest name first: low mids, mids."""
    said = f" {' '.join(asked.words)} "
    bands = sorted(rows(section(document, "stereo"), "bands"), key=lambda row: -len(text(row, "name")))
    return next((row for row in bands if f" {text(row, 'name')} " in said), {})


def at_time(time_s: float, document: Document) -> list[str]:
    """Say what the report has about a moment: its section, and what was found there."""
    here = [row for row in rows(section(document, "structure"), "sections") if _holds(row, time_s)]
    said = [f"At {numbers.clock(time_s)}: {_section(row)}." for row in here[:1]]
    found = [row for row in rows(document, "findings") if any(_holds(place, time_s) for place in rows(row, "ranges"))]
    return said + [finding_text(row) for row in found[:2]]


def platform(row: Document) -> str:
    """Say what a platform does with the loudness of this track."""
    name, gain, target = text(row, "name"), number(row, "gain_db"), number(row, "target_lufs")
    if gain is None:
        return f"This report does not say what {name} does with loudness: it publishes no figure."
    aim = f" It normalises to {numbers.fixed(target)} LUFS." if target is not None else ""
    if not round(gain, 1):
        return f"{name} would play it as it is: 0.0 dB.{aim}"
    return f"{name} would turn it {'down' if gain < 0 else 'up'} by {numbers.fixed(abs(gain))} dB.{aim}"


def _holds(place: Document, time_s: float) -> bool:
    start, end = number(place, "start_s"), number(place, "end_s")
    return start is not None and end is not None and start - _CLOCK_S <= time_s <= end + _CLOCK_S


def _unmeasured(path: str, name: str, document: Document) -> list[str]:
    for note in rows(document, "notes"):
        if text(note, "path") in {path, path.partition(".")[0]}:
            return [f"This report does not say: {name.lower()} was not measured. {text(note, 'reason')}"]
    return []


def _platforms(document: Document, asked: Asked) -> list[str]:
    found = rows(document, "platforms")
    if asked.platforms:
        return [platform(row) for row in found if text(row, "name") in asked.platforms][:MOST_FIGURES]
    gains = [(text(row, "name"), number(row, "gain_db")) for row in found]
    said = ", ".join(f"{name} {numbers.signed(gain)} dB" for name, gain in gains if gain is not None)
    return [f"What platforms would do with the level: {said}."] if said else []


def _band(document: Document, band: str) -> list[str]:
    for row in rows(section(document, "spectrum"), "bands"):
        share = number(row, "share")
        if text(row, "name") == band and share is not None:
            level = numbers.fixed(number(row, "level_db"))
            return [f"The {band} hold {100 * share:.1f} % of the energy, at {level} dBFS."]
    return []


def _first(document: Document, _asked: Asked) -> list[str]:
    found = rows(document, "findings")[:MOST_FIGURES]
    if not found:
        return ["Nothing asks to be changed for this target."]
    listed = "\n".join(f"{index}. {finding_text(row)}" for index, row in enumerate(found, 1))
    return [f"First, these:\n\n{listed}"]


def _scores(document: Document, asked: Asked) -> list[str]:
    """Say the score that is asked for with what was taken from it, or the total with what cost the most."""
    named = next((name for name in SCORES if not asked.stems.isdisjoint(_STEMS[name])), "total")
    score = section(section(document, "scores"), named)
    value = number(score, "value")
    if value is None:
        return [f"This report does not say: {named} has no score. {text(score, 'note')}"]
    if named == "total":
        costly = [row for name in SCORES for row in rows(section(section(document, "scores"), name), "deductions")]
        costly.sort(key=lambda row: -(number(row, "points") or 0))
        said = f"The total is {value:g} of 100. {text(score, 'note')}"
        return [said.strip() + _taken(document, "What cost the most", costly[:MOST_FIGURES])]
    taken = _taken(document, "Taken from it", rows(score, "deductions"))
    return [f"The score for {named} is {value:g} of 100." + taken]


def _taken(document: Document, lead: str, deductions: Sequence[Document]) -> str:
    said = ", ".join(
        f"{number(row, 'points') or 0:g} for “{_title(document, text(row, 'finding'))}”" for row in deductions
    )
    return f" {lead}: {said}." if said else ""


def _title(document: Document, finding_id: str) -> str:
    return next((text(row, "title") for row in rows(document, "findings") if text(row, "id") == finding_id), finding_id)


def _sections(document: Document, asked: Asked) -> list[str]:
    """List the sections, or only those that are named."""
    found = rows(section(document, "structure"), "sections")
    if not found:
        return _unmeasured("structure", "structure", document)
    named = [row for row in found if _is_named(text(row, "label").lower(), asked)]
    head = "" if named else f"{len(found)} sections:\n\n"
    return [head + "\n".join(f"- {_section(row)}" for row in named or found)]


def _is_named(label: str, asked: Asked) -> bool:
    """Tell whether a section is named; a letter alone would be an article as often."""
    if len(label) > 1:
        return stem(label) in asked.stems
    said = " ".join(asked.words)
    return any(name in said for name in (f"section {label}", f"part {label}", f"{label} section", f"{label} part"))


def _section(row: Document) -> str:
    start, end = numbers.clock(number(row, "start_s")), numbers.clock(number(row, "end_s"))
    return f"{text(row, 'label')}, {start} to {end}, {numbers.fixed(number(row, 'loudness_lufs'))} LUFS"


def _extremes(document: Document, _asked: Asked) -> list[str]:
    """Say which section is the loudest, and which the quietest."""
    found = [
        (loudness, index, row)
        for index, row in enumerate(rows(section(document, "structure"), "sections"))
        if (loudness := number(row, "loudness_lufs")) is not None
    ]
    if not found:
        return _unmeasured("structure", "structure", document)
    return [f"The loudest section: {_section(max(found)[2])}. The quietest: {_section(min(found)[2])}."]


def _codecs(document: Document, asked: Asked) -> list[str]:
    """Say what each encoder makes of the peaks, or the one that is named."""
    found = [row for row in rows(document, "codecs") if number(row, "true_peak_dbtp") is not None]
    named = [row for row in found if any(word in asked.words for word in text(row, "name").lower().split())]
    said = " ".join(
        f"{text(row, 'name')} at {number(row, 'bitrate_kbps') or 0:g} kbit/s peaks at "
        f"{numbers.signed(number(row, 'true_peak_dbtp'))} dBTP."
        for row in named or found
    )
    return [said] if said else _unmeasured("codecs", "what encoders make of it", document)


def _format(document: Document, _asked: Asked) -> list[str]:
    file = section(document, "file")
    rate = number(file, "sample_rate_hz")
    at = f", {written(rate, 'Hz', 0)}" if rate is not None else ""
    return [f"The file is {text(file, 'format').upper()} ({text(file, 'codec')}){at}."] if text(file, "format") else []


def _loudest(document: Document, _asked: Asked) -> list[str]:
    place = section(section(document, "loudness"), "loudest")
    start, end = number(place, "start_s"), number(place, "end_s")
    if start is None or end is None:
        return _unmeasured("loudness.loudest", "the loudest moment", document)
    level = numbers.fixed(value_at(document, "loudness.short_term_max_lufs"))
    return [f"The loudest three seconds are {numbers.clock(start)} to {numbers.clock(end)}, at {level} LUFS."]


def _word(part: str, name: str, said: str) -> Say:
    def say(document: Document, _asked: Asked) -> list[str]:
        word = text(section(document, part), name)
        return [f"{said}: {word}."] if word else _unmeasured(f"{part}.{name}", said, document)

    return say


def _confidence(part: str, said: str) -> Say:
    def say(document: Document, _asked: Asked) -> list[str]:
        value = number(section(document, part), "confidence")
        return [f"The {said} is {numbers.fixed(value, 2)} sure, of 1."] if value is not None else []

    return say


def _channels(document: Document, _asked: Asked) -> list[str]:
    count = number(section(document, "file"), "channels")
    words = {1.0: "mono, 1 channel", 2.0: "stereo, 2 channels"}
    return [f"The file is {words.get(count, f'of {count:g} channels')}."] if count is not None else []


def _target(document: Document, _asked: Asked) -> list[str]:
    target = section(document, "target")
    return [f"It was judged against {text(target, 'title')}. {text(target, 'note')}".strip()] if target else []


def _chords(document: Document, _asked: Asked) -> list[str]:
    found = rows(section(document, "tonality"), "chords")
    if not found:
        return _unmeasured("tonality.chords", "chords", document)
    seen = dict.fromkeys(text(row, "name") for row in found)
    first = ", ".join(f"{numbers.clock(number(row, 'start_s'))} {text(row, 'name')}" for row in found[:8])
    return [f"Chords: {', '.join(seen)}. They begin so: {first}."]


_IN_WORDS: Mapping[str, Say] = {
    "findings": _first,
    "platforms": _platforms,
    "scores": _scores,
    "structure.sections": _sections,
    "structure.extremes": _extremes,
    "codecs": _codecs,
    "file.format": _format,
    "loudness.loudest": _loudest,
    "tonality.key": _word("tonality", "key", "Key"),
    "tonality.camelot": _word("tonality", "camelot", "Camelot"),
    "tonality.chords": _chords,
    "rhythm.meter": _word("rhythm", "meter", "Time signature"),
    "rhythm.confidence": _confidence("rhythm", "tempo"),
    "tonality.confidence": _confidence("tonality", "key"),
    "file.channels": _channels,
    "target": _target,
}
