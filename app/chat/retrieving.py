"""Finding what a question asks: the phrasings that it is most like, by words weighted by how much they tell.

Every phrasing is a vector of its words, ideas and pairs of words, each weighted by how few intents have it
(inverse document frequency). A question is compared in two ways: by the cosine with the nearest phrasings of
each intent, and by the odds that each of its words comes from the phrasings of this intent and not of others.
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
    Made = list[tuple[int, frozenset[str]]]

NEAREST = 3
"""So many of an intent's phrasings speak for it."""
OF_THE_ODDS = 0.055
"""What the odds count beside the cosine."""
OF_A_PAIR = 0.6
OF_AN_IDEA = 0.7
UNKNOWN = 0.9
"""What a word that no phrasing has counts, of the most that a word can."""
OF_OTHER_TOKENS = 0.3
"""What pairs and ideas count among the odds, in which their words stand already."""
ITS_OWN = 3.0
"""From these odds on a word is an intent's own: twenty times likelier there than elsewhere."""
STRANGE = -0.5
"""The odds of a word that only other intents have."""


@dataclass(frozen=True, slots=True)
class Match:
    """An intent, and how like it a question is, from 0."""

    intent: Intent
    likeness: float
    has_its_word: bool = False
    """Whether the question has a word that hardly any other intent has."""


class Index:
    """Phrasings by their words."""

    def __init__(self, known: Iterable[Intent]) -> None:
        self._intents = tuple(known)
        made: Made = [
            (index, frozenset(tokens_of(words_of(phrasing))))
            for index, intent in enumerate(self._intents)
            for phrasing in intent.phrasings
        ]
        self.words = {word for intent in self._intents for line in intent.phrasings for word in words_of(line)}
        self._weights = _weights(made, len(self._intents))
        self._odds = _odds(made, [len(intent.phrasings) for intent in self._intents])
        self._phrasings: defaultdict[str, list[tuple[int, int, float]]] = defaultdict(list)
        for number, (index, tokens) in enumerate(made):
            for token, value in self._vector(tokens).items():
                self._phrasings[token].append((number, index, value))

    def matches(self, words: Iterable[str]) -> list[Match]:
        """Return the intents that a question is like, the most alike first."""
        tokens = frozenset(tokens_of(words))
        odds = self._odds_of(tokens)
        found = [
            Match(self._intents[index], likeness + OF_THE_ODDS * odds[index], self._has_its_word(index, tokens))
            for index, likeness in self._likeness(tokens).items()
            if not self._intents[index].needs or f"#{self._intents[index].needs}" in tokens
        ]
        return sorted(found, key=lambda match: (-match.likeness, match.intent.name))

    def _has_its_word(self, index: int, tokens: frozenset[str]) -> bool:
        return any(self._odds.get(token, {}).get(index, 0.0) >= ITS_OWN for token in tokens if " " not in token)

    def _likeness(self, tokens: frozenset[str]) -> dict[int, float]:
        """Return the mean cosine with the nearest phrasings of each intent."""
        near: defaultdict[int, defaultdict[int, float]] = defaultdict(lambda: defaultdict(float))
        for token, weight in self._vector(tokens).items():
            for number, index, value in self._phrasings.get(token, ()):
                near[index][number] += weight * value
        return {index: sum(sorted(found.values())[-NEAREST:]) / NEAREST for index, found in near.items()}

    def _odds_of(self, tokens: frozenset[str]) -> list[float]:
        """Return the weighted odds of the tokens together, for each intent."""
        counts = {token: _among_odds(token) for token in sorted(tokens) if token in self._odds}
        length = sqrt(sum(_among_odds(token) ** 2 for token in tokens)) or 1.0
        return [
            sum(count * self._odds[token].get(index, STRANGE) for token, count in counts.items()) / length
            for index in range(len(self._intents))
        ]

    def _vector(self, tokens: frozenset[str]) -> Vector:
        most = log(len(self._intents)) * UNKNOWN
        weighted = {token: self._weights.get(token, 0.0 if " " in token else most) for token in sorted(tokens)}
        length = sqrt(sum(value * value for value in weighted.values())) or 1.0
        return {token: value / length for token, value in weighted.items() if value}


def _weights(made: Made, count: int) -> dict[str, float]:
    """Return what each token tells: the more, the fewer intents have it."""
    having: defaultdict[str, set[int]] = defaultdict(set)
    for index, tokens in made:
        for token in tokens:
            having[token].add(index)
    return {token: log(count / len(among)) * _kind(token) for token, among in having.items()}


def _kind(token: str) -> float:
    if " " in token:
        return OF_A_PAIR
    return OF_AN_IDEA if token.startswith("#") else 1.0


def _among_odds(token: str) -> float:
    return OF_OTHER_TOKENS if " " in token or token.startswith("#") else 1.0


def _odds(made: Made, sizes: list[int]) -> dict[str, dict[int, float]]:
    """Return how much likelier each token is in an intent's phrasings than in the others, as a logarithm."""
    here: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for index, tokens in made:
        for token in tokens:
            here[token][index] += 1
    everywhere = sum(sizes)
    found: dict[str, dict[int, float]] = {}
    for token, counts in here.items():
        total = sum(counts.values())
        smoothed = 3 * total / everywhere
        found[token] = {
            index: log((count + smoothed) / (sizes[index] + 3))
            - log((total - count + 0.3) / (everywhere - sizes[index] + 1))
            for index, count in counts.items()
        }
    return found


@cache
def index() -> Index:
    """Return the index of everything that can be asked."""
    return Index(intents())
