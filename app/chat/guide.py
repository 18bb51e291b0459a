"""The report guide: answers put together from the report, the methodology and the glossary. No AI, no network."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from app.analyses.document import number, rows, section, text
from app.chat.asking import asked_bands, asked_frequencies_hz, asked_terms, asked_topics, mended
from app.chat.glossary import GLOSSARY
from app.chat.measures import MEASURES, value_at
from app.chat.rules import Ending, State
from app.chat.topics import HOW, OUTSIDE, SOURCES, SUBJECTS
from app.chat.wording import MOST_FIGURES, at_frequency, finding_text, written
from app.kernel.html import numbers

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator, Mapping

    from app.analyses.document import Document
    from app.chat.rules import Tokens

DECLINED = (
    "The report guide cannot answer that. It knows this report, how it was measured and what its words mean, and "
    "nothing else. Ask it about loudness, peaks, tone, stereo, tempo, key, sections, a platform or a finding."
)
ONE_OF_A_MIX = (
    "This report does not say: it measures the whole mix, in which one instrument cannot be told from the others."
)
MOST_FINDINGS = 3
NAMES = {measure.path: measure for measure in MEASURES}
PIECE = re.compile(r"\S+\s*")


async def guide_writing(
    question: str, document: Document, methodology: str
) -> AsyncGenerator[str | Tokens | Ending, None]:
    """Write the guide's answer word by word, as any writer does."""
    for piece in PIECE.findall(guide_answer(question, document, methodology)):
        yield piece
    yield Ending(State.DONE)


def guide_answer(question: str, document: Document, methodology: str = "") -> str:
    """Answer a question from the report, as Markdown, or decline it."""
    asked = mended(question, (text(row, "name") for row in rows(document, "platforms")))
    if OUTSIDE.search(asked):
        return DECLINED
    if SOURCES.search(asked) and not asked_frequencies_hz(asked):
        return ONE_OF_A_MIX
    parts = [*_meanings(asked), *_methods(asked, methodology)]
    if not parts:
        parts = _from_report(asked, document)
    return "\n\n".join(dict.fromkeys(parts)) or DECLINED


def _meanings(question: str) -> Iterator[str]:
    """Explain the words that are asked for."""
    for term in asked_terms(question):
        yield f"**{term[:1].upper()}{term[1:]}**: {GLOSSARY[term]}"


def _methods(question: str, methodology: str) -> Iterator[str]:
    """Quote the methodology where the question is how something is measured."""
    if not HOW.search(question):
        return
    wanted = set(re.findall(r"[a-z]{3,}", question.lower())) - _COMMON
    sections = re.split(r"^## ", methodology, flags=re.MULTILINE)[1:]
    scored = [(sum(word in part.lower() for word in wanted), part) for part in sections]
    best = max(scored, key=lambda pair: pair[0], default=(0, ""))
    if best[0]:
        title, _, body = best[1].partition("\n")
        paragraphs = [part for part in body.strip().split("\n\n") if not part.startswith("|")]
        yield f"**{title}**, from the methodology: {paragraphs[0] if paragraphs else ''}".strip()
        yield from (f"- {row}" for row in _rows_naming(body, wanted))


_COMMON = {
    "how",
    "did",
    "does",
    "you",
    "the",
    "are",
    "was",
    "measure",
    "measured",
    "what",
    "which",
    "calculate",
    "work",
}


def _rows_naming(body: str, wanted: set[str]) -> Iterator[str]:
    for line in body.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) > 1 and any(word in cells[0].lower() for word in wanted):
            yield f"{cells[0]}: {cells[1]}"


def _from_report(question: str, document: Document) -> list[str]:
    topics, bands = asked_topics(question), asked_bands(question)
    said = [_platform(row) for row in rows(document, "platforms") if _names(question, text(row, "name"))][:MOST_FIGURES]
    for hertz in asked_frequencies_hz(question):
        said += at_frequency(hertz, document)
    said += [line for topic in topics for path in topic.paths for line in _figure(path, question, document)]
    wanted = [begin for topic in topics for begin in topic.findings]
    if not any("stereo" in path for topic in topics for path in topic.paths):
        said += [line for band in bands for line in _band(document, band)]
        wanted += [f"tone.corridor.{band.replace(' ', '-')}" for band in bands]
    said += _findings(document, wanted)
    return said or [topic.absent for topic in topics if topic.absent]


def _names(question: str, platform: str) -> bool:
    return bool(platform) and re.search(rf"\b{re.escape(platform)}\b", question, re.IGNORECASE) is not None


def _figure(path: str, question: str, document: Document) -> list[str]:
    """Say one figure of the report, or why it is not there."""
    made = _SPECIAL.get(path)
    if made is not None:
        return made(document, question)
    measure, value = NAMES[path], value_at(document, path)
    if value is None:
        return _unmeasured(path, measure.name, document)
    return [f"{measure.name}: {written(value, measure.unit, measure.decimals)}."]


def _unmeasured(path: str, name: str, document: Document) -> list[str]:
    for note in rows(document, "notes"):
        if text(note, "path") in {path, path.partition(".")[0]}:
            return [f"This report does not say: {name.lower()} was not measured. {text(note, 'reason')}"]
    return []


def _platform(row: Document) -> str:
    name, gain, target = text(row, "name"), number(row, "gain_db"), number(row, "target_lufs")
    if gain is None:
        return f"This report does not say what {name} does with loudness: it publishes no figure."
    aim = f" It normalises to {numbers.fixed(target)} LUFS." if target is not None else ""
    if not round(gain, 1):
        return f"{name} would play it as it is: 0.0 dB.{aim}"
    return f"{name} would turn it {'down' if gain < 0 else 'up'} by {numbers.fixed(abs(gain))} dB.{aim}"


def _band(document: Document, band: str) -> list[str]:
    for row in rows(section(document, "spectrum"), "bands"):
        share = number(row, "share")
        if text(row, "name") == band and share is not None:
            level = numbers.fixed(number(row, "level_db"))
            return [f"The {band} hold {100 * share:.1f} % of the energy, at {level} dBFS."]
    return []


def _findings(document: Document, begins: list[str]) -> list[str]:
    found = [row for row in rows(document, "findings") if text(row, "id").startswith(tuple(begins))] if begins else []
    return [finding_text(row) for row in found[:MOST_FINDINGS]]


def _first(document: Document, _question: str) -> list[str]:
    found = rows(document, "findings")[:MOST_FINDINGS]
    if not found:
        return ["Nothing asks to be changed for this target."]
    return ["First, these:", "\n".join(f"{index}. {finding_text(row)}" for index, row in enumerate(found, 1))]


def _scores(document: Document, question: str) -> list[str]:
    """Say the score that is asked for with what was taken from it, or the total."""
    named = next((name for name in SUBJECTS if name in question.lower()), "total")
    score = section(section(document, "scores"), named)
    value = number(score, "value")
    if value is None:
        return [f"This report does not say: {named} has no score. {text(score, 'note')}"]
    taken = ", ".join(
        f"{number(row, 'points') or 0:g} for “{_title(document, text(row, 'finding'))}”"
        for row in rows(score, "deductions")
    )
    said = f"The {'total' if named == 'total' else f'score for {named}'} is {value:g} of 100."
    return [said + (f" Taken from it: {taken}." if taken else "")]


def _title(document: Document, finding_id: str) -> str:
    return next((text(row, "title") for row in rows(document, "findings") if text(row, "id") == finding_id), finding_id)


def _sections(document: Document, _question: str) -> list[str]:
    found = rows(section(document, "structure"), "sections")
    if not found:
        return _unmeasured("structure", "structure", document)
    lines = [
        f"- {numbers.clock(number(row, 'start_s'))} to {numbers.clock(number(row, 'end_s'))}: {text(row, 'label')}, "
        f"{numbers.fixed(number(row, 'loudness_lufs'))} LUFS"
        for row in found
    ]
    return [f"{len(found)} sections:", "\n".join(lines)]


def _codecs(document: Document, _question: str) -> list[str]:
    return [
        f"{text(row, 'name')} at {number(row, 'bitrate_kbps') or 0:g} kbit/s peaks at "
        f"{numbers.signed(number(row, 'true_peak_dbtp'))} dBTP."
        for row in rows(document, "codecs")
        if number(row, "true_peak_dbtp") is not None
    ]


def _format(document: Document, _question: str) -> list[str]:
    file = section(document, "file")
    rate = number(file, "sample_rate_hz")
    at = f", {written(rate, 'Hz', 0)}" if rate is not None else ""
    return [f"The file is {text(file, 'format').upper()} ({text(file, 'codec')}){at}."] if text(file, "format") else []


def _loudest(document: Document, _question: str) -> list[str]:
    place = section(section(document, "loudness"), "loudest")
    start, end = number(place, "start_s"), number(place, "end_s")
    if start is None or end is None:
        return _unmeasured("loudness.loudest", "the loudest moment", document)
    level = numbers.fixed(value_at(document, "loudness.short_term_max_lufs"))
    return [f"The loudest three seconds are {numbers.clock(start)} to {numbers.clock(end)}, at {level} LUFS."]


def _word(part: str, name: str, said: str) -> _Say:
    def say(document: Document, _question: str) -> list[str]:
        word = text(section(document, part), name)
        return [f"{said}: {word}."] if word else _unmeasured(f"{part}.{name}", said, document)

    return say


def _confidence(part: str, said: str) -> _Say:
    def say(document: Document, _question: str) -> list[str]:
        value = number(section(document, part), "confidence")
        return [f"The {said} is {numbers.fixed(value, 2)} sure, of 1."] if value is not None else []

    return say


def _channels(document: Document, _question: str) -> list[str]:
    count = number(section(document, "file"), "channels")
    words = {1.0: "mono, 1 channel", 2.0: "stereo, 2 channels"}
    return [f"The file is {words.get(count, f'of {count:g} channels')}."] if count is not None else []


def _target(document: Document, _question: str) -> list[str]:
    target = section(document, "target")
    return [f"It was judged against {text(target, 'title')}. {text(target, 'note')}".strip()] if target else []


def _chords(document: Document, _question: str) -> list[str]:
    return _unmeasured("tonality.chords", "chords", document) or [DECLINED]


if TYPE_CHECKING:
    from collections.abc import Callable

    _Say = Callable[[Document, str], list[str]]

_SPECIAL: Mapping[str, _Say] = {
    "findings": _first,
    "scores": _scores,
    "structure.sections": _sections,
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
