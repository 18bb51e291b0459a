"""G11: no token that we did not give is believed, each link works once, and what is revoked is so at once."""

from __future__ import annotations

import asyncio
import os
import random
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from app.accounts import links
from app.accounts.links import LinkKind
from app.accounts.rules import Client
from app.bootstrap import build
from app.kernel.clock import utc_now
from app.kernel.errors import NotFound
from tests.making.people import PASSWORD, TOKEN
from tests.making.traces import account_id_of
from tests.prove.figure import Figure, Result
from tests.prove.forgery import Forger
from tests.prove.fronts import fronts, make_member, with_limits
from tests.prove.http import site_of
from tests.prove.parts import PARTS
from tests.prove.parts_of_accounts import QuickPasswords
from tests.prove.stage import staged

if TYPE_CHECKING:
    import httpx

    from app.bootstrap import Parts
    from tests.prove.figure import Size
    from tests.prove.fronts import Fronts
    from tests.prove.stage import Stage

EMAIL = "mara@example.org"
AT_ONCE = 20
HOLDS = 200


async def prove(size: Size, seed: int, mutant: bool) -> Result:  # noqa: FBT001 - every figure has this shape
    """Forge, race and revoke."""
    name = "quick passwords, trusting" if mutant else "quick passwords"
    chance = random.Random(seed)  # noqa: S311 - repeatable, no secret
    result = Result()
    async with AsyncExitStack() as stack:
        stage = with_limits(await stack.enter_async_context(staged()), {})
        site_of(stage)
        await make_member(EMAIL, passwords=QuickPasswords())
        front = await stack.enter_async_context(fronts(stage, 2, name))
        await _forgeries(front, stage, result, chance, count=size.pick(100, 2_000))
        await _revocations(front, result, rounds=size.pick(1, 20))
        await _races(stage, PARTS[name], result, rounds=size.pick(5, 500))
        await _rotations(stage, PARTS[name], result)
    return result


async def _log_in(front: Fronts, number: int = 0, password: str = PASSWORD) -> str:
    """Begin a session; return its token, and leave no cookie behind in the client."""
    client = front.clients[number % len(front.clients)]
    answer = await client.post("/login", data={"email": EMAIL, "password": password})
    token = str(answer.cookies["session"])
    client.cookies.clear()
    return token


async def _ask(client: httpx.AsyncClient, token: str, path: str = "/account") -> httpx.Response:
    return await client.get(path, headers={"Cookie": f"session={token}"})


async def _forgeries(front: Fronts, stage: Stage, result: Result, chance: random.Random, count: int) -> None:
    """Show forged tokens to both processes."""
    right = await _log_in(front)
    forger = Forger(right, stage.settings.signing_key, chance)
    accepted, failed = 0, 0
    for number in range(count):
        forged = forger.forged(number)
        answer = await _ask(front.clients[number % 2], forged)
        if answer.status_code == HOLDS:
            accepted += 1
            result.remark(f"accepted: {forged[:80]}")
        failed += answer.status_code >= 500
    still = await _ask(front.clients[0], right)
    result.counts |= {"forged tokens": count, "forged tokens accepted": accepted}
    result.check("no forged token is accepted", holds=accepted == 0)
    result.check("no forged token makes the server fail", holds=failed == 0)
    result.check("the right token still is", holds=still.status_code == HOLDS)


async def _revocations(front: Fronts, result: Result, rounds: int) -> None:
    """End a session in each way at one process, and ask the other one in the next moment."""
    password, late = PASSWORD, 0
    for number in range(rounds):
        here, there = front.clients[number % 2], front.clients[(number + 1) % 2]
        for way in ("/logout", "/account/sessions/end", "/account/password"):
            token, other = await _log_in(front, number, password), await _log_in(front, number, password)
            found = TOKEN.search((await _ask(there, token)).text)
            assert found is not None
            form = {"_csrf": found[1], "current_password": password, "new_password": f"violet engine {number}"}
            answer = await here.post(way, data=form, headers={"Cookie": f"session={token}"})
            here.cookies.clear()
            assert answer.status_code == 303, (way, answer.status_code)
            ended = other if way.endswith("password") else token
            late += (await _ask(there, ended)).status_code == HOLDS
            if way.endswith("password"):
                password = form["new_password"]
    result.counts |= {"revocations": 3 * rounds, "revoked tokens accepted": late}
    result.check("a revoked token is refused by the other process in the next request", holds=late == 0)


async def _races(stage: Stage, parts: Parts, result: Result, rounds: int) -> None:
    """Let twenty use each reset link at the same time."""
    services = build(stage.settings, parts=parts)
    account_id = await account_id_of(EMAIL)
    wins: list[int] = []
    async with services.open():
        for round_number in range(rounds):
            now = utc_now()
            until = now + stage.settings.policy.mail.reset
            token = await links.make(account_id, LinkKind.RESET, now=now, until=until)
            uses = [
                services.accounts.reset(
                    token, f"violet {round_number} {number} engine", Client(f"192.0.2.{number}", "")
                )
                for number in range(AT_ONCE)
            ]
            answers: list[Any] = await asyncio.gather(*uses, return_exceptions=True)
            wins.append(answers.count(None))
            strange = [answer for answer in answers if answer is not None and not isinstance(answer, NotFound)]
            for error in strange:
                result.remark(f"{type(error).__name__}: {error}"[:200])
            result.check("every other use is told that the link is dead", holds=not strange)
    result.counts |= {"races": rounds, "uses": rounds * AT_ONCE, "races with one winner": wins.count(1)}
    result.check("each reset link worked exactly once", holds=set(wins) == {1})


async def _rotations(stage: Stage, parts: Parts, result: Result) -> None:
    """Rotate the signing key once and twice."""
    password = "violet engine at last"
    first = stage.settings
    second = replace(first, signing_key=os.urandom(32).hex().encode(), previous_key=first.signing_key)
    third = replace(second, signing_key=os.urandom(32).hex().encode(), previous_key=second.signing_key)
    services = build(first, parts=parts)
    async with services.open():
        account_id = await account_id_of(EMAIL)
        until = utc_now() + first.policy.mail.reset
        await services.accounts.reset(
            await links.make(account_id, LinkKind.RESET, now=utc_now(), until=until), password, Client("192.0.2.1", "")
        )
        tokens = [await services.accounts.log_in(EMAIL, password, Client("192.0.2.1", "")) for _ in range(10)]
        after = build(second, parts=parts).accounts
        kept = [await after.viewer_of(token) for token in tokens]
        twice = build(third, parts=parts).accounts
        gone = [await twice.viewer_of(token) for token in tokens]
    result.check("a rotation of the key logs nobody out", holds=None not in kept)
    result.check("the rotation after it ends what the removed key signed", holds=set(gone) == {None})


FIGURE = Figure(
    name="g11",
    claim="2,000 forged tokens open nothing, 500 reset links of 20 users at once work once, revoking is immediate",
    mutant="the token's header chooses the algorithm, and a link that was looked at counts as unused",
    prove=prove,
)
