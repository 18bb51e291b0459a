"""What a person changes about their own account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.accounts import links, records, store
from app.accounts.letters import Occasion
from app.accounts.rules import NAME_MAX, ConsentKind, EventKind, email_error, fold_email, one_line
from app.accounts.service import DEAD_LINK, WRONG_PASSWORD
from app.kernel.db import TAKEN, transaction
from app.kernel.errors import Conflict, Invalid, NotFound

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.links import Link
    from app.accounts.outbox import Order
    from app.accounts.parts import AccountParts
    from app.accounts.rules import Client, Happening, OpenSession, Viewer
    from app.accounts.service import Accounts


class OwnAccount:
    """Name, address, password, sessions and consents, each for its owner only."""

    def __init__(self, parts: AccountParts, accounts: Accounts) -> None:
        """Keep the parts."""
        self._parts = parts
        self._accounts = accounts

    async def prove(self, viewer: Viewer, password: str, client: Client) -> None:
        """Ask for the password again, inside the form of what hurts.

        Raises
        ------
        Invalid
            When it is another one.

        """
        account_id = viewer.account.id
        await self._parts.limiter.hit("password", account=str(account_id))
        if not await self._parts.passwords.matches(await store.hash_of(account_id), password):
            self._parts.watch.log("wrong_password", str(account_id), client)
            raise Invalid(WRONG_PASSWORD, code="current_password")

    async def prove_again(self, viewer: Viewer, password: str, client: Client) -> None:
        """Ask for the password again, and let it count for a while: see `password_first`."""
        await self.prove(viewer, password, client)
        await store.set_proved(viewer.session_id, self._parts.clock())

    async def sessions(self, viewer: Viewer) -> list[OpenSession]:
        """List the sessions that hold."""
        return await store.sessions_of(viewer.account.id, self._parts.clock())

    async def events(self, viewer: Viewer) -> list[Happening]:
        """List what happened last."""
        return await records.events_of(viewer.account.id, self._parts.clock())

    async def has_consent(self, account_id: UUID, kind: ConsentKind) -> bool:
        """Tell whether something is allowed now."""
        return await records.has_consent(account_id, kind)

    async def rename(self, viewer: Viewer, name: str) -> None:
        """Keep a new name."""
        await store.set_name(viewer.account.id, one_line(name, NAME_MAX))

    async def consent(self, viewer: Viewer, kind: ConsentKind, client: Client, *, is_given: bool) -> None:
        """Give or withdraw a consent."""
        now = self._parts.clock()
        if is_given:
            await records.give_consent(viewer.account.id, kind, self._parts.policy.policy_version, now)
        else:
            await records.withdraw_consent(viewer.account.id, kind, now)
        event = EventKind.CONSENT_GIVEN if is_given else EventKind.CONSENT_WITHDRAWN
        await self._parts.watch.happened(viewer.account.id, event, client)

    async def end_session(self, viewer: Viewer, session_id: UUID, client: Client) -> None:
        """End one session at once."""
        if not await store.delete_session_of(viewer.account.id, session_id):
            raise NotFound
        await self._parts.watch.happened(viewer.account.id, EventKind.SESSION_ENDED, client)

    async def end_everywhere(self, viewer: Viewer, client: Client) -> None:
        """End every session, this one too."""
        await store.delete_sessions(viewer.account.id)
        await self._parts.watch.happened(viewer.account.id, EventKind.ENDED_EVERYWHERE, client)

    async def change_password(self, viewer: Viewer, current: str, new: str, client: Client) -> None:
        """Set a new password; every other session and every link ends."""
        account = viewer.account
        await self.prove(viewer, current, client)
        await self._accounts.refuse_weak(new, account.email, account.display_name)
        password_hash = await self._parts.passwords.hash(new)
        async with transaction(self._parts.engine):
            await store.set_hash(account.id, password_hash)
            await store.delete_sessions(account.id, but=viewer.session_id)
            await links.void(account.id)
            order = await self._parts.mailing.order(Occasion.PASSWORD_CHANGED, account.email, account_id=account.id)
        await self._parts.mailing.post(order)
        await self._parts.watch.happened(account.id, EventKind.PASSWORD_CHANGED, client)

    async def ask_for_address(self, viewer: Viewer, current: str, address: str, client: Client) -> str:
        """Ask both mailboxes whether the address may change; return development's link."""
        account = viewer.account
        if fault := email_error(address):
            raise Invalid(fault, code="new_email")
        if fold_email(address) == fold_email(account.email):
            raise Invalid("This is the address already.", code="new_email")
        await self._parts.limiter.hit("email_change", account=str(account.id))
        await self.prove(viewer, current, client)
        async with transaction(self._parts.engine):
            orders = [
                await self._parts.mailing.order(occasion, mailbox, account_id=account.id, address=address)
                for occasion, mailbox in (
                    (Occasion.LEAVING_ADDRESS, account.email),
                    (Occasion.NEW_ADDRESS, address),
                )
            ]
        await self._parts.watch.happened(account.id, EventKind.ADDRESS_CHANGE_ASKED, client)
        return await self._parts.mailing.post(*orders)

    async def agree_to_address(self, link: Link, token: str, client: Client) -> bool:
        """Take one mailbox's word; tell whether both agreed and the address has changed."""
        try:
            async with transaction(self._parts.engine):
                order = await self._agree(link, token)
        except TAKEN as error:
            raise Conflict("The address is used by another account.", way_out="Use another address.") from error
        if order is None:
            return False
        await self._parts.mailing.post(order)
        await self._parts.watch.happened(link.account_id, EventKind.ADDRESS_CHANGED, client)
        return True

    async def _agree(self, link: Link, token: str) -> Order | None:
        """Keep one word; with both, move the account and order the mail that tells of it."""
        now = self._parts.clock()
        # Two words at the same time must see each other, or neither would be the second.
        await store.hold(link.account_id)
        if not await links.use(token, now, link.kind):
            raise NotFound(DEAD_LINK)
        if not await links.have_agreed(link.account_id, link.address, now):
            return None
        await store.set_email(link.account_id, link.address, fold_email(link.address))
        # Whatever was sent to the old mailbox before must not open the account any more.
        await links.void(link.account_id)
        return await self._parts.mailing.order(
            Occasion.ADDRESS_CHANGED, link.email, account_id=link.account_id, address=link.address
        )
