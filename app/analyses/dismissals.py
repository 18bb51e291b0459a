"""Queries on dismissals: findings that an owner meant, remembered for a track while it lives."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from app.analyses.tables import Dismissal

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


async def of_track(track_id: UUID, now: datetime) -> frozenset[str]:
    """Return the ids of the findings that were meant; the caller has checked whose track it is."""
    rows = await Dismissal.select(Dismissal.finding).where((Dismissal.track == track_id) & (Dismissal.expires_at > now))
    return frozenset(row["finding"] for row in rows)


async def add(track_id: UUID, finding: str, *, now: datetime, expires_at: datetime) -> None:
    """Remember that a finding was meant; twice is once."""
    await Dismissal.insert(
        Dismissal(id=uuid4(), track=track_id, finding=finding, created_at=now, expires_at=expires_at)
    ).on_conflict(target=(Dismissal.track, Dismissal.finding), action="DO NOTHING")


async def remove(track_id: UUID, finding: str) -> None:
    """Let a finding count again."""
    await Dismissal.delete().where((Dismissal.track == track_id) & (Dismissal.finding == finding))


async def extend(track_id: UUID, expires_at: datetime) -> None:
    """Let dismissals live as long as the newest analysis of their track."""
    await Dismissal.update({Dismissal.expires_at: expires_at}).where(
        (Dismissal.track == track_id) & (Dismissal.expires_at < expires_at)
    )


async def delete_due(now: datetime) -> None:
    """Delete what has outlived its term."""
    await Dismissal.delete().where(Dismissal.expires_at <= now)
