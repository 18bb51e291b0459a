"""The conversation over HTTP: look, ask, read along, stop, try again, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from litestar import Controller, Request, Response, get, post
from litestar.di import Provide
from litestar.params import FromPath, FromQuery
from litestar.response import ServerSentEvent

from app.accounts.rules import Viewer
from app.accounts.web import client_of
from app.analyses.service import Analyses
from app.analyses.streaming import Streams
from app.chat.pages import ConversationDesk
from app.chat.rules import Turn
from app.chat.service import Conversations
from app.chat.streaming import AnswerStreams
from app.kernel.errors import Invalid, LimitReached
from app.kernel.html.access import OWNER
from app.kernel.html.answers import see_other, wants_fragment
from app.kernel.html.inject import Part

if TYPE_CHECKING:
    from collections.abc import Awaitable

Connection = Request[Any, Any, Any]


async def own_turn(
    viewer: Part[Viewer], analysis_id: FromPath[UUID], message_id: FromPath[UUID], conversations: Part[Conversations]
) -> Turn:
    """Return the turn of an address, which is its owner's and of this report; anything else is not found."""
    return await conversations.of_report(viewer.account.id, analysis_id, message_id)


class ConversationPages(Controller):
    """Everything under a report's conversation."""

    path = "/analyses/{analysis_id:uuid}/conversation"
    dependencies = {"turn": Provide(own_turn)}  # noqa: RUF012 - Litestar's own attribute

    @get("/", opt=OWNER)
    async def page(
        self, request: Connection, viewer: Part[Viewer], analysis_id: FromPath[UUID], desk: Part[ConversationDesk]
    ) -> Response[str]:
        """Show the conversation, as a page or as the section of the report."""
        return await desk.show(request, viewer, analysis_id)

    @post("/", opt=OWNER, status_code=200)
    async def ask(
        self,
        request: Connection,
        viewer: Part[Viewer],
        analysis_id: FromPath[UUID],
        form: Part[dict[str, str]],
        conversations: Part[Conversations],
        desk: Part[ConversationDesk],
    ) -> Any:
        """Take a question; a page without scripts comes back with the whole answer."""
        question = form.get("suggested") or form.get("question", "")
        try:
            turn = await conversations.ask(viewer.account.id, analysis_id, question)
        except (Invalid, LimitReached) as error:
            return await desk.show(request, viewer, analysis_id, error=error, draft=question)
        if wants_fragment(request):
            return await desk.show(request, viewer, analysis_id)
        await conversations.until_ended(turn)
        return see_other(f"/analyses/{analysis_id}/conversation#turn-{turn.id.hex}")

    @get("/prompt", opt=OWNER)
    async def prompt(
        self, request: Connection, viewer: Part[Viewer], analysis_id: FromPath[UUID], desk: Part[ConversationDesk]
    ) -> Response[str]:
        """Show what Claude sees: the literal text."""
        return await desk.show_prompt(request, viewer, analysis_id)

    @post("/notes", opt=OWNER, status_code=200)
    async def notes(
        self,
        request: Connection,
        viewer: Part[Viewer],
        analysis_id: FromPath[UUID],
        conversations: Part[Conversations],
        desk: Part[ConversationDesk],
    ) -> Any:
        """Begin the coach's notes, once a report."""
        beginning = conversations.notes(viewer.account.id, analysis_id)
        return await _begin(beginning, request, viewer, analysis_id, conversations, desk)

    @post("/consent", opt=OWNER, status_code=200)
    async def consent(
        self,
        request: Connection,
        viewer: Part[Viewer],
        analysis_id: FromPath[UUID],
        form: Part[dict[str, str]],
        analyses: Part[Analyses],
        conversations: Part[Conversations],
        desk: Part[ConversationDesk],
    ) -> Any:
        """Let Claude answer, or not any more, each with one press."""
        await analyses.one(viewer.account.id, analysis_id)
        is_given = form.get("allows_ai_feedback") == "yes"
        await conversations.consent(viewer, client_of(request), is_given=is_given)
        return await desk.after(request, viewer, analysis_id)

    @post("/delete", opt=OWNER, status_code=200)
    async def delete_all(
        self,
        request: Connection,
        viewer: Part[Viewer],
        analysis_id: FromPath[UUID],
        conversations: Part[Conversations],
        desk: Part[ConversationDesk],
    ) -> Any:
        """Delete the whole conversation, for good."""
        await conversations.delete_all(viewer.account.id, analysis_id)
        return await desk.after(request, viewer, analysis_id)

    @post("/{message_id:uuid}/stop", opt=OWNER, status_code=200)
    async def stop(
        self,
        request: Connection,
        viewer: Part[Viewer],
        analysis_id: FromPath[UUID],
        turn: Part[Turn],
        conversations: Part[Conversations],
        desk: Part[ConversationDesk],
    ) -> Any:
        """End an answer where it is."""
        await conversations.stop(turn)
        return await desk.after(request, viewer, analysis_id)

    @post("/{message_id:uuid}/retry", opt=OWNER, status_code=200)
    async def retry(
        self,
        request: Connection,
        viewer: Part[Viewer],
        analysis_id: FromPath[UUID],
        turn: Part[Turn],
        conversations: Part[Conversations],
        desk: Part[ConversationDesk],
    ) -> Any:
        """Write an unfinished answer again."""
        return await _begin(conversations.retry(turn), request, viewer, analysis_id, conversations, desk)

    @post("/{message_id:uuid}/delete", opt=OWNER, status_code=200)
    async def delete(
        self,
        request: Connection,
        viewer: Part[Viewer],
        analysis_id: FromPath[UUID],
        turn: Part[Turn],
        conversations: Part[Conversations],
        desk: Part[ConversationDesk],
    ) -> Any:
        """Delete a question with its answer, for good."""
        await conversations.delete(turn)
        return await desk.after(request, viewer, analysis_id)

    @get("/{message_id:uuid}/events", opt=OWNER)
    async def events(
        self,
        request: Connection,
        viewer: Part[Viewer],
        turn: Part[Turn],
        streams: Part[Streams],
        answer_streams: Part[AnswerStreams],
        start: FromQuery[str] = "",
    ) -> ServerSentEvent:
        """Stream an answer from an offset on; a page holds one stream at most."""
        seat = streams.take_seat(viewer.account.id)
        position = request.headers.get("last-event-id") or start
        following = answer_streams.follow(viewer, seat, turn, position)
        return ServerSentEvent(following, headers={"X-Accel-Buffering": "no"})


async def _begin(
    beginning: Awaitable[Turn | None],
    request: Connection,
    viewer: Viewer,
    analysis_id: UUID,
    conversations: Conversations,
    desk: ConversationDesk,
) -> Any:
    """Begin an answer that no question was typed for; a page without scripts waits for its end."""
    try:
        turn = await beginning
    except LimitReached as error:
        return await desk.show(request, viewer, analysis_id, error=error)
    if turn is not None and not wants_fragment(request):
        await conversations.until_ended(turn)
    return await desk.after(request, viewer, analysis_id)
