"""Registering, logging in, logging out."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from app.accounts import store
from app.accounts.passwords import Passwords
from app.accounts.rules import Account, Registration, Viewer, fold_email
from app.accounts.tables import Account as AccountRow
from app.accounts.tokens import make_token, session_of
from app.kernel.errors import Invalid
from app.kernel.html.csrf import token_of

if TYPE_CHECKING:
    from datetime import datetime

    from app.kernel.clock import Clock
    from app.kernel.ratelimit import RateLimiter
    from app.settings import Settings

SEEN_AGAIN_AFTER = timedelta(hours=1)
WRONG = "The address or the password is not right."
TAKEN = "There is an account with this address already: log in, or use another address."


class Accounts:
    """Who is who."""

    def __init__(self, settings: Settings, clock: Clock, limiter: RateLimiter) -> None:
        """Keep what the account's life needs."""
        self._key = settings.signing_key
        self._policy = settings.policy.accounts
        self._clock = clock
        self._limiter = limiter
        self._passwords = Passwords()

    async def register(self, registration: Registration, *, address: str) -> str:
        """Make an account and log it in; return the session's token.

        Raises
        ------
        Invalid
            When the address has an account already.

        """
        await self._limiter.hit("register", address=address)
        row = AccountRow(
            id=uuid4(),
            email=registration.email,
            email_key=fold_email(registration.email),
            display_name=registration.display_name,
            password_hash=await self._passwords.hash(registration.password),
            policy_version=self._policy.policy_version,
            created_at=self._clock(),
        )
        if not await store.insert_account(row):
            raise Invalid(TAKEN, code="email")
        return await self._begin_session(row.id)

    async def log_in(self, email: str, password: str, *, address: str) -> str:
        """Check a password and begin a session; return its token.

        Raises
        ------
        Invalid
            The same for an unknown address and a wrong password.

        """
        key = fold_email(email)
        await self._limiter.hit("log_in", address=address, account=key)
        found = await store.account_and_hash(key)
        if not await self._passwords.matches(found[1] if found else None, password) or found is None:
            raise Invalid(WRONG, code="password")
        return await self._begin_session(found[0].id)

    async def log_out(self, session_id: UUID) -> None:
        """End a session at once, everywhere its token may be."""
        await store.delete_session(session_id)

    async def by_email(self, email: str) -> Account | None:
        """Return the account of an address, for an operator's command."""
        found = await store.account_and_hash(fold_email(email))
        return found[0] if found else None

    async def viewer_of(self, token: str) -> Viewer | None:
        """Return who a cookie's token stands for, or none."""
        now = self._clock()
        session_id = session_of(self._key, token, now=now)
        found = await store.account_of_session(session_id, now) if session_id else None
        if session_id is None or found is None:
            return None
        account, seen_at = found
        if now - seen_at > SEEN_AGAIN_AFTER:
            await self._extend(session_id, now)
        return self._viewer(account, session_id)

    async def end_due_sessions(self) -> int:
        """Delete the sessions whose term is over; tell how many."""
        return await store.delete_sessions_before(self._clock())

    def _viewer(self, account: Account, session_id: UUID) -> Viewer:
        return Viewer(account=account, session_id=session_id, csrf_token=token_of(self._key, session_id))

    async def _begin_session(self, account_id: UUID) -> str:
        now = self._clock()
        session_id = uuid4()
        last_moment = now + timedelta(days=self._policy.session_absolute_days)
        await store.insert_session(
            session_id=session_id, account_id=account_id, now=now, expires_at=self._idle_end(now, now)
        )
        return make_token(self._key, session_id=session_id, account_id=account_id, now=now, expires_at=last_moment)

    async def _extend(self, session_id: UUID, now: datetime) -> None:
        began_at = await store.session_start(session_id)
        if began_at is not None:
            await store.extend_session(session_id, now=now, expires_at=self._idle_end(began_at, now))

    def _idle_end(self, began_at: datetime, now: datetime) -> datetime:
        """Return when a session ends that is not used again: idle days, within its absolute term."""
        idle = now + timedelta(days=self._policy.session_idle_days)
        return min(idle, began_at + timedelta(days=self._policy.session_absolute_days))
