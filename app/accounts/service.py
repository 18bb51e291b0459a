"""Registering, confirming an address, logging in and out, a forgotten password."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from app.accounts import links, records, store
from app.accounts.letters import Occasion
from app.accounts.links import Link, LinkKind
from app.accounts.rules import Account, Client, ConsentKind, EventKind, Registration, Viewer, fold_email, password_error
from app.accounts.tables import Account as AccountRow
from app.accounts.tokens import make_token, session_of
from app.kernel.db import transaction
from app.kernel.errors import Invalid, NotFound
from app.kernel.html.csrf import token_of

if TYPE_CHECKING:
    from datetime import datetime

    from app.accounts.parts import AccountParts

SEEN_AGAIN_AFTER = timedelta(hours=1)
WRONG = "The address or the password is not right."
SUSPENDED = "This account is suspended. Write to us, and a person looks at it."
WRONG_PASSWORD = "That is not the password of this account."  # noqa: S105 - a sentence
DEAD_LINK = "This link does not work any more: it was used, is too old, or a newer one was sent."


class Accounts:
    """Who is who."""

    def __init__(self, parts: AccountParts) -> None:
        """Keep what the account's life needs."""
        self._parts = parts

    async def register(self, registration: Registration, client: Client) -> str:
        """Make an account unless there is one, and mail its address either way; return development's link.

        The same is done for a known and an unknown address, so that nobody learns which it is.

        Raises
        ------
        Invalid
            When the password is too easy to guess.

        """
        key, now, version = fold_email(registration.email), self._parts.clock(), self._parts.policy.policy_version
        await self._parts.limiter.hit("register", address=client.address, account=key)
        await self.refuse_weak(registration.password, registration.email, registration.display_name)
        row = AccountRow(
            id=uuid4(),
            email=registration.email,
            email_key=key,
            display_name=registration.display_name,
            password_hash=await self._parts.passwords.hash(registration.password),
            policy_version=version,
            created_at=now,
        )
        async with transaction(self._parts.engine):
            is_new = await store.insert_account(row)
            if registration.allows_ai_feedback and is_new:
                await records.give_consent(row.id, ConsentKind.AI_FEEDBACK, version, now)
            order = await self._parts.mailing.order(Occasion.REGISTERED, registration.email)
        self._parts.watch.log("registered", key, client)
        return await self._parts.mailing.post(order)

    async def refuse_weak(self, password: str, *own_words: str) -> None:
        """Refuse a new password that is too short, too long or guessed quickly."""
        fault = password_error(password, self._parts.policy) or await self._parts.passwords.fault(
            password, own_words=("tracksensei", *own_words), common=self._parts.policy.common_passwords
        )
        if fault:
            raise Invalid(fault, code="password")

    async def log_in(self, email: str, password: str, client: Client) -> str:
        """Check a password and begin a session; return its token.

        Raises
        ------
        Invalid
            The same for an unknown address and a wrong password.

        """
        account = await self._check(email, password, client)
        if account is None:
            raise Invalid(WRONG, code="password")
        return await self._begin_session(account.id, client)

    async def log_out(self, session_id: UUID) -> None:
        """End a session at once, everywhere its token may be."""
        await store.delete_session(session_id)

    async def by_email(self, email: str) -> Account | None:
        """Return the account of an address, for an operator's command."""
        found = await store.account_and_hash(fold_email(email))
        return found[0] if found else None

    async def mail_verification(self, account: Account) -> str:
        """Send the link that confirms an address once more; return development's link."""
        if account.is_verified:
            return ""
        await self._parts.limiter.hit("verification_mail", account=str(account.id))
        return await self._parts.mailing.post(
            await self._parts.mailing.order(Occasion.VERIFY, account.email, account_id=account.id)
        )

    async def link(self, token: str, *kinds: LinkKind) -> Link:
        """Return what a link of a mail says; it is not used by being looked at.

        Raises
        ------
        NotFound
            When it was used, is too old, was replaced, or never was.

        """
        found = await links.look(token, self._parts.clock(), *kinds)
        if found is None:
            raise NotFound(DEAD_LINK)
        return found

    async def confirm(self, token: str, password: str, viewer: Viewer | None, client: Client) -> str:
        """Confirm an address; return the token of a new session, or none for who is logged in.

        The password is asked of a stranger, since somebody else may have registered the address
        with a password of their own.
        """
        await self._parts.limiter.hit("link", address=client.address)
        link = await self.link(token, LinkKind.VERIFY)
        is_owner = viewer is not None and viewer.account.id == link.account_id
        if not is_owner and await self._check(link.email, password, client) is None:
            raise Invalid(WRONG_PASSWORD, code="password")
        now = self._parts.clock()
        async with transaction(self._parts.engine):
            await self._use(token, LinkKind.VERIFY)
            await store.verify(link.account_id, now)
        await self._parts.watch.happened(link.account_id, EventKind.ADDRESS_CONFIRMED, client)
        return "" if is_owner else await self._begin_session(link.account_id, client)

    async def forgot(self, email: str, client: Client) -> str:
        """Order the mail with a link for a new password, known address or not; return development's link."""
        await self._parts.limiter.hit("reset_mail", address=client.address, account=fold_email(email))
        self._parts.watch.log("reset_asked", fold_email(email), client)
        return await self._parts.mailing.post(await self._parts.mailing.order(Occasion.FORGOT, email))

    async def reset(self, token: str, password: str, client: Client) -> None:
        """Set a new password by a mail's link, and end every session."""
        await self._parts.limiter.hit("link", address=client.address)
        link = await self.link(token, LinkKind.RESET)
        await self.refuse_weak(password, link.email)
        password_hash = await self._parts.passwords.hash(password)
        async with transaction(self._parts.engine):
            await self._use(token, LinkKind.RESET)
            await store.set_hash(link.account_id, password_hash)
            # Whoever has the link has the mailbox.
            await store.verify(link.account_id, self._parts.clock())
            await store.delete_sessions(link.account_id)
            await links.void(link.account_id)
            order = await self._parts.mailing.order(Occasion.PASSWORD_CHANGED, link.email, account_id=link.account_id)
        await self._parts.mailing.post(order)
        await self._parts.watch.happened(link.account_id, EventKind.PASSWORD_RESET, client)

    async def viewer_of(self, token: str) -> Viewer | None:
        """Return who a cookie's token stands for, or none."""
        now = self._parts.clock()
        session_id = self._named_by(token, now)
        found = await store.account_of_session(session_id, now) if session_id else None
        if found is None:
            return None
        account, session = found
        if now - session.seen_at > SEEN_AGAIN_AFTER:
            await store.extend_session(session.id, now=now, expires_at=self._idle_end(session.began_at, now))
        version = self._parts.policy.policy_version
        return Viewer(
            account=account,
            session_id=session.id,
            csrf_token=token_of(self._parts.keys[0], session.id),
            proved_at=session.proved_at,
            policy_news="" if account.policy_version == version else version,
        )

    async def end_due_sessions(self) -> int:
        """Delete the sessions whose term is over; tell how many."""
        return await store.delete_sessions_before(self._parts.clock())

    async def end_due(self) -> int:
        """Delete mails, links and events whose term is over, and accounts that were never confirmed."""
        now = self._parts.clock()
        records_gone = await self._parts.mailing.end_due() + await records.end_due(now)
        return records_gone + await store.delete_unverified(now - self._parts.policy.unverified)

    async def _check(self, email: str, password: str, client: Client) -> Account | None:
        """Return the account whose password this is; every way takes the same work."""
        key = fold_email(email)
        await self._parts.limiter.hit("log_in", address=client.address, account=key)
        found = await store.account_and_hash(key)
        if not await self._parts.passwords.matches(found[1] if found else None, password) or found is None:
            self._parts.watch.log("wrong_password", key, client)
            return None
        account, old_hash = found
        if new_hash := await self._parts.passwords.renewed(old_hash, password):
            await store.set_hash(account.id, new_hash, instead_of=old_hash)
        return account

    def _named_by(self, token: str, now: datetime) -> UUID | None:
        return session_of(self._parts.keys, token, now=now)

    async def _use(self, token: str, kind: LinkKind) -> None:
        if not await links.use(token, self._parts.clock(), kind):
            raise NotFound(DEAD_LINK)

    async def _begin_session(self, account_id: UUID, client: Client) -> str:
        if not await store.may_begin_session(account_id):
            raise Invalid(SUSPENDED, code="password")
        now, session_id = self._parts.clock(), uuid4()
        end = now + timedelta(days=self._parts.policy.session_absolute_days)
        await store.insert_session(
            session_id=session_id,
            account_id=account_id,
            device=client.device,
            now=now,
            expires_at=self._idle_end(now, now),
        )
        await self._parts.watch.happened(account_id, EventKind.LOGGED_IN, client)
        key = self._parts.keys[0]
        return make_token(key, session_id=session_id, account_id=account_id, now=now, expires_at=end)

    def _idle_end(self, began_at: datetime, now: datetime) -> datetime:
        """Return when a session ends that is not used again: idle days, within its absolute term."""
        idle = now + timedelta(days=self._parts.policy.session_idle_days)
        return min(idle, began_at + timedelta(days=self._parts.policy.session_absolute_days))
