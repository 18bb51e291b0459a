"""The report guide: answers put together from the report, the methodology and the glossary. No AI, no network."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from app.analyses.document import number, rows, section, text
from app.chat.facts import MEASURES, value_at
from app.chat.glossary import GLOSSARY
from app.chat.rules import Ending, State
from app.chat.topics import BANDS, HOW, MEANS, OUTSIDE, SUBJECTS, TOPICS
from app.kernel.html import numbers

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator, Mapping

    from app.analyses.document import Document
    from app.chat.rules import Tokens

DECLINED = (
    "The report guide cannot answer that. It knows this report, how it was measured and what its words mean, and "
    "nothing else. Ask it about loudness, peaks, tone, stereo, tempo, key, sections, a platform or a finding."
)
CLEAR = 2.0
"""From here on a topic is what was asked; below it a single loose word is enough only when it stands alone."""
MOST_FINDINGS = 3
MOST_FIGURES = 3
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
    if OUTSIDE.search(question):
        return DECLINED
    parts = [*_meanings(question), *_methods(question, methodology)]
    if not (parts and MEANS.search(question)):
        parts += _from_report(question, document)
    return "\n\n".join(dict.fromkeys(parts)) or DECLINED


def _meanings(question: str) -> Iterator[str]:
    """Explain the words that are asked for."""
    if not MEANS.search(question) or re.search(r"\bmy\b|\bthis\b|\bthe track\b", question, re.IGNORECASE):
        return
    named = [term for term in GLOSSARY if re.search(rf"\b{re.escape(term)}\b", question, re.IGNORECASE)]
    for term in sorted(named, key=len, reverse=True)[:1]:
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
    scores: dict[int, float] = {}
    for index, topic in enumerate(TOPICS):
        found = topic.words.findall(question)
        if found:
            scores[index] = topic.weight * (1 + 0.25 * (len(found) - 1))
    platforms = [row for row in rows(document, "platforms") if _names(question, text(row, "name"))]
    bands = [band for band, words in BANDS.items() if re.search(words, question, re.IGNORECASE)]
    best = max(scores.values(), default=0.0)
    chosen = [TOPICS[index] for index, score in scores.items() if score >= max(best - 0.5, min(best, CLEAR))]
    said = [_platform(row) for row in platforms[:MOST_FIGURES]]
    said += [line for topic in chosen for path in topic.paths for line in _figure(path, question, document)]
    wanted = [begin for topic in chosen for begin in topic.findings]
    if not any("stereo" in path for topic in chosen for path in topic.paths):
        said += [line for band in bands for line in _band(document, band)]
        wanted += [f"tone.corridor.{band.replace(' ', '-')}" for band in bands]
    return said + _findings(document, wanted)


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
    return [f"{measure.name}: {_written(value, measure.unit, measure.decimals)}."]


def _written(value: float, unit: str, decimals: int) -> str:
    if unit == "Hz" and value >= 1000:
        return f"{value / 1000:.4g} kHz"
    if unit == "s" and value >= 60:
        return f"{numbers.clock(value)}, which is {value:.1f} s"
    return f"{numbers.fixed(value, decimals)} {unit}".strip()


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
    return [_finding(row) for row in found[:MOST_FINDINGS]]


def _finding(row: Document) -> str:
    """Write a finding with its figures, its places and what to do."""
    evidence = ", ".join(
        f"{numbers.fixed(number(item, 'value'), 2)} {text(item, 'unit')}"
        + (f" (limit {numbers.fixed(number(item, 'limit'), 2)})" if number(item, "limit") is not None else "")
        for item in rows(row, "evidence")
        if number(item, "value") is not None
    )
    places = ", ".join(numbers.clock(number(place, "start_s")) for place in rows(row, "ranges")[:MOST_FIGURES])
    said = [f"**{text(row, 'title')}**" + (f": {evidence}." if evidence else ".")]
    said += [f"At {places}."] if places else []
    said += [text(advice, "text") for advice in rows(row, "advice")[:2]]
    return " ".join(said)


def _first(document: Document, _question: str) -> list[str]:
    found = rows(document, "findings")[:MOST_FINDINGS]
    if not found:
        return ["Nothing asks to be changed for this target."]
    return ["First, these:", "\n".join(f"{index}. {_finding(row)}" for index, row in enumerate(found, 1))]


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
    "tonality.key": _word("tonality", "key", "Key"),
    "tonality.camelot": _word("tonality", "camelot", "Camelot"),
    "tonality.chords": _chords,
    "rhythm.meter": _word("rhythm", "meter", "Time signature"),
    "rhythm.confidence": _confidence("rhythm", "tempo"),
    "tonality.confidence": _confidence("tonality", "key"),
    "file.channels": _channels,
    "target": _target,
}
