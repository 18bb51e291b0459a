"""Finding what a question asks: the phrasings that it is most like, by words weighted by how much they tell.

Every phrasing is a vector of its words, ideas and pairs of words, each weighted by how few intents have it
(inverse document frequency). A question is compared with the nearest phrasings of each intent and with all
of them together, by the cosine.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cache
from math import log, sqrt
from typing import TYPE_CHECKING

from app.chat.intents import Intent, intents
from app.chat.stems import tokens_of, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Vector = Mapping[str, float]

NEAREST = 3
"""So many of an intent's phrasings speak for it."""
OF_THE_WHOLE = 0.6
"""What the likeness to all phrasings of an intent counts beside that to the nearest ones."""
OF_A_PAIR = 0.6
OF_AN_IDEA = 0.7
UNKNOWN = 0.5
"""What a word that no phrasing has counts, of the most that a word can."""


@dataclass(frozen=True, slots=True)
class Match:
    """An intent, and how like it a question is, from 0."""

    intent: Intent
    likeness: float


class Index:
    """Phrasings by their words."""

    def __init__(self, known: Iterable[Intent]) -> None:
        self._intents = tuple(known)
        made = [
            (index, Counter(tokens_of(words_of(phrasing))))
            for index, intent in enumerate(self._intents)
            for phrasing in intent.phrasings
        ]
        self.words = {word for intent in self._intents for line in intent.phrasings for word in words_of(line)}
        self._weights = _weights(made, len(self._intents))
        self._phrasings: defaultdict[str, list[tuple[int, int, float]]] = defaultdict(list)
        wholes: list[Counter[str]] = [Counter() for _ in self._intents]
        for number, (index, counts) in enumerate(made):
            for token, value in self._vector(counts).items():
                self._phrasings[token].append((number, index, value))
            wholes[index].update(counts.keys())
        self._wholes: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        for index, counts in enumerate(wholes):
            damped = {token: sqrt(count) for token, count in counts.items()}
            for token, value in self._vector(damped).items():
                self._wholes[token].append((index, value))

    def matches(self, words: Iterable[str]) -> list[Match]:
        """Return the intents that a question is like, the most alike first."""
        asked = self._vector(Counter(tokens_of(words)))
        nearest: defaultdict[int, defaultdict[int, float]] = defaultdict(lambda: defaultdict(float))
        whole: defaultdict[int, float] = defaultdict(float)
        for token, weight in asked.items():
            for number, index, value in self._phrasings.get(token, ()):
                nearest[index][number] += weight * value
            for index, value in self._wholes.get(token, ()):
                whole[index] += weight * value
        found = [
            Match(self._intents[index], _mean(near.values()) + OF_THE_WHOLE * whole[index])
            for index, near in nearest.items()
        ]
        return sorted(found, key=lambda match: (-match.likeness, match.intent.name))

    def _vector(self, counts: Mapping[str, float]) -> Vector:
        most = log(len(self._intents)) * UNKNOWN
        weighted = {
            token: count * self._weights.get(token, 0.0 if " " in token else most) for token, count in counts.items()
        }
        length = sqrt(sum(value * value for value in weighted.values())) or 1.0
        return {token: value / length for token, value in weighted.items() if value}


def _weights(made: list[tuple[int, Counter[str]]], count: int) -> dict[str, float]:
    """Return what each token tells: the more, the fewer intents have it."""
    having: defaultdict[str, set[int]] = defaultdict(set)
    for index, counts in made:
        for token in counts:
            having[token].add(index)
    return {token: log(count / len(among)) * _kind(token) for token, among in having.items()}


def _kind(token: str) -> float:
    if " " in token:
        return OF_A_PAIR
    return OF_AN_IDEA if token.startswith("#") else 1.0


def _mean(values: Iterable[float]) -> float:
    best = sorted(values, reverse=True)[:NEAREST]
    return sum(best) / NEAREST if best else 0.0


@cache
def index() -> Index:
    """Return the index of everything that can be asked."""
    return Index(intents())
