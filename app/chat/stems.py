"""Questions as stems: words without their endings, their spelling mended, with the ideas that they stand for."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING

from snowballstemmer import stemmer

from app.chat.glossary import INTENTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

CLOSE = 0.84
"""How alike a misspelt word is to the one that was meant, by Ratcliff and Obershelp."""
SHORTEST_MENDED = 5
"""Shorter words are one letter away from too many others."""
MOST_LETTERS_MORE = 2

_WORD = re.compile(r"[a-z]+|\d+(?:[./:]\d+)*")
_ENGLISH = stemmer("english")
_SHORT_FORMS = (
    (re.compile(r"['’‘`]"), ""),
    (re.compile(r"\b(what|where|when|who|how|that|there|it|here)s\b"), r"\1 is"),
    (re.compile(r"\b(can|do|does|did|is|was|has|have|would|should|could|are)nt\b"), r"\1 not"),
    (re.compile(r"\bim\b"), "i am"),
    (re.compile(r"\bive\b"), "i have"),
    (re.compile(r"\bgonna\b"), "going to"),
    (re.compile(r"\bwanna\b"), "want to"),
)


def words_of(text: str) -> list[str]:
    """Return the words and numbers of a text, small letters, short forms written out."""
    plain = text.lower()
    for pattern, written in _SHORT_FORMS:
        plain = pattern.sub(written, plain)
    return [_number(word) if word[0].isdigit() else word for word in _WORD.findall(plain)]


def _number(word: str) -> str:
    """Keep what is a word of its own, such as a time signature; every other figure is just one."""
    if "/" in word:
        return word
    return "#time" if ":" in word else "#number"


@cache
def stem(word: str) -> str:
    """Return a word without its ending."""
    return str(_ENGLISH.stemWord(word))


@cache
def ideas() -> Mapping[str, str]:
    """Return the words of each idea, as they are written."""
    read: dict[str, str] = tomllib.loads((INTENTS / "words.toml").read_text("utf-8"))["ideas"]
    return read


@cache
def _ideas_of() -> Mapping[str, tuple[str, ...]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for idea, words in ideas().items():
        for word in dict.fromkeys(stem(word) for word in words.split()):
            found[word].append(f"#{idea}")
    return {word: tuple(names) for word, names in found.items()}


def tokens_of(words: Iterable[str]) -> Iterator[str]:
    """Yield the stems of words, the ideas that they stand for, and pairs of neighbours."""
    before = ""
    for word in words:
        here = stem(word)
        yield here
        yield from _ideas_of().get(here, ())
        if before:
            yield f"{before} {here}"
        before = here


class Spelling:
    """The words that a question may hold misspelt."""

    def __init__(self, known: Iterable[str]) -> None:
        self._known = frozenset(known)
        self._stems = frozenset(stem(word) for word in self._known)
        self._by_letter: defaultdict[str, list[str]] = defaultdict(list)
        for word in sorted(self._known):
            if len(word) >= SHORTEST_MENDED - 1:
                self._by_letter[word[0]].append(word)

    def mended(self, word: str) -> str:
        """Return the known word that a word nearly is, or the word as it is."""
        if len(word) < SHORTEST_MENDED or word in self._known or stem(word) in self._stems:
            return word
        near = [known for known in self._by_letter[word[0]] if abs(len(known) - len(word)) <= MOST_LETTERS_MORE]
        return next(iter(get_close_matches(word, near, 1, CLOSE)), word)
