"""Reading a question: its words, what it names in this report, and whether it asks for a meaning or a value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from app.analyses.document import rows, text
from app.chat.glossary import Term, terms
from app.chat.retrieving import index
from app.chat.stems import Spelling, ideas, stem, words_of

if TYPE_CHECKING:
    from app.analyses.document import Document

_ASKING = "mean means meant meaning explain explained define definition difference understand stands thing things"
_REASONS = frozenset(("why", "explain", "mean", "means", "matter", "matters", "bad", "problem", "reason"))
LEAST_HZ, MOST_HZ = 20.0, 20_000.0
_FREQUENCY = re.compile(
    r"(?:(?P<place>around|near|at|about|under|below|over|above|between|by)\s+(?:about\s+|roughly\s+)?)?"
    r"(?<![\w.:])(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>k(?:hz)?|hz)?(?![\w.:/%]|[\s-]*bits?\b)",
    re.IGNORECASE,
)
_TIME = re.compile(r"(?<![\w:])(\d{1,2}):([0-5]\d)(?![\w:])")
_FILLERS = r"(?:(?:an?|the|is|are|does|do|exactly|even|actually|word|term|meant by|by|to me|me|about|this|that)\s+)*"
_ASKS_MEANING = re.compile(
    rf"\b(?:explain|define|definition of|meaning of|mean by|what (?:is|are) an?|tell me what|eli #number)\s+{_FILLERS}$"
)
_IS_MEANT = re.compile(
    r"^\s*(?:\w+\s+){0,3}?(?:means?|meant|meaning|stands? for|explained|(?:tells?|says?) (?:me|you|us))\b"
)
_ASKS_WHAT = re.compile(rf"\b(?:what|wtf|wth)(?:\s+\w+){{0,3}}?\s+(?:is|are)\s+{_FILLERS}$")
_IN_DOUBT = re.compile(
    r"\b(?:explain|define|definition|mean|means|meant|meaning|stands? for|differs?|difference|different|versus|vs|"
    r"same as|understand|understood|never heard|no (?:idea|clue)|remind me|what exactly|eli #number|i am (?:five|5)|"
    r"what is (?:that|it)$|(?:simple|plain|easy|normal|human) (?:words|terms|english|language)|laymans?|dummies|"
    r"beginner|noob|newbie|typo|nodded|what (?:even|the \w+) (?:is|are)|of what)\b"
)
"""What asks for an explanation wherever it stands, if the question also names a word that is none of every day."""
_APART = re.compile(r"\b(?:differ|versus\b|vs\b|same as\b|or\b)")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, read."""

    words: tuple[str, ...]
    """Its words, small and with their spelling mended."""
    frequencies_hz: tuple[float, ...]
    times_s: tuple[float, ...]
    platforms: tuple[str, ...]
    """Those of this report's platforms that it names."""
    terms: tuple[Term, ...]
    """What it wants explained."""
    is_meaning: bool
    """Whether it asks for nothing but a meaning."""

    @property
    def is_why(self) -> bool:
        """Whether it asks for reasons."""
        return not _REASONS.isdisjoint(self.words)

    @property
    def stems(self) -> frozenset[str]:
        """Return its words without their endings."""
        return frozenset(stem(word) for word in self.words)


def read(question: str, document: Document) -> Asked:
    """Read a question about a report."""
    words = tuple(spelling().mended(word) for word in words_of(question))
    explained, is_meaning = _explained(" ".join(words))
    return Asked(
        words=words,
        frequencies_hz=tuple(_frequencies_hz(question)),
        times_s=tuple(60.0 * int(minutes) + int(seconds) for minutes, seconds in _TIME.findall(question)),
        platforms=_platforms(words, [text(row, "name") for row in rows(document, "platforms")]),
        terms=explained,
        is_meaning=is_meaning,
    )


def _frequencies_hz(question: str) -> list[float]:
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


def _platforms(words: tuple[str, ...], names: list[str]) -> tuple[str, ...]:
    """Return the platforms that are named, by their whole name before its first word: YouTube Music, YouTube."""
    said = " ".join(words)
    found = []
    longest_first = sorted(names, key=len, reverse=True)
    wholes = [(name, name.lower()) for name in longest_first]
    for name, wanted in (*wholes, *((name, whole.split()[0]) for name, whole in wholes)):
        pattern = rf"\b{re.escape(wanted)}\b"
        if re.search(pattern, said):
            said = re.sub(pattern, "", said)
            found.append(name)
    return tuple(name for name in names if name in found)


@cache
def spelling() -> Spelling:
    """Return the words that a question may hold misspelt: of phrasings, ideas and terms, and those that ask."""
    names = " ".join(name for term in terms() for name in term.names)
    return Spelling(index().words.union(words_of(f"{names} {' '.join(ideas().values())} {_ASKING}")))


@cache
def _named() -> tuple[tuple[re.Pattern[str], Term], ...]:
    """Return how each term is looked for, the longest names first."""
    names = [(name, term) for term in terms() for name in term.names]
    return tuple(
        (re.compile(rf"\b{' '.join(words_of(name))}(?:e?s)?\b"), term)
        for name, term in sorted(names, key=lambda pair: -len(pair[0]))
    )


def _explained(said: str) -> tuple[tuple[Term, ...], bool]:
    """Return what is to be explained, and whether that is all that is asked."""
    found = [(match, term) for pattern, term in _named() for match in pattern.finditer(said)]
    uncommon = tuple(dict.fromkeys(term for _, term in found if not term.is_plain))
    is_in_doubt = _IN_DOUBT.search(said) is not None
    if is_in_doubt and _APART.search(said) and len(uncommon) > 1:
        return uncommon[:2], True
    for match, term in found:
        if _ASKS_MEANING.search(said[: match.start()]) or _IS_MEANT.search(said[match.end() :]):
            return (term,), True
    for match, term in found:
        if not term.is_plain and _ASKS_WHAT.search(said[: match.start()]):
            return (term,), False
    return (uncommon[:1] if is_in_doubt else ()), False
