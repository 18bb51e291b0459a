"""G13: log-in, registration and reset tell nobody whether an address has an account, not even by their pace."""

from __future__ import annotations

import random
import statistics
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx
from scipy.stats import mannwhitneyu

from app.asgi import create_app
from app.bootstrap import Parts
from tests.prove.figure import Figure, Result
from tests.prove.fronts import make_member, with_limits
from tests.prove.parts_of_accounts import CountingPasswords, HastyPasswords
from tests.prove.stage import staged
from tests.services.site import running_site

if TYPE_CHECKING:
    from tests.prove.figure import Size

MOST_GAP_S = 0.005
LEAST_P = 0.01
FORM = {"password": "not the right password", "is_old_enough": "yes", "accepts_policy": "yes"}
PATHS = ("/login", "/register", "/forgot")
VOLATILE = {"date"}


@dataclass(slots=True)
class Side:
    """What was found for known, or for unknown addresses."""

    seconds: list[float] = field(default_factory=list)
    answers: set[tuple[int, str, str]] = field(default_factory=set)
    """Status, header and body, with the address taken out."""
    checked: int = 0
    """How often a password was really checked."""


async def prove(size: Size, seed: int, mutant: bool) -> Result:  # noqa: FBT001 - every figure has this shape
    """Ask for known and unknown addresses in turns that chance decides."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, no secret
    result = Result()
    count = size.pick(6, 400)
    parts = Parts(passwords=HastyPasswords if mutant else CountingPasswords)
    async with AsyncExitStack() as stack:
        stage = with_limits(await stack.enter_async_context(staged()), {})
        site = await stack.enter_async_context(running_site(create_app(stage.settings, parts=parts), stage.settings))
        kept = httpx.Limits(keepalive_expiry=2.0)
        client = httpx.AsyncClient(base_url=site.url, timeout=60, headers={"Origin": site.url}, limits=kept)
        await stack.enter_async_context(client)
        for path in PATHS:
            known, unknown = await _ask_for_both(client, path, count, chance)
            _compare(result, path, known, unknown, counts_clocks=size.is_full)
    return result


async def _ask_for_both(client: httpx.AsyncClient, path: str, count: int, chance: random.Random) -> tuple[Side, Side]:
    known, unknown = Side(), Side()
    label = path.strip("/")
    await make_member(*(f"known-{label}-{number:04}@example.org" for number in range(count)))
    # The first request of a kind pays for what is loaded once.
    await _ask(client, path, f"warm-{label}-0000@example.org", Side())
    order = [(side, number) for number in range(count) for side in (known, unknown)]
    chance.shuffle(order)
    for side, number in order:
        word = "known" if side is known else "other"
        await _ask(client, path, f"{word}-{label}-{number:04}@example.org", side)
    return known, unknown


async def _ask(client: httpx.AsyncClient, path: str, email: str, side: Side) -> None:
    before, began_s = CountingPasswords.checked, time.perf_counter()
    answer = await client.post(path, data={**FORM, "email": email})
    side.seconds.append(time.perf_counter() - began_s)
    side.checked += CountingPasswords.checked - before
    headers = sorted((name, value) for name, value in answer.headers.items() if name not in VOLATILE)
    side.answers.add((answer.status_code, str(headers), answer.text.replace(email, "")))


def _compare(result: Result, path: str, known: Side, unknown: Side, *, counts_clocks: bool) -> None:
    gap_s = abs(statistics.median(known.seconds) - statistics.median(unknown.seconds))
    p = float(mannwhitneyu(known.seconds, unknown.seconds).pvalue)
    result.measure(f"{path}, known, s", known.seconds)
    result.measure(f"{path}, unknown, s", unknown.seconds)
    result.counts[f"{path}, gap of the medians in microseconds"] = round(gap_s * 1e6)
    result.counts[f"{path}, p of Mann and Whitney in thousandths"] = round(p * 1000)
    same = known.answers == unknown.answers and len(known.answers) == 1
    result.check(f"{path}: status, header and body are the same but for the address", holds=same)
    result.check(f"{path}: passwords are checked as often", holds=known.checked == unknown.checked)
    if counts_clocks:
        result.check(f"{path}: the medians are less than 5 ms apart", holds=gap_s < MOST_GAP_S)
        result.check(f"{path}: the two samples could be one (p > 0.01)", holds=p > LEAST_P)


FIGURE = Figure(
    name="g13",
    claim="log-in, registration and reset answer the same for known and unknown addresses, in words and in time",
    mutant="no work is done for an account that is not there",
    prove=prove,
)
