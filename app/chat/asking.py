"""Reading a question: words with their spelling mended, terms to explain, frequencies, topics, bands."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from app.chat.glossary import GLOSSARY
from app.chat.topics import BANDS, TOPICS, WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.chat.topics import Topic

CLEAR = 2.0
"""From here on a topic is what was asked; below it a single loose word is enough only when it stands alone."""
CLOSE = 0.85
"""How alike a misspelt word is to the one that was meant, by Ratcliff and Obershelp."""
SHORTEST_MENDED = 5
"""Shorter words are one letter away from too many others."""
LEAST_HZ, MOST_HZ = 20.0, 20_000.0

_WORD = re.compile(r"[a-z]+", re.IGNORECASE)
_FREQUENCY = re.compile(
    r"(?:(?P<place>around|near|at|about|under|below|over|above|between|by)\s+(?:about\s+|roughly\s+)?)?"
    r"(?<![\w.:])(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>k(?:hz)?|hz)?(?![\w.:/%])",
    re.IGNORECASE,
)
_DEFINED = (
    r"(?:what(?:.?s| on earth| the hell| exactly)?(?: is| are| does| do| even)?|wtf (?:is|are)|explain|define|"
    r"meaning of|mean by)\s+(?:(?:an?|exactly)\s+)*"
)
_MEANT = r"(?:e?s)?\b.{0,20}\b(?:mean|means|stand for|stands for)\b"
_DIFFERENCE = re.compile(r"difference between|differ from", re.IGNORECASE)


def mended(question: str, platforms: Iterable[str]) -> str:
    """Return a question in which words that are nearly those of the report are written as it writes them."""
    known = {word.lower() for name in platforms for word in _WORD.findall(name)} | WORDS
    known_list = sorted(word for word in known if len(word) >= SHORTEST_MENDED)

    def mend(found: re.Match[str]) -> str:
        word = found[0].lower()
        if len(word) < SHORTEST_MENDED or word in known or word.rstrip("s") in known:
            return found[0]
        return next(iter(get_close_matches(word, known_list, 1, CLOSE)), found[0])

    return _WORD.sub(mend, question)


def asked_terms(question: str) -> list[str]:
    """Return the glossary's terms that a question wants explained, the longest one, or two to be told apart."""
    by_length = sorted(GLOSSARY, key=len, reverse=True)
    if _DIFFERENCE.search(question):
        return [term for term in by_length if re.search(rf"\b{re.escape(term)}\b", question, re.IGNORECASE)][:2]
    for term in by_length:
        word = re.escape(term)
        if re.search(rf"{_DEFINED}{word}(?:e?s)?\b|\b{word}{_MEANT}", question, re.IGNORECASE):
            return [term]
    return []


def asked_frequencies_hz(question: str) -> list[float]:
    """Return the frequencies that a question names, such as ``around 400``, ``1k`` or ``60 hz``."""
    found = []
    for match in _FREQUENCY.finditer(question):
        unit = (match["unit"] or "").lower()
        if not unit and not match["place"]:
            continue
        hertz = float(match["number"]) * (1000 if unit.startswith("k") else 1)
        if LEAST_HZ <= hertz <= MOST_HZ:
            found.append(hertz)
    return found


def asked_topics(question: str) -> list[Topic]:
    """Return the topics that a question is about: the clearest, and those nearly as clear."""
    scores: dict[int, float] = {}
    for index, topic in enumerate(TOPICS):
        found = topic.words.findall(question)
        if found:
            scores[index] = topic.weight * (1 + 0.25 * (len(found) - 1))
    best = max(scores.values(), default=0.0)
    return [TOPICS[index] for index, score in scores.items() if score >= max(best - 0.5, min(best, CLEAR))]


def asked_bands(question: str) -> list[str]:
    """Return the bands that a question names, also by how producers call their sound."""
    return [band for band, words in BANDS.items() if re.search(rf"(?<!\w)(?:{words})", question, re.IGNORECASE)]
