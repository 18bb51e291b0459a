"""Queries on consents and on the security events that an owner sees."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from app.accounts.rules import ConsentKind, EventKind, Happening
from app.accounts.tables import Consent, SecurityEvent

if TYPE_CHECKING:
    from datetime import datetime

SHOWN = 20


async def give_consent(account_id: UUID, kind: ConsentKind, version: str, now: datetime) -> None:
    """Keep a consent, unless there is one."""
    if not await has_consent(account_id, kind):
        await Consent.insert(Consent(id=uuid4(), account=account_id, kind=kind, version=version, given_at=now))


async def withdraw_consent(account_id: UUID, kind: ConsentKind, now: datetime) -> None:
    """End a consent; that it was given stays known."""
    await Consent.update({Consent.withdrawn_at: now}).where(
        (Consent.account == account_id) & (Consent.kind == kind) & Consent.withdrawn_at.is_null()
    )


async def has_consent(account_id: UUID, kind: ConsentKind) -> bool:
    """Tell whether a consent is given and not withdrawn."""
    held = (Consent.account == account_id) & (Consent.kind == kind) & Consent.withdrawn_at.is_null()
    return bool(await Consent.exists().where(held))


async def add_event(account_id: UUID, kind: EventKind, device: str, *, now: datetime, until: datetime) -> None:
    """Keep what happened."""
    await SecurityEvent.insert(
        SecurityEvent(id=uuid4(), account=account_id, kind=kind, device=device, created_at=now, expires_at=until)
    )


async def events_of(account_id: UUID, now: datetime) -> list[Happening]:
    """List what happened last to an account."""
    rows = (
        await SecurityEvent.select()
        .where((SecurityEvent.account == account_id) & (SecurityEvent.expires_at > now))
        .order_by(SecurityEvent.created_at, ascending=False)
        .limit(SHOWN)
    )
    return [Happening(EventKind(row["kind"]), row["device"], row["created_at"]) for row in rows]


async def end_due(now: datetime) -> int:
    """Delete the events whose term is over."""
    gone = await SecurityEvent.delete().where(SecurityEvent.expires_at <= now).returning(SecurityEvent.id)
    return len(gone)
