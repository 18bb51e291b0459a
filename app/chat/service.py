"""What an owner does with the conversation about a report: ask, stop, try again, delete."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from app.chat import store
from app.chat.guide import guide_writing
from app.chat.rules import Author, Ending, Kind, State, Turn, clean_question
from app.chat.spending import end_due as end_due_spending
from app.chat.tables import Message
from app.kernel.db import TAKEN, transaction
from app.kernel.errors import Conflict, NotFound

if TYPE_CHECKING:
    from piccolo.engine.base import Engine

    from app.accounts.owner import OwnAccount
    from app.analyses.rules import Analysis
    from app.analyses.service import Analyses
    from app.chat.generating import Generations
    from app.kernel.clock import Clock
    from app.kernel.ratelimit import RateLimiter
    from app.policy import ChatPolicy
    from app.usage.service import UsageLedger

METHODOLOGY = Path(__file__).resolve().parents[2] / "docs" / "methodology.md"
ONE_AT_A_TIME = "An answer is being written already; one at a time."


class Conversations:
    """An account's conversations; every reading goes through the owner."""

    def __init__(  # noqa: PLR0913 - the composition root hands over its parts by name
        self,
        *,
        policy: ChatPolicy,
        engine: Engine[Any],
        clock: Clock,
        limiter: RateLimiter,
        usage: UsageLedger,
        own_account: OwnAccount,
        analyses: Analyses,
        generations: Generations,
    ) -> None:
        """Keep the parts."""
        self._policy = policy
        self._engine = engine
        self._clock = clock
        self._limiter = limiter
        self._usage = usage
        self._own_account = own_account
        self._analyses = analyses
        self._generations = generations

    @property
    def has_claude(self) -> bool:
        """Whether this site can ask Claude."""
        return False

    async def author_for(self, account_id: UUID) -> Author:
        """Tell who answers an account now."""
        del account_id
        return Author.GUIDE

    async def turns(self, account_id: UUID, analysis_id: UUID) -> list[Turn]:
        """Return the conversation about an owner's report, the oldest turn first."""
        return await store.of_analysis(account_id, analysis_id, self._clock())

    async def one(self, account_id: UUID, message_id: UUID) -> Turn:
        """Return one turn of this owner.

        Raises
        ------
        NotFound
            When it is not there, another's, or past its term.

        """
        turn = await store.one(account_id, message_id, self._clock())
        if turn is None:
            raise NotFound
        return turn

    async def of_report(self, account_id: UUID, analysis_id: UUID, message_id: UUID) -> Turn:
        """Return one turn of this owner that belongs to this report."""
        await self._analyses.one(account_id, analysis_id)
        turn = await self.one(account_id, message_id)
        if turn.analysis_id != analysis_id:
            raise NotFound
        return turn

    async def until_ended(self, turn: Turn) -> None:
        """Wait until an answer that this process writes has ended, as it does within its limits."""
        await self._generations.ended(turn.id)

    async def ask(self, account_id: UUID, analysis_id: UUID, text: str) -> Turn:
        """Keep a question and begin its answer.

        Raises
        ------
        LimitReached
            When the month's messages or the day's cost are used; nothing is kept then.
        Conflict
            While another answer of the account is written.

        """
        question = clean_question(text, self._policy.question_characters)
        analysis = await self._report(account_id, analysis_id)
        await self._limiter.hit("message", account=str(account_id))
        author = await self.author_for(account_id)
        return await self._begin(analysis, Kind.QUESTION, author, question)

    async def retry(self, account_id: UUID, message_id: UUID) -> Turn:
        """Write an unfinished answer again, by whoever answers now."""
        turn = await self.one(account_id, message_id)
        analysis = await self._report(account_id, turn.analysis_id)
        await self._limiter.hit("message", account=str(account_id))
        author = await self.author_for(account_id)
        await self._generations.end_lost()
        run_id, now = uuid4(), self._clock()
        try:
            async with transaction(self._engine):
                changes: dict[Any, Any] = {
                    Message.author: author,
                    Message.run_id: run_id,
                    Message.lease_until: now + self._policy.lease,
                    Message.finished_at: None,
                }
                if not await store.restart(message_id, changes):
                    raise Conflict("This answer is whole, or being written again already.")
        except TAKEN as error:
            raise Conflict(ONE_AT_A_TIME, way_out="Wait for its end, or stop it.") from error
        await self._write(await self.one(account_id, message_id), analysis)
        return await self.one(account_id, message_id)

    async def stop(self, account_id: UUID, message_id: UUID) -> Turn:
        """End an answer where it is; what was written stays."""
        turn = await self.one(account_id, message_id)
        ending = Ending(State.STOPPED)
        if turn.is_writing and not await self._generations.cancel(message_id, ending):
            await self._generations.stop_elsewhere(turn, ending)
        return await self.one(account_id, message_id)

    async def delete(self, account_id: UUID, message_id: UUID) -> Turn:
        """Delete a question with its answer, for good; return what it was."""
        turn = await self.one(account_id, message_id)
        if turn.is_writing:
            with suppress(NotFound):
                await self.stop(account_id, message_id)
        await store.delete(message_id)
        return turn

    async def delete_all(self, account_id: UUID, analysis_id: UUID) -> None:
        """Delete the whole conversation about a report."""
        await self._analyses.one(account_id, analysis_id)
        for turn in await self.turns(account_id, analysis_id):
            with suppress(NotFound):
                await self.delete(account_id, turn.id)

    async def end_due(self) -> int:
        """Delete the turns whose term is over, and interrupt those without a writer; tell how many went."""
        await self._generations.end_lost()
        await end_due_spending(self._clock())
        due = await store.due(self._clock())
        for message_id in due:
            await store.delete(message_id)
        return len(due)

    async def _report(self, account_id: UUID, analysis_id: UUID) -> Analysis:
        """Return an owner's analysis that has a report to talk about."""
        analysis = await self._analyses.one(account_id, analysis_id)
        await self._analyses.report(account_id, analysis_id)
        return analysis

    async def _begin(self, analysis: Analysis, kind: Kind, author: Author, question: str) -> Turn:
        await self._generations.end_lost()
        now = self._clock()
        row = Message(
            id=uuid4(),
            account=analysis.account_id,
            analysis=analysis.id,
            kind=kind,
            author=author,
            state=State.WRITING,
            question=question,
            run_id=uuid4(),
            lease_until=now + self._policy.lease,
            created_at=now,
            expires_at=analysis.expires_at,
        )
        async with transaction(self._engine):
            if not await store.insert(row):
                raise Conflict(ONE_AT_A_TIME, way_out="Wait for its end, or stop it.")
        turn = await self.one(analysis.account_id, row.id)
        await self._write(turn, analysis)
        return turn

    async def _write(self, turn: Turn, analysis: Analysis) -> None:
        document = await self._analyses.report(turn.account_id, analysis.id)
        self._generations.start(turn, guide_writing(turn.question, document, self._methodology))

    @cached_property
    def _methodology(self) -> str:
        return METHODOLOGY.read_text("utf-8")
