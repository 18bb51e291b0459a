"""What the conversation shows: turns, the section of the report page, a page of its own, messages of its stream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from app.chat.rules import RETRYABLE, SENTENCES, Author, Failure, Kind, State
from app.chat.showing import shown_answer
from app.kernel.html import numbers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from markupsafe import Markup

    from app.analyses.document import Document
    from app.chat.rules import Turn
    from app.chat.showing import Shown
    from app.kernel.html.chrome import Chrome

GUIDE_NOTE = "put together from your report, no AI"


@dataclass(frozen=True, slots=True)
class TurnView:
    """A question and its answer."""

    id: str
    asked_at: str
    question: str
    is_notes: bool
    who: str
    note: str
    """What stands beside the name: who made it, or how many figures are from the report."""
    is_writing: bool
    text: str
    """The answer as plain text, while it is written and for copying."""
    html: Markup
    problem: str
    """Why it is not whole; empty when it is."""
    is_lost: bool
    """Whether the problem is a failure, which was not counted."""
    buttons: tuple[tuple[str, str], ...]
    """What can be done with it: the end of the address, and the word on the button."""
    address: str
    """Where its buttons post to."""
    stream: str
    csrf_token: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question out of a finding."""

    mark: str
    question: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """Everything that was said, and the form for more."""

    csrf_token: str
    address: str
    """Of the conversation."""
    report_address: str
    left: str
    """How many messages are left; empty for the guide, which counts nothing."""
    turns: tuple[TurnView, ...]
    suggestions: tuple[Suggestion, ...]
    has_claude: bool
    """Whether this site can ask Claude at all."""
    allows_claude: bool
    can_ask_for_notes: bool
    most_characters: int
    problem: str = ""
    draft: str = ""


@dataclass(frozen=True, slots=True)
class ConversationFragment:
    """The conversation as a section of a page, and the answer to each of its buttons."""

    template: ClassVar[str] = "chat/_conversation.html"

    conversation: Conversation


@dataclass(frozen=True, slots=True)
class ConversationPage:
    """The conversation on a page of its own."""

    template: ClassVar[str] = "chat/page.html"

    chrome: Chrome
    title: str
    version: str
    conversation: Conversation
    goes_on: str


@dataclass(frozen=True, slots=True)
class PromptPage:
    """What Claude sees of a report: the literal text."""

    template: ClassVar[str] = "chat/prompt.html"

    chrome: Chrome
    title: str
    version: str
    literal: str
    size: str
    back: str
    model: str


@dataclass(frozen=True, slots=True)
class TurnMessage:
    """A turn as a message of the stream, with the element that it replaces."""

    template: ClassVar[str] = "chat/_turn_message.html"

    turn: TurnView


@dataclass(frozen=True, slots=True)
class DeltaMessage:
    """The next words of an answer, as plain text."""

    template: ClassVar[str] = "chat/_delta.html"

    id: str
    text: str


def turn_of(turn: Turn, document: Document, csrf_token: str) -> TurnView:
    """Make what is shown of a turn."""
    shown = shown_answer(
        "" if turn.is_writing else turn.answer,
        document,
        f"/analyses/{turn.analysis_id}",
        is_checked=turn.author is Author.CLAUDE,
    )
    address = f"/analyses/{turn.analysis_id}/conversation/{turn.id}"
    offset = f"{turn.run_id.hex[:8]}.{len(turn.answer)}"
    is_lost = turn.state in {State.INTERRUPTED, State.REFUSED}
    return TurnView(
        id=turn.id.hex,
        asked_at=numbers.moment(turn.created_at),
        question=turn.question,
        is_notes=turn.kind is Kind.NOTES,
        who=_who(turn),
        note=_note(turn, shown),
        is_writing=turn.is_writing,
        text=turn.answer,
        html=shown.html,
        problem=_problem(turn),
        is_lost=is_lost,
        buttons=_buttons(turn),
        address=address,
        stream=f"{address}/events?start={offset}" if turn.is_writing else "",
        csrf_token=csrf_token,
    )


def suggestions_of(findings: Iterable[Document]) -> tuple[Suggestion, ...]:
    """Turn the first findings into questions."""
    made = []
    for index, finding in enumerate(findings, 1):
        title = str(finding.get("title", ""))
        if title:
            made.append(Suggestion(mark=f"F{index}", question=f"{title}: what do I do about it?"))
    return tuple(made[:3])


def _buttons(turn: Turn) -> tuple[tuple[str, str], ...]:
    if turn.is_writing:
        return (("stop", "Stop"),)
    again = (("retry", "Try again"),) if turn.state in RETRYABLE else ()
    return (*again, ("delete", "Delete"))


def _who(turn: Turn) -> str:
    if turn.author is Author.GUIDE:
        return "Report guide"
    if turn.is_writing:
        return "Claude, writing"
    return "Claude, coach’s notes" if turn.kind is Kind.NOTES else "Claude, about this report"


def _note(turn: Turn, shown: Shown) -> str:
    if turn.author is Author.GUIDE:
        return GUIDE_NOTE
    if turn.is_writing:
        return "figures are checked at the end"
    quoted = shown.found + shown.missing
    return f"{shown.found} of {quoted} figures are from the report" if quoted else ""


def _problem(turn: Turn) -> str:
    if turn.state is State.STOPPED:
        return "Stopped."
    if turn.failure is None:
        return ""
    return SENTENCES[Failure(turn.failure)]
