"""Queries on accounts and sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.accounts.rules import Account
from app.accounts.tables import Account as AccountRow
from app.accounts.tables import Session as SessionRow

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


async def insert_account(row: AccountRow) -> bool:
    """Keep a new account; tell whether its address was free."""
    made = await AccountRow.insert(row).on_conflict(target=AccountRow.email_key, action="DO NOTHING")
    return bool(made)


async def account_and_hash(email_key: str) -> tuple[Account, str] | None:
    """Find an account by its folded address, with the password's hash."""
    rows = await AccountRow.select().where(AccountRow.email_key == email_key)
    return (_account(rows[0]), rows[0]["password_hash"]) if rows else None


async def insert_session(*, session_id: UUID, account_id: UUID, now: datetime, expires_at: datetime) -> None:
    """Keep a new session."""
    await SessionRow.insert(
        SessionRow(id=session_id, account=account_id, created_at=now, seen_at=now, expires_at=expires_at)
    )


async def account_of_session(session_id: UUID, now: datetime) -> tuple[Account, datetime] | None:
    """Return the account of a session that still holds, and when it was last seen."""
    rows = await SessionRow.select(*SessionRow.account.all_columns(), SessionRow.seen_at).where(
        (SessionRow.id == session_id) & (SessionRow.expires_at > now)
    )
    if not rows:
        return None
    row = {name.removeprefix("account."): value for name, value in rows[0].items()}
    return _account(row), row["seen_at"]


async def extend_session(session_id: UUID, *, now: datetime, expires_at: datetime) -> None:
    """Note that a session is in use."""
    await SessionRow.update({SessionRow.seen_at: now, SessionRow.expires_at: expires_at}).where(
        SessionRow.id == session_id
    )


async def session_start(session_id: UUID) -> datetime | None:
    """Return when a session began."""
    rows = await SessionRow.select(SessionRow.created_at).where(SessionRow.id == session_id)
    return rows[0]["created_at"] if rows else None


async def delete_session(session_id: UUID) -> None:
    """End a session at once."""
    await SessionRow.delete().where(SessionRow.id == session_id)


async def delete_sessions_before(now: datetime) -> int:
    """Delete the sessions whose term is over."""
    gone = await SessionRow.delete().where(SessionRow.expires_at <= now).returning(SessionRow.id)
    return len(gone)


def _account(row: dict[str, Any]) -> Account:
    return Account(id=row["id"], email=row["email"], display_name=row["display_name"], created_at=row["created_at"])
