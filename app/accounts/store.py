"""Queries on accounts and sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from piccolo.columns.combination import And

from app.accounts.rules import Account, OpenSession
from app.accounts.tables import Account as AccountRow
from app.accounts.tables import Session as SessionRow

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from piccolo.custom_types import Combinable


async def insert_account(row: AccountRow) -> bool:
    """Keep a new account; tell whether its address was free."""
    made = await AccountRow.insert(row).on_conflict(target=AccountRow.email_key, action="DO NOTHING")
    return bool(made)


async def account_and_hash(email_key: str) -> tuple[Account, str] | None:
    """Find an account by its folded address, with the password's hash."""
    rows = await AccountRow.select().where((AccountRow.email_key == email_key) & AccountRow.closing_at.is_null())
    return (_account(rows[0]), rows[0]["password_hash"]) if rows else None


async def hash_of(account_id: UUID) -> str:
    """Return the hash of an account's password, or an empty text."""
    rows = await AccountRow.select(AccountRow.password_hash).where(AccountRow.id == account_id)
    return str(rows[0]["password_hash"]) if rows else ""


async def may_begin_session(account_id: UUID) -> bool:
    """Tell whether an account is neither suspended nor on its way out."""
    return bool(
        await AccountRow.exists().where(
            (AccountRow.id == account_id) & AccountRow.suspended_at.is_null() & AccountRow.closing_at.is_null()
        )
    )


async def set_hash(account_id: UUID, password_hash: str, *, instead_of: str | None = None) -> None:
    """Keep a new hash; with an old one named, only in its place."""
    where: Combinable = AccountRow.id == account_id
    if instead_of is not None:
        where = And(where, AccountRow.password_hash == instead_of)
    await AccountRow.update({AccountRow.password_hash: password_hash}).where(where)


async def set_name(account_id: UUID, display_name: str) -> None:
    """Keep a new name."""
    await AccountRow.update({AccountRow.display_name: display_name}).where(AccountRow.id == account_id)


async def hold(account_id: UUID) -> None:
    """Let nobody else change this account before the transaction ends."""
    await AccountRow.update({AccountRow.email_key: AccountRow.email_key}).where(AccountRow.id == account_id)


async def set_email(account_id: UUID, email: str, email_key: str) -> None:
    """Move an account to a new address; the table refuses one that is taken."""
    await AccountRow.update({AccountRow.email: email, AccountRow.email_key: email_key}).where(
        AccountRow.id == account_id
    )


async def verify(account_id: UUID, now: datetime) -> None:
    """Note that an address is proved."""
    await AccountRow.update({AccountRow.verified_at: now}).where(
        (AccountRow.id == account_id) & AccountRow.verified_at.is_null()
    )


async def delete_unverified(before: datetime) -> int:
    """Delete the accounts whose address nobody confirmed, with all that is theirs."""
    gone = (
        await AccountRow.delete()
        .where(AccountRow.verified_at.is_null() & (AccountRow.created_at <= before))
        .returning(AccountRow.id)
    )
    return len(gone)


async def insert_session(
    *, session_id: UUID, account_id: UUID, device: str, now: datetime, expires_at: datetime
) -> None:
    """Keep a new session."""
    await SessionRow.insert(
        SessionRow(
            id=session_id,
            account=account_id,
            device=device,
            created_at=now,
            seen_at=now,
            proved_at=now,
            expires_at=expires_at,
        )
    )


async def sessions_of(account_id: UUID, now: datetime) -> list[OpenSession]:
    """List the sessions of an account that hold, the one used last first."""
    rows = (
        await SessionRow.select()
        .where((SessionRow.account == account_id) & (SessionRow.expires_at > now))
        .order_by(SessionRow.seen_at, ascending=False)
    )
    return [_session(row) for row in rows]


async def delete_session_of(account_id: UUID, session_id: UUID) -> bool:
    """End a session of this account; tell whether it had one."""
    gone = (
        await SessionRow.delete()
        .where((SessionRow.id == session_id) & (SessionRow.account == account_id))
        .returning(SessionRow.id)
    )
    return bool(gone)


async def delete_sessions(account_id: UUID, *, but: UUID | None = None) -> None:
    """End the sessions of an account, but perhaps one."""
    where: Combinable = SessionRow.account == account_id
    if but is not None:
        where = And(where, SessionRow.id != but)
    await SessionRow.delete().where(where)


async def account_of_session(session_id: UUID, now: datetime) -> tuple[Account, OpenSession] | None:
    """Return a session that still holds, and whose it is."""
    owner = SessionRow.account
    rows = await SessionRow.select(*SessionRow.all_columns(), *owner.all_columns()).where(
        (SessionRow.id == session_id)
        & (SessionRow.expires_at > now)
        & owner.suspended_at.is_null()
        & owner.closing_at.is_null()
    )
    if not rows:
        return None
    row = rows[0]
    account = {name.removeprefix("account."): value for name, value in row.items() if name.startswith("account.")}
    return _account(account), _session(row)


async def extend_session(session_id: UUID, *, now: datetime, expires_at: datetime) -> None:
    """Note that a session is in use."""
    await SessionRow.update({SessionRow.seen_at: now, SessionRow.expires_at: expires_at}).where(
        SessionRow.id == session_id
    )


async def set_proved(session_id: UUID, now: datetime) -> None:
    """Note that the password was given again."""
    await SessionRow.update({SessionRow.proved_at: now}).where(SessionRow.id == session_id)


async def delete_session(session_id: UUID) -> None:
    """End a session at once."""
    await SessionRow.delete().where(SessionRow.id == session_id)


async def delete_sessions_before(now: datetime) -> int:
    """Delete the sessions whose term is over."""
    gone = await SessionRow.delete().where(SessionRow.expires_at <= now).returning(SessionRow.id)
    return len(gone)


def _account(row: dict[str, Any]) -> Account:
    return Account(
        id=row["id"],
        email=row["email"],
        display_name=row["display_name"],
        created_at=row["created_at"],
        is_verified=row["verified_at"] is not None,
        policy_version=row["policy_version"],
    )


def _session(row: dict[str, Any]) -> OpenSession:
    return OpenSession(
        id=row["id"],
        device=row["device"],
        began_at=row["created_at"],
        seen_at=row["seen_at"],
        proved_at=row["proved_at"] or row["created_at"],
    )
