"""A conversation in every state, as the pages show it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from app.chat.rules import Author, Failure, Kind, State, Turn
from app.chat.views import Conversation, Suggestion, turn_of
from tests.unit.views.made import document

TOKEN = "token-of-the-session"
FIRST = Turn(
    id=UUID(int=1),
    account_id=UUID(int=10),
    analysis_id=UUID(int=20),
    kind=Kind.QUESTION,
    author=Author.CLAUDE,
    state=State.DONE,
    question="Why is it <b>muddy</b>?",
    answer="True peak is **0.6 dBTP**.\n\n1. Cut 2 dB at 250 Hz.\n\n<img src=x onerror=alert(1)> Mara <b>",
    failure=None,
    run_id=UUID(int=30),
    created_at=datetime(2026, 11, 24, 14, 2, tzinfo=UTC),
)
MADE = (
    FIRST,
    replace(FIRST, id=UUID(int=2), kind=Kind.NOTES, question=""),
    replace(FIRST, id=UUID(int=3), author=Author.GUIDE),
    replace(FIRST, id=UUID(int=4), state=State.INTERRUPTED, failure=Failure.CUT),
    replace(FIRST, id=UUID(int=5), state=State.STOPPED, answer=""),
    replace(FIRST, id=UUID(int=6), state=State.REFUSED, failure=Failure.REFUSAL),
    replace(FIRST, id=UUID(int=7), failure=Failure.LENGTH),
    replace(FIRST, id=UUID(int=8), state=State.WRITING),
)
TURNS = tuple(turn_of(turn, document(), TOKEN) for turn in MADE)


def conversation(*, problem: str = "", draft: str = "", allows_claude: bool = True) -> Conversation:
    """Make the section with everything in it."""
    return Conversation(
        csrf_token=TOKEN,
        address="/analyses/1/conversation",
        report_address="/analyses/1",
        left="218 of 400 messages left",
        turns=TURNS,
        suggestions=(Suggestion("F1", "What ceiling should I set?"), Suggestion("F2", "Which track rings?")),
        has_claude=True,
        allows_claude=allows_claude,
        can_ask_for_notes=True,
        most_characters=4000,
        problem=problem,
        draft=draft,
    )
