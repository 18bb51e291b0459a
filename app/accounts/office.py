"""What the operator and the end of an account need: find, suspend, close, remove."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from app.accounts import links, store
from app.accounts.rules import fold_email
from app.accounts.tables import Account as AccountRow
from app.kernel.db import transaction

if TYPE_CHECKING:
    from datetime import datetime

    from piccolo.custom_types import Combinable

    from app.accounts.parts import AccountParts
    from app.accounts.rules import OpenSession


@dataclass(frozen=True, slots=True)
class Record:
    """An account as its operator sees it."""

    id: UUID
    email: str
    display_name: str
    created_at: datetime
    verified_at: datetime | None
    suspended_at: datetime | None
    closing_at: datetime | None
    policy_version: str


class Office:
    """Accounts by operator's word, never by a page."""

    def __init__(self, parts: AccountParts) -> None:
        """Keep the parts."""
        self._parts = parts

    async def find(self, name: str) -> Record | None:
        """Find an account by its identifier or its address."""
        try:
            where: Combinable = AccountRow.id == UUID(name)
        except ValueError:
            where = AccountRow.email_key == fold_email(name)
        found = await _records(where)
        return found[0] if found else None

    async def everyone(self) -> list[Record]:
        """List the accounts, the oldest first."""
        return await _records(AccountRow.id.is_not_null())

    async def closing(self) -> list[Record]:
        """List the accounts whose owners deleted them and that are not gone yet."""
        return await _records(AccountRow.closing_at.is_not_null())

    async def verify(self, account_id: UUID) -> None:
        """Take an address as proved."""
        await store.verify(account_id, self._parts.clock())

    async def suspend(self, account_id: UUID) -> bool:
        """End every session and refuse new ones; tell whether that is news."""
        async with transaction(self._parts.engine):
            changed = await (
                AccountRow.update({AccountRow.suspended_at: self._parts.clock()})
                .where((AccountRow.id == account_id) & AccountRow.suspended_at.is_null())
                .returning(AccountRow.id)
            )
            await store.delete_sessions(account_id)
        return bool(changed)

    async def restore(self, account_id: UUID) -> bool:
        """Let a suspended account log in again; tell whether that is news."""
        changed = await (
            AccountRow.update({AccountRow.suspended_at: None})
            .where((AccountRow.id == account_id) & AccountRow.suspended_at.is_not_null())
            .returning(AccountRow.id)
        )
        return bool(changed)

    async def sessions(self, account_id: UUID) -> list[OpenSession]:
        """List the sessions that hold."""
        return await store.sessions_of(account_id, self._parts.clock())

    async def end_sessions(self, account_id: UUID) -> None:
        """End every session at once."""
        await store.delete_sessions(account_id)

    async def close(self, account_id: UUID) -> None:
        """End every session and link, and let nobody in any more; the account's data go after this."""
        async with transaction(self._parts.engine):
            await AccountRow.update({AccountRow.closing_at: self._parts.clock()}).where(
                (AccountRow.id == account_id) & AccountRow.closing_at.is_null()
            )
            await store.delete_sessions(account_id)
            await links.void(account_id)

    async def remove(self, account_id: UUID) -> bool:
        """Delete an account's row, and with it every row that names it, inside the caller's transaction."""
        gone = await AccountRow.delete().where(AccountRow.id == account_id).returning(AccountRow.id)
        return bool(gone)

    async def accept_policy(self, account_id: UUID, version: str) -> None:
        """Note that a version of the policy was seen."""
        await AccountRow.update({AccountRow.policy_version: version}).where(AccountRow.id == account_id)


async def _records(where: Combinable) -> list[Record]:
    rows = await AccountRow.select().where(where).order_by(AccountRow.created_at)
    return [_record(row) for row in rows]


def _record(row: dict[str, Any]) -> Record:
    names = ("id", "email", "display_name", "created_at", "verified_at", "suspended_at", "closing_at", "policy_version")
    return Record(**{name: row[name] for name in names})
