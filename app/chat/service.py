"""What an owner does with the conversation about a report: ask, stop, try again, delete."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from app.accounts.rules import ConsentKind
from app.chat import store
from app.chat.generating import Budget
from app.chat.guide import guide_writing
from app.chat.prompt import prompt_of
from app.chat.rules import Author, Ending, Failure, Kind, State, Tokens, Turn, clean_question
from app.chat.spending import cost_microdollars, reserve
from app.chat.spending import end_due as end_due_spending
from app.chat.store import turn_of_row
from app.chat.tables import Message
from app.kernel.db import TAKEN, transaction
from app.kernel.errors import Conflict, NotFound
from app.usage.rules import Kind as UsageKind

if TYPE_CHECKING:
    from piccolo.engine.base import Engine

    from app.accounts.owner import OwnAccount
    from app.accounts.rules import Client, Viewer
    from app.analyses.rules import Analysis
    from app.analyses.service import Analyses
    from app.chat.claude import Claude
    from app.chat.generating import Generations, Pieces
    from app.chat.prompt import Prompt
    from app.kernel.clock import Clock
    from app.kernel.ratelimit import RateLimiter
    from app.policy import ChatPolicy
    from app.usage.service import UsageLedger

METHODOLOGY = Path(__file__).resolve().parents[2] / "docs" / "methodology.md"
ONE_AT_A_TIME = "An answer is being written already; one at a time."


@dataclass(frozen=True, slots=True)
class Work:
    """What writes an answer; without a budget it costs nothing and counts as nothing."""

    pieces: Pieces
    model: str
    budget: Budget | None


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
        claude: Claude | None,
    ) -> None:
        """Keep the parts; without Claude the report guide answers everybody."""
        self._policy = policy
        self._engine = engine
        self._clock = clock
        self._limiter = limiter
        self._usage = usage
        self._own_account = own_account
        self._analyses = analyses
        self._generations = generations
        self._claude = claude

    @property
    def has_claude(self) -> bool:
        """Whether this site can ask Claude."""
        return self._claude is not None

    @property
    def model(self) -> str:
        """Which Claude is asked; empty where none is."""
        return self._claude.model if self._claude else ""

    async def author_for(self, account_id: UUID) -> Author:
        """Tell who answers an account now: Claude only with a consent that holds."""
        if self._claude is None or not await self._own_account.has_consent(account_id, ConsentKind.AI_FEEDBACK):
            return Author.GUIDE
        return Author.CLAUDE

    async def prompt(self, account_id: UUID, analysis_id: UUID) -> Prompt:
        """Return what would be sent with the next question, but for the question."""
        document = await self._analyses.report(account_id, analysis_id)
        earlier = await self.turns(account_id, analysis_id)
        return prompt_of(document, earlier, None, history_tokens=self._policy.history_tokens)

    async def consent(self, viewer: Viewer, client: Client, *, is_given: bool) -> None:
        """Let Claude answer, or not any more; then nothing that is being written goes on."""
        await self._own_account.consent(viewer, ConsentKind.AI_FEEDBACK, client, is_given=is_given)
        if not is_given:
            await self._generations.cancel_all_of(
                viewer.account.id, Ending(State.INTERRUPTED, Failure.CONSENT), of=Author.CLAUDE
            )

    async def notes(self, account_id: UUID, analysis_id: UUID) -> Turn | None:
        """Begin the coach's notes of a report, or join those that another page began; none without Claude.

        They exist once and count as no message.
        """
        analysis = await self._report(account_id, analysis_id)
        if await self.author_for(account_id) is not Author.CLAUDE:
            return None
        await self._limiter.hit("message", account=str(account_id))
        try:
            return await self._begin(analysis, Kind.NOTES, Author.CLAUDE, "")
        except Conflict:
            there = [turn for turn in await self.turns(account_id, analysis_id) if turn.kind is Kind.NOTES]
            if not there:
                raise
            return there[0]

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

    async def retry(self, turn: Turn) -> Turn:
        """Write an unfinished answer of its owner's again, by whoever answers now."""
        account_id = turn.account_id
        analysis = await self._report(account_id, turn.analysis_id)
        await self._limiter.hit("message", account=str(account_id))
        author = await self.author_for(account_id)
        if turn.kind is Kind.NOTES and author is not Author.CLAUDE:
            raise Conflict("Coach's notes are Claude's, and Claude is off.", way_out="Turn Claude on first.")
        await self._generations.end_lost()
        run_id, now = uuid4(), self._clock()
        again = replace(turn, author=author, run_id=run_id, state=State.WRITING, answer="")
        work = await self._work(again, analysis)
        try:
            async with transaction(self._engine):
                changes: dict[Any, Any] = {
                    Message.author: author,
                    Message.run_id: run_id,
                    Message.lease_until: now + self._policy.lease,
                    Message.finished_at: None,
                }
                if not await store.restart(turn.id, changes):
                    raise Conflict("This answer is whole, or being written again already.")
                await self._charge(again, work)
        except TAKEN as error:
            raise Conflict(ONE_AT_A_TIME, way_out="Wait for its end, or stop it.") from error
        self._start(again, work)
        return again

    async def stop(self, turn: Turn) -> None:
        """End an answer of its owner's where it is; what was written stays."""
        ending = Ending(State.STOPPED)
        if turn.is_writing and not await self._generations.cancel(turn.id, ending):
            await self._generations.stop_elsewhere(turn, ending)

    async def delete(self, turn: Turn) -> None:
        """Delete a question of its owner's with its answer, for good."""
        await self.stop(turn)
        await store.delete(turn.id)

    async def delete_all(self, account_id: UUID, analysis_id: UUID) -> None:
        """Delete the whole conversation about a report."""
        await self._analyses.one(account_id, analysis_id)
        for turn in await self.turns(account_id, analysis_id):
            await self.delete(turn)

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
        turn = turn_of_row(row)
        work = await self._work(turn, analysis)
        async with transaction(self._engine):
            if not await store.insert(row):
                raise Conflict(ONE_AT_A_TIME, way_out="Wait for its end, or stop it.")
            await self._charge(turn, work)
        self._start(turn, work)
        return turn

    async def _work(self, turn: Turn, analysis: Analysis) -> Work:
        """Put together what writes an answer, and what it may cost."""
        document = await self._analyses.report(turn.account_id, analysis.id)
        if turn.author is Author.GUIDE or self._claude is None:
            return Work(guide_writing(turn.question, document, self._methodology), "", None)
        everything = await self.turns(turn.account_id, analysis.id)
        earlier = [other for other in everything if other.created_at < turn.created_at]
        prompt = prompt_of(document, earlier, turn, history_tokens=self._policy.history_tokens)
        prices = self._policy.prices[self._claude.model]
        most = Tokens(cache_write=prompt.tokens_at_most, output=self._policy.answer_tokens)
        budget = Budget(prices, cost_microdollars(prices, most), self._clock())
        return Work(self._claude.write(prompt), self._claude.model, budget)

    async def _charge(self, turn: Turn, work: Work) -> None:
        """Take a message of the plan and the cost of the day, in the transaction that makes the row."""
        if work.budget is None:
            return
        await reserve(self._policy, turn.account_id, work.budget.reserved_microdollars, work.budget.reserved_at)
        changes: dict[Any, Any] = {Message.model: work.model}
        if turn.kind is Kind.QUESTION:
            period = await self._usage.take(turn.account_id, UsageKind.MESSAGES)
            changes |= {Message.is_charged: True, Message.charged_period: period}
        await store.note(turn.id, changes)

    def _start(self, turn: Turn, work: Work) -> None:
        self._generations.start(turn, work.pieces, work.budget)

    @cached_property
    def _methodology(self) -> str:
        return METHODOLOGY.read_text("utf-8")
