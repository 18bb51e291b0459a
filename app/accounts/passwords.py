"""Passwords: argon2id in a thread, a few at a time, the same work for unknown accounts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

if TYPE_CHECKING:
    from collections.abc import Sequence

MEMORY_KIB = 19 * 1024
PASSES = 2
LANES = 1
AT_ONCE = 2
ZXCVBN_MAX = 72
"""Longer texts are refused by the library; what follows can only make a password stronger."""
LEAST_SCORE = 2

OWASP_FLOOR = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES, type=Type.ID)
"""The least of OWASP's password storage cheat sheet."""


class Passwords:
    """Hashes and checks."""

    def __init__(self, hasher: PasswordHasher = OWASP_FLOOR) -> None:
        """Prepare the hash that unknown accounts are checked against."""
        self._hasher = hasher
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._dummy = ""

    async def hash(self, password: str) -> str:
        """Return the encoded hash, about 50 ms of work."""
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def fault(self, password: str, *, own_words: Sequence[str], common: int) -> str:
        """Say why a password is too easy to guess, or nothing."""
        async with self._turns:
            return await asyncio.to_thread(_fault, password, own_words, common)

    async def renewed(self, encoded: str, password: str) -> str:
        """Return a new hash where the old one was made with other parameters, else nothing."""
        return await self.hash(password) if self._hasher.check_needs_rehash(encoded) else ""

    async def matches(self, encoded: str | None, password: str) -> bool:
        """Check a password; without an account the same work is done and the answer is no."""
        if not self._dummy:
            self._dummy = await self.hash("nobody has this password")
        async with self._turns:
            is_right = await asyncio.to_thread(self._verify, encoded or self._dummy, password)
        return is_right and encoded is not None

    def _verify(self, encoded: str, password: str) -> bool:
        try:
            return self._hasher.verify(encoded, password)
        except (VerificationError, InvalidHashError):
            return False


def _fault(password: str, own_words: Sequence[str], common: int) -> str:
    # Imported here: its lists take a moment, which only the first new password waits for.
    from zxcvbn import zxcvbn  # noqa: PLC0415
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415

    if password.casefold() in FREQUENCY_LISTS["passwords"][:common]:
        return "This password is on the lists that are tried first. Choose another."
    found = zxcvbn(password[:ZXCVBN_MAX], user_inputs=[word for word in own_words if word])
    if found["score"] >= LEAST_SCORE:
        return ""
    hint = " ".join(found["feedback"]["suggestions"])
    return f"This password is guessed quickly. {hint}".strip()
