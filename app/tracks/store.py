"""Queries on tracks, each through its owner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.tracks.rules import Track
from app.tracks.tables import Track as TrackRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID


async def insert(track: Track, account_id: UUID) -> None:
    """Keep a new track."""
    await TrackRow.insert(
        TrackRow(
            id=track.id,
            account=account_id,
            name=track.name,
            created_at=track.created_at,
            expires_at=track.expires_at,
        )
    )


async def one(track_id: UUID, account_id: UUID, now: datetime) -> Track | None:
    """Return a track of this owner."""
    rows = await TrackRow.select().where(
        (TrackRow.id == track_id) & (TrackRow.account == account_id) & (TrackRow.expires_at > now)
    )
    return _track(rows[0]) if rows else None


async def all_of(account_id: UUID, now: datetime) -> list[Track]:
    """Return an owner's tracks, the newest first."""
    rows = (
        await TrackRow.select()
        .where((TrackRow.account == account_id) & (TrackRow.expires_at > now))
        .order_by(TrackRow.created_at, ascending=False)
    )
    return [_track(row) for row in rows]


async def extend(track_id: UUID, expires_at: datetime) -> None:
    """Let a track live as long as its newest analysis."""
    await TrackRow.update({TrackRow.expires_at: expires_at}).where(
        (TrackRow.id == track_id) & (TrackRow.expires_at < expires_at)
    )


async def rename(track_id: UUID, account_id: UUID, name: str) -> None:
    """Give a track of this owner another name."""
    await TrackRow.update({TrackRow.name: name}).where((TrackRow.id == track_id) & (TrackRow.account == account_id))


async def delete(track_ids: Sequence[UUID]) -> None:
    """Delete tracks for good."""
    if track_ids:
        await TrackRow.delete().where(TrackRow.id.is_in(list(track_ids)))


async def due(now: datetime) -> list[UUID]:
    """Return the tracks whose term is over."""
    rows = await TrackRow.select(TrackRow.id).where(TrackRow.expires_at <= now)
    return [row["id"] for row in rows]


def _track(row: dict[str, Any]) -> Track:
    return Track(id=row["id"], name=row["name"], created_at=row["created_at"], expires_at=row["expires_at"])
