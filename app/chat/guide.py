"""The report guide: answers put together from the report, the methodology and the glossary. No AI, no network."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from app.analyses.document import rows, text
from app.chat.asking import read
from app.chat.figures import at_time, figure, platform
from app.chat.intents import intents
from app.chat.methods import methods
from app.chat.retrieving import index
from app.chat.rules import Ending, State
from app.chat.wording import at_frequency, finding_text

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Iterator

    from app.analyses.document import Document
    from app.chat.asking import Asked
    from app.chat.intents import Intent
    from app.chat.retrieving import Match
    from app.chat.rules import Tokens

DECLINED = (
    "The report guide cannot answer that. It knows this report, how it was measured and what its words mean, and "
    "nothing else. Ask it about loudness, peaks, tone, stereo, tempo, key, sections, a platform or a finding."
)
UNSAID = "This report does not say"
ENOUGH = 0.25
"""A question that is less like anything that can be asked is declined."""
SURE = 0.5
"""What else is said to somebody who named a frequency or a time has to be as likely as this."""
NEARLY = 0.8
"""An intent that is so nearly as like as the best one is answered too."""
OF_ITS_WORD = 0.6
"""The same where the question has a word that is the intent's own."""
MOST_STATEMENTS = 4
MOST_OF_ONE = 3
MOST_INTENTS = 3
FOUND = 1.1
"""How much likelier an intent is whose finding is in the report."""
NEEDED = 1.25
"""How much likelier one is for which a question must hold a certain idea, where it does."""
PIECE = re.compile(r"\S+\s*")


async def guide_writing(
    question: str, document: Document, methodology: str
) -> AsyncGenerator[str | Tokens | Ending, None]:
    """Write the guide's answer word by word, as any writer does.

    It is made beside the event loop: the first question of a process reads all phrasings, a few tenths of a second.
    """
    answer = await asyncio.to_thread(guide_answer, question, document, methodology)
    for piece in PIECE.findall(answer):
        yield piece
    yield Ending(State.DONE)


def guide_answer(question: str, document: Document, methodology: str = "") -> str:
    """Answer a question from the report, as Markdown, or decline it."""
    asked = read(question, document)
    matches = _likely(asked, document)
    if matches and matches[0].intent.declines and not (asked.terms or asked.frequencies_hz or asked.times_s):
        return matches[0].intent.declines
    said = [*_meanings(asked), *methods(question, methodology)]
    if not said or asked.terms:
        said += _from_report(asked, matches, document)
    return "\n\n".join(list(dict.fromkeys(said))[:MOST_STATEMENTS]) or DECLINED


def _likely(asked: Asked, document: Document) -> list[Match]:
    """Return what a question may ask, the likeliest first; what this report found is likelier than what it did not."""
    if not any(word.isalpha() for word in asked.words):
        return []
    found = tuple(text(row, "id") for row in rows(document, "findings"))
    matches = [
        replace(match, likeness=match.likeness * _prior(match.intent, found))
        for match in index().matches(asked.words)
        if match.likeness >= ENOUGH
    ]
    return sorted(matches, key=lambda match: -match.likeness)


def _prior(intent: Intent, found: tuple[str, ...]) -> float:
    """Return how much likelier than others an intent is before the words are compared."""
    if intent.needs:
        return NEEDED
    return FOUND if any(id_.startswith(intent.findings) for id_ in found) else 1.0


def _meanings(asked: Asked) -> Iterator[str]:
    """Explain the words that are asked for."""
    for term in asked.terms:
        name = term.names[0]
        yield f"**{name.capitalize() if name.islower() else name}**: {term.text}"


def _from_report(asked: Asked, matches: list[Match], document: Document) -> list[str]:
    said = [line for hertz in asked.frequencies_hz for line in at_frequency(hertz, document)]
    said += [line for time_s in asked.times_s for line in at_time(time_s, document)]
    answers = [_answer(intent, asked, document) for intent in _answering(asked, matches)]
    said += [line for lines in zip_longest(*answers[:1], *map(_known, answers[1:])) for line in lines if line]
    named = [row for row in rows(document, "platforms") if text(row, "name") in asked.platforms]
    return [*said[: MOST_STATEMENTS - 1], *(platform(row) for row in named), *said[MOST_STATEMENTS - 1 :]]


def _known(lines: list[str]) -> list[str]:
    """Leave out what was not measured, which matters only where it was asked for first."""
    return [line for line in lines if not line.startswith(UNSAID)]


def _answering(asked: Asked, matches: list[Match]) -> Iterable[Intent]:
    """Return what answers: the figure of a word that is explained, or the best match and what is nearly as good."""
    if asked.is_meaning:
        names = {name for term in asked.terms for name in term.names}
        return [intent for intent in intents() if names & set(intent.terms)][:1]
    least = SURE if asked.frequencies_hz or asked.times_s else 0.0
    possible = [match for match in matches if not match.intent.declines and match.likeness >= least]
    best = possible[0].likeness if possible else 0.0
    chosen = [match for match in possible if match.likeness >= best * (OF_ITS_WORD if match.has_its_word else NEARLY)]
    return [match.intent for match in chosen[:MOST_INTENTS]]


def _answer(intent: Intent, asked: Asked, document: Document) -> list[str]:
    """Say the first figure of an intent, the findings that belong to it or that there is none, the other figures."""
    figures = [line for path in intent.says for line in figure(path, asked, document)]
    found = [
        finding_text(row, with_why=asked.is_why)
        for row in rows(document, "findings")
        if text(row, "id").startswith(intent.findings)
    ]
    if not found and intent.absent:
        found = [intent.absent]
    return [*figures[:1], *found[:1], *figures[1:2], *found[1:2]][:MOST_OF_ONE]
