"""Limits, with a real Redis: what they count, what they say, and what happens without it."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest
from redis.asyncio import Redis

from app.kernel.errors import LimitReached, Unavailable
from app.kernel.ratelimit import RateLimiter, _duration
from app.policy import ActionLimit, Rate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

KEY = b"k" * 48
LIMITS = {
    "address": ActionLimit(address=Rate(2, 60)),
    "account": ActionLimit(account=Rate(2, 60)),
    "pair": ActionLimit(pair=Rate(2, 7200), guards_passwords=True),
    "short": ActionLimit(account=Rate(2, 1)),
    "all": ActionLimit(address=Rate(3, 60), account=Rate(2, 60), pair=Rate(1, 60)),
}
HERE, THERE = "192.0.2.1", "192.0.2.2"


@pytest.fixture
async def limiter(redis_url: str) -> AsyncIterator[RateLimiter]:
    """Lend a limiter of small numbers."""
    made = RateLimiter(redis_url, LIMITS, KEY)
    yield made
    await made.close()


async def is_refused(limiter: RateLimiter, action: str, address: str = "", account: str = "") -> bool:
    """Tell whether an attempt is refused."""
    try:
        await limiter.hit(action, address=address, account=account)
    except LimitReached:
        return True
    return False


async def test_each_limit_counts_its_own(limiter: RateLimiter) -> None:
    """An address, an account, or both together; another one has all its attempts."""
    for action, same, other in (
        ("address", (HERE, "x"), (THERE, "x")),
        ("account", (HERE, "ada"), (HERE, "bob")),
        ("pair", (HERE, "ada"), (THERE, "ada")),
        ("pair", (HERE, "eve"), (HERE, "bob")),
    ):
        assert [await is_refused(limiter, action, *same) for _ in range(4)] == [False, False, True, True], action
        assert not await is_refused(limiter, action, *other), action
    # The account's own limit follows it to other addresses, the address's to other accounts.
    assert await is_refused(limiter, "account", THERE, "ada")
    assert await is_refused(limiter, "address", HERE, "somebody else")


async def test_an_action_counts_apart_from_others(limiter: RateLimiter) -> None:
    """What is used up for one is not for another, and the strictest of several decides."""
    for _ in range(2):
        await limiter.hit("account", account="ada")
    assert await is_refused(limiter, "account", account="ada")
    assert not await is_refused(limiter, "all", HERE, "ada")
    assert await is_refused(limiter, "all", HERE, "ada")
    assert await is_refused(limiter, "all", THERE, "ada")
    assert not await is_refused(limiter, "all", HERE, "bob")
    assert await is_refused(limiter, "all", HERE, "eve")


async def test_who_is_not_known_is_not_counted(limiter: RateLimiter) -> None:
    """An empty address or account is nobody's."""
    for _ in range(5):
        await limiter.hit("address", account="ada")
        await limiter.hit("account", address=HERE)
        await limiter.hit("pair", address=HERE)
        await limiter.hit("pair", account="ada")


async def test_a_customers_block_counts_together(limiter: RateLimiter) -> None:
    """Whoever has a whole /64 has the attempts of one."""
    assert not await is_refused(limiter, "address", "2001:db8::1")
    assert not await is_refused(limiter, "address", "2001:db8::2")
    assert await is_refused(limiter, "address", "2001:db8::3")
    assert not await is_refused(limiter, "address", "2001:db8:0:1::1")
    assert [await is_refused(limiter, "pair", f"2001:db8::{n}", "ada") for n in range(3)] == [False, False, True]


async def test_a_refusal_says_how_many_and_when(limiter: RateLimiter) -> None:
    """In words for people and in seconds for programs, counted from the first attempt."""
    for _ in range(2):
        await limiter.hit("pair", address=HERE, account="ada")
    with pytest.raises(LimitReached) as refused:
        await limiter.hit("pair", address=HERE, account="ada")
    assert refused.value.sentence == "Too many attempts: at most 2 in 2 h."
    assert refused.value.way_out == "Try again in 2 h."
    assert refused.value.retry_after_s is not None
    assert 7190 < refused.value.retry_after_s <= 7200


async def test_the_window_moves(limiter: RateLimiter) -> None:
    """An attempt is free again exactly when the first has its seconds behind it, and one second is the least told."""
    began_s = time.monotonic()
    for _ in range(2):
        await limiter.hit("short", account="ada")
    with pytest.raises(LimitReached) as refused:
        await limiter.hit("short", account="ada")
    assert refused.value.retry_after_s == 1
    while await is_refused(limiter, "short", account="ada"):
        await asyncio.sleep(0.02)
    assert time.monotonic() - began_s >= 1.0


async def test_redis_knows_nobody(limiter: RateLimiter, redis_url: str) -> None:
    """The names of the counters hold no address and no e-mail, and are another key's with another key."""
    await limiter.hit("all", address=HERE, account="ada@example.org")
    other = RateLimiter(redis_url, LIMITS, b"x" * 48)
    await other.hit("all", address=HERE, account="ada@example.org")
    await other.close()
    async with Redis.from_url(redis_url) as client:
        names = [name.decode() for name in await client.keys("*")]
    assert len(names) == 6
    assert not [name for name in names if HERE in name or "ada" in name]
    assert all("/all/" in name for name in names)


async def test_without_redis_only_what_guards_passwords_is_closed() -> None:
    """It says so and when to come again; everything else goes on uncounted."""
    away = RateLimiter("redis://127.0.0.1:1/0", LIMITS, KEY)
    await away.hit("account", account="ada")
    with pytest.raises(Unavailable) as refused:
        await away.hit("pair", address=HERE, account="ada")
    await away.close()
    assert refused.value.sentence == "This is closed for a moment, because a part that guards it is away."
    assert refused.value.way_out == "Try again in a minute."
    assert refused.value.retry_after_s == 60


async def test_an_action_that_nobody_named_is_a_defect(limiter: RateLimiter) -> None:
    """A misspelt action must not go uncounted."""
    with pytest.raises(KeyError):
        await limiter.hit("nothing", address=HERE)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "1 s"), (89, "89 s"), (90, "2 min"), (120, "2 min"), (121, "3 min"), (5340, "89 min"), (5341, "2 h"),
     (7200, "2 h"), (7201, "3 h"), (86400, "24 h")],
)  # fmt: skip
def test_a_span_is_told_in_words(seconds: int, words: str) -> None:
    """Rounded up, so that nobody comes too early."""
    assert _duration(seconds) == words
