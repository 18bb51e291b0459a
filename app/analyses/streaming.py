"""The one event stream of a page: each change of an account's analyses, as its new card.

The rows are the truth and ``changed_at`` is the position, so that a reader who comes back
with its last event id misses nothing, whatever web process or Redis did meanwhile.
"""

from __future__ import annotations

import re
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
    from collections.abc import AsyncIterator, Iterator, Mapping
    from uuid import UUID

    from app.accounts.rules import Viewer
    from app.analyses.rules import Analysis
    from app.analyses.service import Analyses
    from app.kernel.clock import Clock
    from app.kernel.html.answers import Answers
    from app.kernel.signals import Signals
    from app.policy import StreamPolicy

BEAT = ServerSentEventMessage(event="beat", data="")
DONE = ServerSentEventMessage(event="done", data="")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


LOOK_BACK = timedelta(seconds=5)
"""Two writers may commit in another order than their clocks; so far behind the position is looked again."""

# A year's digits either side, and no more near changes than a page has cards.
WRITTEN = re.compile(r"[0-9]{1,16}(~[0-9a-f]{12}\.[0-9]{1,16}){0,64}", re.ASCII)

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
        self, viewer: Viewer, seat: Seat, start: Position, only: UUID | None = None
    ) -> AsyncIterator[ServerSentEventMessage]:
        """Yield what changed since a moment and then each change, until nothing is pending."""
        account_id = viewer.account.id
        ends_at = time.monotonic() + 60 * self._policy.max_minutes
        beat_at = time.monotonic() + self._policy.heartbeat_seconds
        with self.sitting(account_id, seat):
            async with self._signals.listen(topic_of(account_id)) as changed:
                since, told = start.moment, dict(start.told)
                while time.monotonic() < ends_at:
                    changed.clear()
                    found, has_pending = await self._look(account_id, since - LOOK_BACK, only)
                    for analysis in found:
                        changed_us = _microseconds(analysis.changed_at)
                        if told.get(_short(analysis)) != changed_us:
                            told[_short(analysis)] = changed_us
                            since = max(since, analysis.changed_at)
                            yield self._message(analysis, viewer, position_of(since, told))
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

    def _message(self, analysis: Analysis, viewer: Viewer, position: str) -> ServerSentEventMessage:
        card = card_of(analysis, self._clock(), viewer.csrf_token)
        return ServerSentEventMessage(id=position, data=self._answers.text(CardMessage(card)))

    @contextmanager
    def sitting(self, account_id: UUID, seat: Seat) -> Iterator[None]:
        """Hold a seat for as long as its stream is open."""
        seat.is_used = True
        try:
            yield
        finally:
            self._seats[account_id].discard(seat)
            if not self._seats[account_id]:
                del self._seats[account_id]


@dataclass(frozen=True, slots=True)
class Position:
    """How far a reader is: the newest change it was told of, and which near it."""

    moment: datetime
    told: Mapping[str, int]
    """Short analysis id to the microsecond of the change that was told, as far back as is looked."""


def position_of(moment: datetime, told: Mapping[str, int] | None = None) -> str:
    """Write a position as an event id; without anything told it is the moment alone."""
    oldest = _microseconds(moment - LOOK_BACK)
    near = [f"{short}.{changed}" for short, changed in (told or {}).items() if changed >= oldest]
    return "~".join([str(_microseconds(moment)), *near])


def read_position(text: str, *, otherwise: datetime) -> Position:
    """Read an event id that a browser gave back; whatever we did not write is no position."""
    if WRITTEN.fullmatch(text) is None:
        return Position(moment=otherwise, told={})
    moment, *near = text.split("~")
    told = {short: int(changed) for short, changed in (entry.split(".") for entry in near)}
    return Position(moment=datetime.fromtimestamp(int(moment) / 1_000_000, UTC), told=told)


def _microseconds(moment: datetime) -> int:
    return int((moment - EPOCH) / timedelta(microseconds=1))


def _short(analysis: Analysis) -> str:
    return analysis.id.hex[:12]
