"""Puts the conversation's section and page together; every button answers with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.chat.rules import Author, Kind
from app.chat.views import Conversation, ConversationFragment, ConversationPage, PromptPage, suggestions_of, turn_of
from app.kernel.html import numbers
from app.kernel.html.answers import chrome_of, see_other, wants_fragment
from app.usage.rules import Kind as UsageKind

if TYPE_CHECKING:
    from uuid import UUID

    from litestar import Request, Response

    from app.accounts.rules import Viewer
    from app.analyses.document import Document
    from app.analyses.service import Analyses
    from app.chat.service import Conversations
    from app.kernel.errors import AppError
    from app.kernel.html.answers import Answers
    from app.policy import ChatPolicy
    from app.usage.service import UsageLedger

    Connection = Request[Any, Any, Any]


class ConversationDesk:
    """Makes the answers of the conversation's routes."""

    def __init__(
        self,
        *,
        policy: ChatPolicy,
        analyses: Analyses,
        conversations: Conversations,
        usage: UsageLedger,
        answers: Answers,
    ) -> None:
        """Keep the parts."""
        self._policy = policy
        self._analyses = analyses
        self._conversations = conversations
        self._usage = usage
        self._answers = answers

    async def show(
        self, request: Connection, viewer: Viewer, analysis_id: UUID, *, error: AppError | None = None, draft: str = ""
    ) -> Response[str]:
        """Show the conversation, as a page or as the section of a page."""
        analysis = await self._analyses.one(viewer.account.id, analysis_id)
        document = await self._analyses.report(viewer.account.id, analysis_id)
        view = await self._view(viewer, analysis_id, document, error, draft)
        status = error.status if error else 200
        if wants_fragment(request):
            return self._answers.html(ConversationFragment(view), status=status)
        page = ConversationPage(
            chrome_of(request),
            title=analysis.track_name,
            version=f"v{analysis.version}",
            conversation=view,
            goes_on=numbers.day(analysis.expires_at),
        )
        return self._answers.html(page, status=status)

    async def show_prompt(self, request: Connection, viewer: Viewer, analysis_id: UUID) -> Response[str]:
        """Show what would be sent with the next question."""
        analysis = await self._analyses.one(viewer.account.id, analysis_id)
        prompt = await self._conversations.prompt(viewer.account.id, analysis_id)
        literal = prompt.literal()
        page = PromptPage(
            chrome_of(request),
            title=analysis.track_name,
            version=f"v{analysis.version}",
            literal=literal,
            size=numbers.byte_size(len(literal.encode())),
            back=f"/analyses/{analysis_id}/conversation",
            model=self._conversations.model,
        )
        return self._answers.html(page)

    async def after(self, request: Connection, viewer: Viewer, analysis_id: UUID) -> Any:
        """Answer a button: with the section, or by sending a browser without scripts to the page."""
        if wants_fragment(request):
            return await self.show(request, viewer, analysis_id)
        return see_other(f"/analyses/{analysis_id}/conversation")

    async def _view(
        self, viewer: Viewer, analysis_id: UUID, document: Document, error: AppError | None, draft: str
    ) -> Conversation:
        account_id = viewer.account.id
        turns = await self._conversations.turns(account_id, analysis_id)
        author = await self._conversations.author_for(account_id)
        return Conversation(
            csrf_token=viewer.csrf_token,
            address=f"/analyses/{analysis_id}/conversation",
            report_address=f"/analyses/{analysis_id}",
            left=await self._left(account_id) if author is Author.CLAUDE else "",
            turns=tuple(turn_of(turn, document, viewer.csrf_token) for turn in turns),
            suggestions=suggestions_of(document.get("findings", [])),
            has_claude=self._conversations.has_claude,
            allows_claude=author is Author.CLAUDE,
            can_ask_for_notes=author is Author.CLAUDE and not any(turn.kind is Kind.NOTES for turn in turns),
            most_characters=self._policy.question_characters,
            problem=f"{error.sentence} {error.way_out}".strip() if error else "",
            draft=draft if error else "",
        )

    async def _left(self, account_id: UUID) -> str:
        allowance = await self._usage.allowance(account_id, UsageKind.MESSAGES)
        return f"{allowance.left} of {allowance.limit} messages left"
