"""G4: the whole path over HTTP, with everything that people and connections do to it."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from app.analyses.tables import Analysis
from app.bootstrap import build
from tests.making.files import M4A, TEXT
from tests.making.people import analysis_of, form_body
from tests.making.raw import connected
from tests.prove.audit import check_end, check_promises
from tests.prove.deadlines import Deadlines, check_a_day_later
from tests.prove.fast_analyser import CRASH, REFUSE
from tests.prove.figure import Figure, Result
from tests.prove.http import members
from tests.prove.life import content_of, until_over
from tests.prove.stage import staged

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Awaitable, Callable, Iterator

    from tests.making.people import Person
    from tests.prove.figure import Size
    from tests.prove.stage import Stage

POLICY: dict[str, Any] = {"lease_seconds": 5.0, "heartbeat_seconds": 1.0, "reconcile_seconds": 1.0, "parallel": 4}
SERVER_ERROR = 500
HOURS_LATER = timedelta(hours=2, minutes=1)
GROWTH = 1.1
STALL_S = 30.0
SWEEP_S = 2
WARM_PART = 0.2
KINDS = (
    {"good": 60, "form": 6, "cut": 8, "reset": 4, "slow": 3, "silent": 1, "text": 4, "other": 3}
    | {"refused": 4, "crashing": 3, "too long": 2, "too short": 2, "unknown": 2}
)  # fmt: skip
"""What is sent, and how often."""
AT_ONCE = 3
"""Uploads of one person at a time; the policy allows one more."""


async def prove(size: Size, seed: int, mutant: bool) -> Result:  # noqa: FBT001 - every figure has this shape
    """Send good, bad, cut, slow and lying uploads through a real web process to a real worker."""
    result = Result()
    count = size.pick(len(KINDS) + 6, 2_000)
    async with AsyncExitStack() as stack:
        stage = await stack.enter_async_context(staged(**POLICY, idle_seconds=1, sweep_seconds=SWEEP_S))
        stack.enter_context(stage.process("worker", "fast"))
        web = await stack.enter_async_context(stage.web("fast, leaves files" if mutant else "fast"))
        people = await stack.enter_async_context(members(stage, size.pick(3, 6)))
        uploads = _Uploads(people, random.Random(seed), result)  # noqa: S311 - repeatable, no secret
        deadlines = Deadlines(stage.settings)
        async with deadlines.watched():
            resident = await uploads.send(count, web, deadlines)
            await until_over(4.0 if mutant else STALL_S)
            await deadlines.conclude(size, result)
            await check_promises(stage.settings, result, "at the end")
        await _sweep_later(stage)
        await check_end(stage.settings, result, expected=int(await Analysis.count()))
        await check_a_day_later(stage.settings, result)
        result.check("the web process lives", holds=web.poll() is None)
    wrong = {f"{kind} {status}": n for (kind, status), n in uploads.answers.items() if status >= SERVER_ERROR}
    result.check("no answer is a failure of the server", holds=not wrong)
    result.counts |= {f"{kind}, answered {status}": n for (kind, status), n in sorted(uploads.answers.items())}
    result.counts["uploads"] = count
    result.quantiles["resident MiB of the web process"] = {
        "after the first fifth": round(resident[0] / 2**20, 1),
        "at the end": round(resident[1] / 2**20, 1),
    }
    if size.is_full:
        result.check("the web process grows by less than a tenth", holds=resident[1] < GROWTH * resident[0])
    return result


async def _sweep_later(stage: Stage) -> None:
    """End what was declared and never came, as the sweep does after some hours."""
    services = build(stage.settings, clock=lambda: datetime.now(UTC) + HOURS_LATER)
    async with services.open():
        await services.sweeper.sweep()


class _Uploads:
    """Some people who upload all kinds of things."""

    def __init__(self, people: list[Person], chance: random.Random, result: Result) -> None:
        self._people = people
        self._chance = chance
        self._result = result
        self._number = 0
        self.answers: Counter[tuple[str, int]] = Counter()

    async def send(self, count: int, web: subprocess.Popen[bytes], deadlines: Deadlines) -> tuple[int, int]:
        """Send so many, some deadlines coming meanwhile; return the web process's memory early and at the end."""
        chosen = list(KINDS) + self._chance.choices(list(KINDS), list(KINDS.values()), k=count - len(KINDS))
        self._chance.shuffle(chosen)
        waiting = iter(chosen)
        early = max(1, int(count * WARM_PART))
        await self._send_some([kind for kind, _ in zip(waiting, range(early), strict=False)])
        before = _resident_bytes(web.pid)
        await deadlines.bring_failed_near()
        await self._send_some(list(waiting))
        return before, _resident_bytes(web.pid)

    async def _send_some(self, kinds: list[str]) -> None:
        queue = iter(kinds)
        await asyncio.gather(*(self._one_by_one(person, queue) for person in self._people for _ in range(AT_ONCE)))

    async def _one_by_one(self, person: Person, queue: Iterator[str]) -> None:
        for kind in queue:
            self._number += 1
            send: Callable[[Person, bytes], Awaitable[int]] = getattr(self, f"_{kind.replace(' ', '_')}")
            try:
                status = await send(person, content_of(self._number, self._chance.choice((40_000, 96_000, 400_000))))
            except (httpx.HTTPError, ConnectionError, TimeoutError, asyncio.IncompleteReadError) as error:
                self._result.remark(f"{kind}: {type(error).__name__}")
                status = 0
            self.answers[kind, status] += 1

    async def _declare_and_put(self, person: Person, content: bytes, *, size: int | None = None) -> int:
        declared = await person.declare("mix.wav", len(content) if size is None else size)
        if declared.is_error:
            return declared.status_code
        return (await person.put(analysis_of(declared), content)).status_code

    async def _good(self, person: Person, content: bytes) -> int:
        return await self._declare_and_put(person, content)

    async def _refused(self, person: Person, content: bytes) -> int:
        return await self._declare_and_put(person, content + REFUSE)

    async def _crashing(self, person: Person, content: bytes) -> int:
        return await self._declare_and_put(person, content + CRASH)

    async def _text(self, person: Person, _: bytes) -> int:
        return await self._declare_and_put(person, TEXT)

    async def _other(self, person: Person, _: bytes) -> int:
        return await self._declare_and_put(person, M4A)

    async def _too_long(self, person: Person, content: bytes) -> int:
        return await self._declare_and_put(person, content, size=len(content) - 1_000)

    async def _too_short(self, person: Person, content: bytes) -> int:
        return await self._declare_and_put(person, content, size=len(content) + 1_000)

    async def _unknown(self, person: Person, content: bytes) -> int:
        return (await person.declare("mix.exe", len(content))).status_code

    async def _form(self, person: Person, content: bytes) -> int:
        body, kind = form_body({"_csrf": person.token}, [("bounce", "mix.wav", content)])
        return (await person.send_form(body, kind)).status_code

    async def _cut(self, person: Person, content: bytes) -> int:
        return await self._in_parts(person, content[: self._chance.randrange(len(content))], len(content))

    async def _reset(self, person: Person, content: bytes) -> int:
        part = content[: self._chance.randrange(len(content))]
        return await self._in_parts(person, part, len(content), is_reset=True)

    async def _slow(self, person: Person, content: bytes) -> int:
        return await self._in_parts(person, content, len(content), pause_s=0.05, waits=True)

    async def _silent(self, person: Person, content: bytes) -> int:
        return await self._in_parts(person, content[:20_000], len(content), waits=True)

    async def _in_parts(  # what a connection can do differs in many ways
        self, person: Person, part: bytes, length: int, *, pause_s: float = 0.0, waits: bool = False,
        is_reset: bool = False,
    ) -> int:  # fmt: skip
        """Send a body piece by piece; it may end early, pause, or wait for what the server says."""
        declared = await person.declare("mix.wav", length)
        headers = {**person.headers, "Cookie": person.cookie, "Content-Length": str(length)}
        async with connected(person.site) as connection:
            await connection.head("PUT", f"/analyses/{analysis_of(declared)}/files/bounce", headers)
            for start in range(0, len(part), 16_384):
                await connection.send(part[start : start + 16_384])
                await asyncio.sleep(pause_s)
            if waits:
                return (await connection.answer(30.0)).status
            if is_reset:
                connection.reset()
        return 0


def _resident_bytes(pid: int) -> int:
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * 4096
    return 0


FIGURE = Figure(
    name="g4",
    claim="every upload ends done, failed or refused; afterwards the disk holds what may be tried again, and no more",
    mutant="what a cut connection leaves behind is not unlinked",
    prove=prove,
)
