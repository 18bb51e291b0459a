"""Weakened and watched variants of what stands before accounts."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any
from uuid import UUID

import jwt
from argon2 import PasswordHasher
from redis.asyncio import Redis

from app.accounts import links, store
from app.accounts.owner import OwnAccount
from app.accounts.passwords import Passwords
from app.accounts.service import Accounts
from app.kernel.errors import LimitReached
from app.kernel.ratelimit import RateLimiter

if TYPE_CHECKING:
    from datetime import datetime

    from app.accounts.links import LinkKind
    from app.accounts.rules import Client, Viewer
    from app.policy import Rate


class StockLimiter(RateLimiter):
    """Mutant: reads the times of before, then writes them with its own, as the framework's limiter does."""

    async def _hit(self, rate: Rate, action: str, kind: str, who: str) -> None:
        client, name, now = Redis(connection_pool=self._connections), f"{action} {kind} {who}", time.time()
        times = [each for each in json.loads(await client.get(name) or "[]") if each > now - rate.seconds]
        if len(times) >= rate.count:
            raise LimitReached("Too many attempts.", retry_after_s=rate.seconds)
        await client.set(name, json.dumps([*times, now]), ex=rate.seconds)


class TrustingAccounts(Accounts):
    """Mutant: believes what a token says of its own signature."""

    def _named_by(self, token: str, now: datetime) -> UUID | None:
        del now
        try:
            algorithm = jwt.get_unverified_header(token)["alg"]
            options: Any = {"verify_signature": algorithm.lower() != "none", "verify_aud": False, "verify_exp": False}
            found = jwt.decode(token, self._parts.keys[0], algorithms=[algorithm], options=options)
            return UUID(found["jti"])
        except (jwt.InvalidTokenError, jwt.InvalidKeyError, LookupError, ValueError, TypeError, NotImplementedError):
            return None

    async def _use(self, token: str, kind: LinkKind) -> None:
        """Use a link that was looked at before, whatever has become of it."""
        await links.use(token, self._parts.clock(), kind)


class LooseOwnAccount(OwnAccount):
    """Mutant: ends a session whoever's it is."""

    async def end_session(self, viewer: Viewer, session_id: UUID, client: Client) -> None:
        """Ask for no owner."""
        del viewer, client
        await store.delete_session(session_id)


class QuickPasswords(Passwords):
    """The same steps with the least of work, for thousands of them."""

    def __init__(self) -> None:
        """Hash as little as argon2 allows."""
        super().__init__(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


class CountingPasswords(Passwords):
    """Counts how often a password is really checked in this process."""

    checked = 0

    def _verify(self, encoded: str, password: str) -> bool:
        CountingPasswords.checked += 1
        return super()._verify(encoded, password)


class HastyPasswords(CountingPasswords):
    """Mutant: does no work for an account that is not there."""

    async def matches(self, encoded: str | None, password: str) -> bool:
        """Answer at once where there is nobody."""
        return encoded is not None and await super().matches(encoded, password)
