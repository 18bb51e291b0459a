"""An answer as an event stream: its next words from an offset in characters on, then the whole turn.

The event id is the run and the offset, so that a reader who comes back gets what is missing and
nothing twice, from any web process; a run that began anew is told as a whole.
"""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from litestar.response.sse import ServerSentEventMessage

from app.analyses.streaming import BEAT, DONE
from app.chat.generating import topic_of
from app.chat.views import DeltaMessage, TurnMessage, turn_of
from app.kernel.errors import NotFound
from app.kernel.signals import wait

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.accounts.rules import Viewer
    from app.analyses.service import Analyses
    from app.analyses.streaming import Seat, Streams
    from app.chat.live import Live, LiveText
    from app.chat.rules import Turn
    from app.chat.service import Conversations
    from app.kernel.html.answers import Answers
    from app.kernel.signals import Signals
    from app.policy import StreamPolicy

DRAWN_AT_ONCE = 2
"""Reports in memory at the same time, however many answers end at one moment; a report is a megabyte of objects."""
POSITION = re.compile(r"([0-9a-f]{8})\.([0-9]{1,9})", re.ASCII)


def position_of(turn: Turn, offset: int) -> str:
    """Write how far a reader is as an event id."""
    return f"{turn.run_id.hex[:8]}.{offset}"


def offset_in(position: str, turn: Turn, most: int) -> int | None:
    """Read how far a reader is; none when the answer began anew since, or the position is not ours."""
    found = POSITION.fullmatch(position)
    if found is None or found[1] != turn.run_id.hex[:8] or int(found[2]) > most:
        return None
    return int(found[2])


class AnswerStreams:
    """The readers of answers in this process."""

    def __init__(  # noqa: PLR0913 - the composition root hands over its parts by name
        self,
        *,
        policy: StreamPolicy,
        signals: Signals,
        live: Live,
        conversations: Conversations,
        analyses: Analyses,
        streams: Streams,
        answers: Answers,
    ) -> None:
        """Keep the parts."""
        self._policy = policy
        self._signals = signals
        self._live = live
        self._conversations = conversations
        self._analyses = analyses
        self._drawing = asyncio.Semaphore(DRAWN_AT_ONCE)
        self._streams = streams
        self._answers = answers

    async def follow(
        self, viewer: Viewer, seat: Seat, turn: Turn, position: str
    ) -> AsyncIterator[ServerSentEventMessage]:
        """Yield what a reader misses of an answer and then each new piece, until it ended."""
        ends_at = time.monotonic() + 60 * self._policy.max_minutes
        beat_at = time.monotonic() + self._policy.heartbeat_seconds
        with self._streams.sitting(viewer.account.id, seat):
            async with self._signals.listen(topic_of(turn.id)) as changed:
                with self._live.reading(turn.id, changed) as live:
                    while time.monotonic() < ends_at:
                        changed.clear()
                        try:
                            turn = await self._look(turn, live)
                            message = await self._next(turn, viewer, position)
                        except NotFound:
                            yield DONE
                            return
                        if message is not None:
                            position = str(message.id)
                            yield message
                        if not turn.is_writing:
                            yield DONE
                            return
                        if time.monotonic() >= beat_at:
                            beat_at = time.monotonic() + self._policy.heartbeat_seconds
                            yield BEAT
                        await self._pause(changed)

    async def _pause(self, changed: asyncio.Event) -> None:
        await wait(changed, self._policy.poll_seconds)

    async def _look(self, turn: Turn, live: LiveText) -> Turn:
        """Return the turn as it is: from memory where it is written here, else from its row."""
        if live.is_ours and live.run_id == turn.run_id:
            return _with_answer(turn, live.text)
        now = await self._conversations.one(turn.account_id, turn.id)
        return _with_answer(now, live.catch_up(now.run_id, now.answer)) if now.is_writing else now

    async def _next(self, turn: Turn, viewer: Viewer, position: str) -> ServerSentEventMessage | None:
        """Return what a reader misses: words, or the whole turn once it ended or began anew."""
        offset = offset_in(position, turn, len(turn.answer)) if turn.is_writing else None
        if offset is None:
            return await self._whole(turn, viewer)
        if offset == len(turn.answer):
            return None
        delta = DeltaMessage(turn.id.hex, turn.answer[offset:])
        return ServerSentEventMessage(id=position_of(turn, len(turn.answer)), data=self._answers.text(delta))

    async def _whole(self, turn: Turn, viewer: Viewer) -> ServerSentEventMessage:
        """Draw a turn by its report, which is read for this moment only: a reader who waits holds none."""
        async with self._drawing:
            document = await self._analyses.report(turn.account_id, turn.analysis_id)
            data = self._answers.text(TurnMessage(turn_of(turn, document, viewer.csrf_token)))
        return ServerSentEventMessage(id=position_of(turn, len(turn.answer)), data=data)


def _with_answer(turn: Turn, answer: str) -> Turn:

    return replace(turn, answer=answer)
