"""Answers being written: one supervised task each, all their rows kept in one statement's time.

A writer yields pieces and one ending. Whatever happens on the way, the row ends in a state, and
what was taken of the plan is given back unless somebody got an answer for it.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import structlog

from app.chat import spending, store
from app.chat.rules import NOTHING, Ending, Failure, State, Tokens, clean_piece
from app.chat.tables import Message
from app.kernel.db import transaction
from app.kernel.tasks import end
from app.usage.rules import Kind as UsageKind

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from datetime import datetime
    from uuid import UUID

    from piccolo.engine.base import Engine

    from app.chat.live import Live, LiveText
    from app.chat.rules import Author, Turn
    from app.kernel.clock import Clock
    from app.kernel.signals import Signals
    from app.policy import ChatPolicy, TokenPrices
    from app.usage.service import UsageLedger

    Pieces = AsyncGenerator[str | Tokens | Ending, None]

CLOSING_S = 10.0
CHARACTERS_A_TOKEN = 3
"""Fewer than there are, so that an estimate is no less than what is paid."""

log = structlog.get_logger()


def topic_of(message_id: UUID) -> str:
    """Return the topic on which the readers of an answer are woken."""
    return f"message:{message_id}"


@dataclass(frozen=True, slots=True)
class Budget:
    """What was reserved for an answer, and at which prices it is settled."""

    prices: TokenPrices
    reserved_microdollars: int
    reserved_at: datetime


@dataclass(slots=True)
class Run:
    """One answer that this process writes."""

    turn: Turn
    live: LiveText
    budget: Budget | None
    kept: int = 0
    """Characters that the row has."""
    told: int = 0
    """Characters that other processes were sent."""
    tokens: Tokens = NOTHING
    """What the writer said so far that it used."""
    wanted: Ending | None = None
    """How it is to end when it is cancelled."""
    task: asyncio.Task[None] | None = None

    def charged(self, ending: Ending) -> Ending:
        """Return an ending with what was used, estimated where the writer could not say it any more."""
        if ending.tokens != NOTHING or self.tokens == NOTHING:
            return ending
        written = len(self.live.text) // CHARACTERS_A_TOKEN
        return replace(ending, tokens=replace(self.tokens, output=max(self.tokens.output, written)))


class Generations:
    """The answers that this process writes."""

    def __init__(
        self,
        *,
        policy: ChatPolicy,
        engine: Engine[Any],
        clock: Clock,
        usage: UsageLedger,
        live: Live,
        signals: Signals,
    ) -> None:
        """Keep the parts; nothing runs yet."""
        self._policy = policy
        self._engine = engine
        self._clock = clock
        self._usage = usage
        self._live = live
        self._signals = signals
        self._runs: dict[UUID, Run] = {}
        self._fresh = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self._teller: asyncio.Task[None] | None = None

    def start(self, turn: Turn, pieces: Pieces, budget: Budget | None = None) -> None:
        """Write an answer; its row is committed, and this returns at once."""
        if self._keeper is None:
            self._keeper = asyncio.create_task(self._keep_rows())
            self._teller = asyncio.create_task(self._tell_others())
        run = Run(turn=turn, live=self._live.begin(turn.id, turn.run_id), budget=budget)
        self._runs[turn.id] = run
        run.task = asyncio.create_task(self._write(run, pieces))

    async def ended(self, message_id: UUID) -> None:
        """Wait until this process does not write an answer any more."""
        run = self._runs.get(message_id)
        if run is not None and run.task is not None:
            await asyncio.wait([run.task])

    async def cancel(self, message_id: UUID, ending: Ending) -> bool:
        """End an answer that this process writes; tell whether it was one."""
        run = self._runs.get(message_id)
        if run is None or run.task is None:
            return False
        run.wanted = run.wanted or ending
        run.task.cancel()
        await asyncio.wait([run.task])
        return True

    async def cancel_all_of(self, account_id: UUID, ending: Ending, *, of: Author) -> None:
        """End what this process lets an author write for an account."""
        whose = (account_id, of)
        for message_id in [key for key, run in self._runs.items() if (run.turn.account_id, run.turn.author) == whose]:
            await self.cancel(message_id, ending)

    async def close(self) -> None:
        """End everything, as interrupted; a reader may try again."""
        async with asyncio.timeout(CLOSING_S):
            for message_id in list(self._runs):
                await self.cancel(message_id, Ending(State.INTERRUPTED, Failure.RESTART))
        for task in (self._keeper, self._teller):
            if task is not None:
                await end([task])
        self._keeper = self._teller = None

    async def stop_elsewhere(self, turn: Turn, ending: Ending) -> None:
        """End an answer that another process writes, which notices when it next keeps the row."""
        await self._finish(turn, turn.answer, ending, None)

    async def end_lost(self) -> int:
        """Interrupt the answers whose process is gone; tell how many."""
        lost = [turn for turn in await store.without_news(self._clock()) if turn.id not in self._runs]
        for turn in lost:
            await self._finish(turn, turn.answer, Ending(State.INTERRUPTED, Failure.RESTART), None)
        return len(lost)

    async def _write(self, run: Run, pieces: Pieces) -> None:
        ending = Ending(State.INTERRUPTED, Failure.FAULT)
        try:
            ending = await self._take(run, pieces)
        except asyncio.CancelledError:
            ending = run.wanted or Ending(State.INTERRUPTED, Failure.RESTART)
        except Exception:
            log.exception("chat.failed")
        finally:
            try:
                await asyncio.shield(self._finish(run.turn, run.live.text, run.charged(ending), run.budget))
            finally:
                del self._runs[run.turn.id]
                self._live.end(run.turn.id)

    async def _take(self, run: Run, pieces: Pieces) -> Ending:
        """Add pieces until the writer's ending, or a limit of ours."""
        try:
            async with asyncio.timeout(self._policy.answer_seconds), aclosing(pieces):
                async for piece in pieces:
                    if isinstance(piece, Ending):
                        return piece
                    if isinstance(piece, Tokens):
                        run.tokens = piece
                        continue
                    run.live.text += clean_piece(piece)
                    self._fresh.set()
                    run.live.wake()
                    if len(run.live.text) > self._policy.answer_characters:
                        return Ending(State.INTERRUPTED, Failure.ENDLESS)
        except TimeoutError:
            return Ending(State.INTERRUPTED, Failure.ENDLESS if run.live.text else Failure.SLOW)
        return Ending(State.INTERRUPTED, Failure.CUT)

    async def _finish(self, turn: Turn, answer: str, ending: Ending, budget: Budget | None) -> None:
        now = self._clock()
        is_useful = ending.state is State.DONE or (ending.state is State.STOPPED and bool(answer))
        changes: dict[Any, Any] = {
            Message.state: ending.state,
            Message.answer: answer,
            Message.failure: ending.failure or "",
            Message.finished_at: now,
            Message.lease_until: None,
        }
        async with transaction(self._engine):
            is_ended = await store.finish(turn.id, turn.run_id, changes)
            if is_ended and not is_useful:
                await self._give_back(turn.id)
            if budget is not None:
                await self._settle(turn, ending, budget)
        await self._signals.publish(topic_of(turn.id))

    async def _give_back(self, message_id: UUID) -> None:
        charge = await store.release_charge(message_id)
        if charge is not None:
            await self._usage.give_back(charge[0], UsageKind.MESSAGES, charge[1])

    async def _settle(self, turn: Turn, ending: Ending, budget: Budget) -> None:
        tokens = ending.tokens
        spent = spending.cost_microdollars(budget.prices, tokens)
        await spending.settle(turn.account_id, budget.reserved_microdollars, spent, budget.reserved_at)
        noted = {
            Message.input_tokens: Message.input_tokens + tokens.input,
            Message.cache_write_tokens: Message.cache_write_tokens + tokens.cache_write,
            Message.cache_read_tokens: Message.cache_read_tokens + tokens.cache_read,
            Message.output_tokens: Message.output_tokens + tokens.output,
            Message.cost_microdollars: Message.cost_microdollars + spent,
        }
        await store.note(turn.id, noted)

    async def _keep_rows(self) -> None:
        """Bring the rows of all answers up to what is written, and notice those that are not wanted any more."""
        heartbeat_s, beaten = self._policy.lease_seconds / 3, 0.0
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self._policy.write_seconds)
            beats = loop.time() - beaten > heartbeat_s
            behind = [run for run in self._runs.values() if beats or len(run.live.text) > run.kept]
            if beats:
                beaten = loop.time()
            if not behind:
                continue
            try:
                unwanted = await self._keep(behind)
            except Exception as error:  # noqa: BLE001 - a database that is away for a moment ends no answer
                log.warning("chat.keep_failed", error=type(error).__name__)
                continue
            for run in unwanted:
                if run.task is not None:
                    run.task.cancel()

    async def _keep(self, runs: list[Run]) -> list[Run]:
        lease_until = self._clock() + self._policy.lease
        unwanted = []
        async with transaction(self._engine):
            for run in runs:
                text = run.live.text
                if await store.keep(run.turn.id, run.turn.run_id, text, lease_until):
                    run.kept = len(text)
                else:
                    unwanted.append(run)
        return unwanted

    async def _tell_others(self) -> None:
        while True:
            await self._fresh.wait()
            self._fresh.clear()
            for run in list(self._runs.values()):
                offset, text = run.told, run.live.text
                if len(text) > offset:
                    run.told = len(text)
                    await self._live.tell(run.turn.id, run.turn.run_id, offset, text[offset:])
