"""The one event stream of a page: each change of an account's analyses, as its new card.

The rows are the truth and ``changed_at`` is the position, so that a reader who comes back
with its last event id misses nothing, whatever web process or Redis did meanwhile.
"""

from __future__ import annotations

import time
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from litestar.response.sse import ServerSentEventMessage

from app.analyses.service import topic_of
from app.analyses.views import CardMessage, card_of
from app.kernel.errors import LimitReached
from app.kernel.signals import wait

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from uuid import UUID

    from app.accounts.rules import Viewer
    from app.analyses.rules import Analysis
    from app.analyses.service import Analyses
    from app.kernel.clock import Clock
    from app.kernel.html.answers import Answers
    from app.kernel.signals import Signals
    from app.settings import StreamPolicy

BEAT = ServerSentEventMessage(event="beat", data="")
DONE = ServerSentEventMessage(event="done", data="")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


LOOK_BACK = timedelta(seconds=5)
"""Two writers may commit in another order than their clocks; so far behind the position is looked again."""

NEVER_SAT_S = 10.0
"""After so long a seat is free again whose stream never began."""


@dataclass(eq=False, slots=True)
class Seat:
    """An account's right to one open stream."""

    taken_at: float
    is_used: bool = False


class Streams:
    """The open streams of this process."""

    def __init__(
        self, *, policy: StreamPolicy, clock: Clock, signals: Signals, analyses: Analyses, answers: Answers
    ) -> None:
        """Keep the parts."""
        self._policy = policy
        self._clock = clock
        self._signals = signals
        self._analyses = analyses
        self._answers = answers
        self._seats: defaultdict[UUID, set[Seat]] = defaultdict(set)

    def take_seat(self, account_id: UUID) -> Seat:
        """Count one more stream of an account, or refuse it.

        Raises
        ------
        LimitReached
            When the account has as many as it may have.

        """
        now = time.monotonic()
        seats = {seat for seat in self._seats[account_id] if seat.is_used or now - seat.taken_at < NEVER_SAT_S}
        self._seats[account_id] = seats
        if len(seats) >= self._policy.per_account:
            raise LimitReached(
                f"At most {self._policy.per_account} pages can be watched at once.",
                way_out="Close another page of this site.",
                retry_after_s=10,
            )
        seat = Seat(taken_at=now)
        seats.add(seat)
        return seat

    async def cards(
        self, viewer: Viewer, seat: Seat, since: datetime, only: UUID | None = None
    ) -> AsyncIterator[ServerSentEventMessage]:
        """Yield what changed since a moment and then each change, until nothing is pending."""
        account_id = viewer.account.id
        ends_at = time.monotonic() + 60 * self._policy.max_minutes
        beat_at = time.monotonic() + self._policy.heartbeat_seconds
        with self._sitting(account_id, seat):
            async with self._signals.listen(topic_of(account_id)) as changed:
                told: dict[UUID, datetime] = {}
                while time.monotonic() < ends_at:
                    changed.clear()
                    found, has_pending = await self._look(account_id, since - LOOK_BACK, only)
                    for analysis in found:
                        if told.get(analysis.id) != analysis.changed_at:
                            told[analysis.id] = analysis.changed_at
                            since = max(since, analysis.changed_at)
                            yield self._message(analysis, viewer)
                    if not has_pending:
                        yield DONE
                        return
                    if time.monotonic() >= beat_at:
                        beat_at = time.monotonic() + self._policy.heartbeat_seconds
                        yield BEAT
                    await wait(changed, self._policy.poll_seconds)

    async def _look(self, account_id: UUID, since: datetime, only: UUID | None) -> tuple[list[Analysis], bool]:
        """Return what changed, and whether something is still to come."""
        # Pending first: what ends between the two is then among the changes, and not missed.
        pending = await self._analyses.pending_of(account_id)
        found = await self._analyses.changed_since(account_id, since)
        if only is None:
            return found, bool(pending)
        return [analysis for analysis in found if analysis.id == only], only in pending

    def _message(self, analysis: Analysis, viewer: Viewer) -> ServerSentEventMessage:
        card = card_of(analysis, self._clock(), viewer.csrf_token)
        return ServerSentEventMessage(
            id=str(position_of(analysis.changed_at)), data=self._answers.text(CardMessage(card))
        )

    @contextmanager
    def _sitting(self, account_id: UUID, seat: Seat) -> Iterator[None]:
        seat.is_used = True
        try:
            yield
        finally:
            self._seats[account_id].discard(seat)
            if not self._seats[account_id]:
                del self._seats[account_id]


def position_of(moment: datetime) -> int:
    """Return a moment as an event id, in microseconds since 1970."""
    return int((moment - EPOCH).total_seconds() * 1_000_000)


def moment_of(text: str, *, otherwise: datetime) -> datetime:
    """Return the moment of an event id that a browser gave back."""
    if not text.isascii() or not text.isdigit() or len(text) > 17:
        return otherwise
    return datetime.fromtimestamp(int(text) / 1_000_000, UTC)
