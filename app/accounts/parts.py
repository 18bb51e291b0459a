"""The parts that everything about accounts stands on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from piccolo.engine.base import Engine

    from app.accounts.mailing import Mailing
    from app.accounts.passwords import Passwords
    from app.accounts.watch import Watch
    from app.kernel.clock import Clock
    from app.kernel.ratelimit import RateLimiter
    from app.policy import AccountPolicy


@dataclass(frozen=True, slots=True)
class AccountParts:
    """What the composition root hands to the services of accounts."""

    keys: tuple[bytes, ...]
    """The ring: the key that signs, then those that only still hold."""
    policy: AccountPolicy
    clock: Clock
    engine: Engine[Any]
    limiter: RateLimiter
    passwords: Passwords
    mailing: Mailing
    watch: Watch
