"""Passwords: argon2id in a thread, a few at a time, the same work for unknown accounts."""

from __future__ import annotations

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

MEMORY_KIB = 19 * 1024
PASSES = 2
LANES = 1
AT_ONCE = 2

_hasher = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES, type=Type.ID)


class Passwords:
    """Hashes and checks; parameters are the floor of OWASP's password storage cheat sheet."""

    def __init__(self) -> None:
        """Prepare the hash that unknown accounts are checked against."""
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._dummy = ""

    async def hash(self, password: str) -> str:
        """Return the encoded hash, about 50 ms of work."""
        async with self._turns:
            return await asyncio.to_thread(_hasher.hash, password)

    async def matches(self, encoded: str | None, password: str) -> bool:
        """Check a password; without an account the same work is done and the answer is no."""
        if not self._dummy:
            self._dummy = await self.hash("nobody has this password")
        async with self._turns:
            is_right = await asyncio.to_thread(_verify, encoded or self._dummy, password)
        return is_right and encoded is not None


def _verify(encoded: str, password: str) -> bool:
    try:
        return _hasher.verify(encoded, password)
    except (VerificationError, InvalidHashError):
        return False
