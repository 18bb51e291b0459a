"""G9: over several web processes a limit is a limit, and nobody locks the owner out."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from app.policy import ActionLimit, Policy, Rate
from tests.making.people import PASSWORD
from tests.prove.figure import Figure, Result
from tests.prove.fronts import fronts, make_member, with_limits
from tests.prove.http import site_of
from tests.prove.stage import staged

if TYPE_CHECKING:
    from tests.prove.figure import Size
    from tests.prove.fronts import Fronts
    from tests.prove.stage import Stage

PROCESSES = 2
BURST = Rate(count=10, seconds=2)
BURST_SIZE = 40
JITTER_S = 0.25
"""Between the moment that the counter notes and the one that the visitor sees."""
AT_ONCE = 40
VICTIM = "mara@example.org"
GUESSED, REFUSED, TAKEN = 422, 429, 200


async def prove(size: Size, seed: int, mutant: bool) -> Result:  # noqa: FBT001 - every figure has this shape
    """Send bursts over the edges of a window; then guess at one account."""
    del seed
    result = Result()
    async with AsyncExitStack() as stack:
        plain = await stack.enter_async_context(staged())
        own = {"log_in": Policy.read().limits["log_in"], "reset_mail": ActionLimit(address=BURST)}
        stage = with_limits(plain, own)
        site_of(stage)
        await make_member(VICTIM)
        parts = "stock limiter" if mutant else "real"
        front = await stack.enter_async_context(fronts(stage, PROCESSES, parts))
        await _bursts(front, result, rounds=size.pick(2, 40))
        await _guesses(front, stage, result, guesses=size.pick(100, 10_000), attackers=size.pick(2, 8))
    return result


async def _bursts(front: Fronts, result: Result, rounds: int) -> None:
    """Ask for mails in bursts, some of them across the edge of a window; note when each was granted."""
    granted: list[float] = []
    answers: Counter[int] = Counter()

    async def ask(number: int) -> None:
        answer = await front.post(number, "/forgot", {"email": f"person{number}@example.org"}, "192.0.2.1")
        answers[answer.status_code] += 1
        if answer.status_code == TAKEN:
            granted.append(time.monotonic())

    for burst in range(rounds):
        await asyncio.gather(*(ask(number) for number in range(BURST_SIZE)))
        # Late in one window, then early in the next: a counter of whole windows lets both through.
        await asyncio.sleep(BURST.seconds * (0.45 if burst % 3 else 1.1))
    most = _most_within(granted, BURST.seconds - JITTER_S)
    result.counts |= {"requests in bursts": sum(answers.values()), "granted in bursts": len(granted), "most": most}
    result.check(f"no window of {BURST.seconds} s holds more than {BURST.count}", holds=most <= BURST.count)
    result.check("the limit is reached, not undercut", holds=most == BURST.count)
    result.check("every other request is told to come again", holds=set(answers) == {TAKEN, REFUSED})


def _most_within(moments: list[float], span_s: float) -> int:
    ordered = sorted(moments)
    return max(sum(1 for other in ordered if moment <= other < moment + span_s) for moment in ordered)


async def _guesses(front: Fronts, stage: Stage, result: Result, guesses: int, attackers: int) -> None:
    """Guess at one account from a few addresses; count what argon2 was really asked."""
    pair = stage.settings.policy.limits["log_in"].pair
    assert pair is not None
    answers: Counter[int] = Counter()
    turns = asyncio.Semaphore(AT_ONCE)
    began_s = time.monotonic()

    async def guess(number: int) -> None:
        form = {"email": VICTIM, "password": f"guess number {number}"}
        async with turns:
            answer = await front.post(number, "/login", form, f"198.51.100.{number // PROCESSES % attackers}")
        answers[answer.status_code] += 1

    await asyncio.gather(*(guess(number) for number in range(guesses)))
    windows = 1 + int((time.monotonic() - began_s) // pair.seconds)
    allowed = attackers * pair.count * windows
    checked = _checked(stage)
    result.counts |= {"guesses": guesses, "guesses that reached argon2": checked, "documented": allowed}
    result.check("no more guesses reach argon2 than policy.toml says", holds=checked <= allowed)
    result.check("the documented number is reached, not undercut", holds=checked >= attackers * pair.count)
    result.check("what is told agrees with what was checked", holds=answers[GUESSED] == checked)
    result.check("every other guess is told to come again", holds=set(answers) == {GUESSED, REFUSED})
    owner = await front.post(1, "/login", {"email": VICTIM, "password": PASSWORD}, "203.0.113.5")
    result.check("the owner gets in from another address", holds=owner.status_code == 303)


def _checked(stage: Stage) -> int:
    """Count the wrong passwords in the security log, which both processes write."""
    lines = [line for file in stage.settings.logs_dir.glob("security-*.log") for line in file.read_text().splitlines()]
    return sum('"wrong_password"' in line for line in lines)


FIGURE = Figure(
    name="g9",
    claim="over two processes no window holds more than its limit; of 10,000 guesses the stated number reach argon2",
    mutant="a limiter that reads and then writes, as the framework's own does",
    prove=prove,
)
