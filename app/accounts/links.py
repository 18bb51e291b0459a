"""Links of mails: 256 random bits that only the mail has, their SHA-256 here, used once."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from app.accounts.tables import MailToken

if TYPE_CHECKING:
    from datetime import datetime

TOKEN_BYTES = 32


class LinkKind(StrEnum):
    """What a link allows."""

    VERIFY = "verify"
    RESET = "reset"
    LEAVE_ADDRESS = "leave_address"
    TAKE_ADDRESS = "take_address"


@dataclass(frozen=True, slots=True)
class Link:
    """What a link that still works says."""

    kind: LinkKind
    account_id: UUID
    email: str
    """The account's own address."""
    address: str
    """The address that the link is about, where it is another."""


async def make(account_id: UUID, kind: LinkKind, *, now: datetime, until: datetime, address: str = "") -> str:
    """Make a link's token; older ones of the kind stop to work."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    await MailToken.delete().where((MailToken.account == account_id) & (MailToken.kind == kind))
    await MailToken.insert(
        MailToken(
            id=uuid4(),
            account=account_id,
            kind=kind,
            digest=_digest(token),
            address=address,
            created_at=now,
            expires_at=until,
        )
    )
    return token


async def look(token: str, now: datetime, *kinds: LinkKind) -> Link | None:
    """Return what a token says, without using it."""
    rows = await MailToken.select(
        MailToken.kind, MailToken.account, MailToken.address, MailToken.account.email.as_alias("email")
    ).where(
        (MailToken.digest == _digest(token))
        & MailToken.kind.is_in(list(kinds))
        & MailToken.used_at.is_null()
        & (MailToken.expires_at > now)
    )
    if not rows:
        return None
    row = rows[0]
    return Link(kind=LinkKind(row["kind"]), account_id=row["account"], email=row["email"], address=row["address"])


async def use(token: str, now: datetime, kind: LinkKind) -> bool:
    """Use a token; of any number of attempts at the same time one succeeds."""
    used = (
        await MailToken.update({MailToken.used_at: now})
        .where(
            (MailToken.digest == _digest(token))
            & (MailToken.kind == kind)
            & MailToken.used_at.is_null()
            & (MailToken.expires_at > now)
        )
        .returning(MailToken.id)
    )
    return bool(used)


async def have_agreed(account_id: UUID, address: str, now: datetime) -> bool:
    """Tell whether both mailboxes of a change agreed to the same address in time."""
    rows = await MailToken.select(MailToken.kind).where(
        (MailToken.account == account_id)
        & MailToken.kind.is_in([LinkKind.LEAVE_ADDRESS, LinkKind.TAKE_ADDRESS])
        & (MailToken.address == address)
        & MailToken.used_at.is_not_null()
        & (MailToken.expires_at > now)
    )
    return {row["kind"] for row in rows} == {LinkKind.LEAVE_ADDRESS, LinkKind.TAKE_ADDRESS}


async def void(account_id: UUID) -> None:
    """Let no link of an account work any more."""
    await MailToken.delete().where(MailToken.account == account_id)


async def end_due(now: datetime) -> int:
    """Delete the links whose term is over."""
    gone = await MailToken.delete().where(MailToken.expires_at <= now).returning(MailToken.id)
    return len(gone)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
