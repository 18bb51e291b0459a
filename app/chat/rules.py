"""What a turn of the conversation is, and how it may end, as pure rules."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from app.kernel.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID


class Kind(StrEnum):
    """What an answer answers."""

    QUESTION = "question"
    NOTES = "notes"
    """The coach's notes: the first feedback, which nobody asked in words."""


class Author(StrEnum):
    """Who writes."""

    CLAUDE = "claude"
    GUIDE = "guide"
    """The report guide: put together from the report, no AI."""


class State(StrEnum):
    """How far an answer is."""

    WRITING = "writing"
    DONE = "done"
    STOPPED = "stopped"
    """By its reader; what was written stays, and counts."""
    INTERRUPTED = "interrupted"
    """By a failure that is not the reader's; it does not count."""
    REFUSED = "refused"
    """Claude did not want to answer; it does not count."""


RETRYABLE = (State.INTERRUPTED, State.REFUSED, State.STOPPED)


class Failure(StrEnum):
    """Why an answer was not finished, or is shorter than it was meant."""

    BUSY = "busy"
    FAULT = "fault"
    CUT = "cut"
    SLOW = "slow"
    ENDLESS = "endless"
    KEY = "key"
    REFUSAL = "refusal"
    LENGTH = "length"
    RESTART = "restart"
    CONSENT = "consent"


SENTENCES: Mapping[Failure, str] = {
    Failure.BUSY: "Claude has too much to do at the moment.",
    Failure.FAULT: "Claude's service failed.",
    Failure.CUT: "The connection to Claude broke half-way.",
    Failure.SLOW: "Claude took longer than it may.",
    Failure.ENDLESS: "The answer did not come to an end.",
    Failure.KEY: "Claude's service does not accept this site's key; we have to mend that.",
    Failure.REFUSAL: "Claude does not answer this question. Ask it in other words, or another one.",
    Failure.LENGTH: "The answer reached its greatest length; ask for the rest.",
    Failure.RESTART: "The site was restarted while the answer was written.",
    Failure.CONSENT: "AI feedback was withdrawn while the answer was written.",
}


@dataclass(frozen=True, slots=True)
class Tokens:
    """What an answer used."""

    input: int = 0
    cache_write: int = 0
    cache_read: int = 0
    output: int = 0


NOTHING = Tokens()


@dataclass(frozen=True, slots=True)
class Ending:
    """How writing ended."""

    state: State
    failure: Failure | None = None
    tokens: Tokens = NOTHING
    retry_after_s: int | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and its answer, or the coach's notes."""

    id: UUID
    account_id: UUID
    analysis_id: UUID
    kind: Kind
    author: Author
    state: State
    question: str
    answer: str
    failure: Failure | None
    run_id: UUID
    created_at: datetime

    @property
    def is_writing(self) -> bool:
        """Whether more is to come."""
        return self.state is State.WRITING


def clean_question(text: str, most: int) -> str:
    """Return a question as it is kept.

    Raises
    ------
    Invalid
        When it is empty or longer than it may be.

    """
    question = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not question:
        raise Invalid("There is no question yet.", way_out="Write one, or choose one of those below.", code="question")
    if len(question) > most:
        raise Invalid(
            f"A question may have {most} characters; this one has {len(question)}.",
            way_out="Ask the most important part first.",
            code="question",
        )
    return question


def clean_piece(text: str) -> str:
    """Return a piece of an answer without what databases and event streams cannot carry as it is."""
    return "".join(sign for sign in text if sign in "\n\t" or (sign >= " " and not _is_reserved(sign)))


def _is_reserved(sign: str) -> bool:
    """Tell whether a character is one of ours for marks, half of a pair, or a line's end in disguise."""
    return "\ud800" <= sign <= "\uf8ff" or sign in "\x7f\x85\u2028\u2029\ufeff"
