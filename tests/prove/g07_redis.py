"""G7: a Redis that is emptied, killed or stopped costs time, and nothing else."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections import Counter
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import httpx

from tests.making.events import streaming
from tests.making.people import visitor
from tests.prove.audit import check_end, check_promises
from tests.prove.deadlines import Deadlines, check_a_day_later
from tests.prove.fast_analyser import CRASH
from tests.prove.figure import Figure, Result
from tests.prove.http import members
from tests.prove.life import content_of, until_over
from tests.prove.stage import staged

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from tests.making.people import Person
    from tests.prove.figure import Size
    from tests.prove.stage import Stage

LEASE: dict[str, Any] = {"lease_seconds": 2.0, "heartbeat_seconds": 0.5, "reconcile_seconds": 0.5, "parallel": 4}
ANSWER_S = 20.0
STALL_S = 30.0
SWEEP_S = 2
CLOSED = 503


async def prove(size: Size, seed: int, mutant: bool) -> Result:  # noqa: FBT001 - every figure has this shape
    """Upload while Redis comes and goes."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, no secret
    result = Result()
    async with AsyncExitStack() as stack:
        stage = await stack.enter_async_context(staged(**LEASE, sweep_seconds=SWEEP_S))
        stack.enter_context(stage.process("worker", "fast, never reconciles" if mutant else "fast"))
        await stack.enter_async_context(stage.web("fast"))
        people = await stack.enter_async_context(members(stage, size.pick(2, 8)))
        run = _Run(stage, people, result, chance)
        stall_s = 4.0 if mutant else STALL_S
        deadlines = Deadlines(stage.settings)
        async with deadlines.watched():
            if not mutant:
                await run.crash()
            await run.losses(rounds=size.pick(1, 18), uploads=size.pick(2, 8))
            await until_over(stall_s)
            async with run.away():
                await run.use_the_site(uploads=size.pick(2, 8), patience_s=stall_s)
                await until_over(stall_s)
                if not mutant:
                    await deadlines.conclude(size, result)
        await check_promises(stage.settings, result, "at the end")
        await check_end(stage.settings, result, expected=run.sent)
        await check_a_day_later(stage.settings, result)
    result.check("no answer of the server is a failure of its own", holds=not run.failures)
    result.counts |= {"uploads": run.sent}
    result.measure("seconds of an upload", run.seconds)
    for failure, count in run.failures.most_common(5):
        result.remark(f"{count} times {failure}")
    return result


class _Run:
    """Uploads by some people, and what happens to Redis meanwhile."""

    def __init__(self, stage: Stage, people: list[Person], result: Result, chance: random.Random) -> None:
        self._stage = stage
        self._people = people
        self._result = result
        self._chance = chance
        self.sent = 0
        self.seconds: list[float] = []
        self.failures: Counter[str] = Counter()

    async def crash(self) -> None:
        """Upload what crashes its engine three times: its file is kept, so that its deadline can come."""
        self.sent += 1
        await self._upload(self._people[0], self.sent, CRASH)

    async def losses(self, *, rounds: int, uploads: int) -> None:
        """Upload while it is emptied, while it is killed and started, while it is stopped and goes on."""
        faults: list[Callable[[], Awaitable[None]]] = [self._empty, self._restart, self._pause]
        for _ in range(rounds):
            self._chance.shuffle(faults)
            for fault in faults:
                sending = asyncio.create_task(self._send(uploads // 2 or 1))
                await asyncio.sleep(self._chance.random() * 0.1)
                await fault()
                await sending
        self._result.counts["times that Redis was lost"] = rounds * len(faults)

    @asynccontextmanager
    async def away(self) -> AsyncIterator[None]:
        """Let there be no Redis for a while."""
        self._stage.redis.kill()
        yield
        await self._stage.redis.start()

    async def use_the_site(self, *, uploads: int, patience_s: float) -> None:
        """Upload, look and try to log in; what is queued is found without any bell."""
        person = self._people[0]
        self.sent += 1
        analysis_id = await self._upload(person, self.sent)
        async with streaming(person) as stream:
            states = []
            with suppress(TimeoutError):
                while message := await stream.next(patience_s):
                    if str(analysis_id) in message.data:
                        states.append(message.state)
                        if message.state == "done":
                            break
        self._result.check("a stream tells of the end by itself", holds=states[-1:] == ["done"])
        await self._send(uploads - 1)
        page = await person.client.get("/tracks", timeout=ANSWER_S)
        self._result.check("pages are there without Redis", holds=page.status_code == httpx.codes.OK)
        async with visitor(person.site) as somebody:
            closed = await somebody.log_in()
        sentence = "closed for a moment" in closed.text
        self._result.check("log-in closes with a sentence", holds=closed.status_code == CLOSED and sentence)
        if not sentence:
            self._result.remark(f"log-in answered {closed.status_code}: {closed.text[:400]}")

    async def _send(self, count: int) -> None:
        numbers = range(self.sent + 1, self.sent + 1 + count)
        self.sent += count
        people = [self._people[number % len(self._people)] for number in numbers]
        await asyncio.gather(*map(self._upload, people, numbers))

    async def _upload(self, person: Person, number: int, more: bytes = b"") -> object:
        began_s = time.monotonic()
        try:
            analysis_id = await person.upload("mix.wav", content_of(number) + more)
        except (AssertionError, httpx.HTTPError) as error:
            self.failures[f"{type(error).__name__} {str(error)[:300]}"] += 1
            return None
        self.seconds.append(time.monotonic() - began_s)
        return analysis_id

    async def _empty(self) -> None:
        self._stage.redis.empty()

    async def _restart(self) -> None:
        self._stage.redis.kill()
        await asyncio.sleep(self._chance.random() * 0.5)
        await self._stage.redis.start()

    async def _pause(self) -> None:
        self._stage.redis.signal(signal.SIGSTOP)
        await asyncio.sleep(0.5 + self._chance.random())
        self._stage.redis.signal(signal.SIGCONT)


FIGURE = Figure(
    name="g7",
    claim="a Redis that is emptied, killed or stopped loses no analysis and doubles none; the site goes on without it",
    mutant="the reconciler is left out: only the queue's bell starts runs",
    prove=prove,
)
