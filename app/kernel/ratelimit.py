"""So many in so many seconds, right over any number of processes.

The counting is one atomic step in Redis (the moving window of the ``limits`` library, which keeps
the time of each attempt: no window of that length, wherever it begins, holds more). With
Redis away an action that guards passwords closes with a sentence; nothing else is limited.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import math
import time
from typing import TYPE_CHECKING

import structlog
from limits import RateLimitItemPerSecond
from limits.aio.storage import RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from redis.exceptions import RedisError

from app.kernel.errors import LimitReached, Unavailable
from app.kernel.queue import connections

if TYPE_CHECKING:
    from app.policy import ActionLimit, Rate

IPV6_CUSTOMER_PREFIX = 64

log = structlog.get_logger()


class RateLimiter:
    """The limits of policy.toml, counted by address and by account."""

    def __init__(self, redis_url: str, limits: dict[str, ActionLimit], key: bytes) -> None:
        """Connect to nothing yet."""
        self._connections = connections(redis_url)
        self._counter = MovingWindowRateLimiter(
            # The library hands unknown options on to redis-py, but types them as plain values.
            RedisStorage("async+redis://", implementation="redispy", connection_pool=self._connections)  # type: ignore[arg-type]
        )
        self._limits = limits
        self._key = key

    async def close(self) -> None:
        """Close the connections of the counter."""
        await self._connections.aclose()

    async def hit(self, action: str, *, address: str = "", account: str = "") -> None:
        """Count one attempt.

        Raises
        ------
        LimitReached
            With the seconds after which it is worth trying again.
        Unavailable
            When the counter of an action that guards passwords cannot be reached.

        """
        limit = self._limits[action]
        try:
            if limit.address and address:
                await self._hit(limit.address, action, "address", customer_of(address))
            if limit.account and account:
                await self._hit(limit.account, action, "account", account)
            if limit.pair and account and address:
                await self._hit(limit.pair, action, "pair", f"{customer_of(address)} {account}")
        except (RedisError, OSError) as error:
            log.warning("limits.away", action=action, error=type(error).__name__)
            if limit.guards_passwords:
                raise Unavailable(
                    "This is closed for a moment, because a part that guards it is away.",
                    way_out="Try again in a minute.",
                    retry_after_s=60,
                ) from error

    async def _hit(self, rate: Rate, action: str, kind: str, who: str) -> None:
        item = RateLimitItemPerSecond(rate.count, rate.seconds)
        # The name of a counter holds no address and no e-mail, only their keyed hash.
        name = hmac.new(self._key, f"{kind}:{who}".encode(), hashlib.sha256).hexdigest()[:32]
        if await self._counter.hit(item, action, name):
            return
        window = await self._counter.get_window_stats(item, action, name)
        wait_s = max(1, math.ceil(window.reset_time - time.time()))
        raise LimitReached(
            f"Too many attempts: at most {rate.count} in {_duration(rate.seconds)}.",
            way_out=f"Try again in {_duration(wait_s)}.",
            retry_after_s=wait_s,
        )


def customer_of(address: str) -> str:
    """Fold an IPv6 address to the block that one customer has; a single one is free to change."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    return str(ipaddress.ip_network((parsed, IPV6_CUSTOMER_PREFIX), strict=False))


def _duration(seconds: int) -> str:
    if seconds < 90:
        return f"{seconds} s"
    minutes = math.ceil(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{math.ceil(minutes / 60)} h"
