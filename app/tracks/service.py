"""An owner's tracks."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from app.kernel.errors import Invalid, NotFound
from app.tracks import store
from app.tracks.rules import Track, display_name, track_name

if TYPE_CHECKING:
    from datetime import datetime

    from app.kernel.clock import Clock


class Tracks:
    """Finds, makes and ends tracks."""

    def __init__(self, clock: Clock) -> None:
        """Keep the clock."""
        self._clock = clock

    async def of(self, account_id: UUID) -> list[Track]:
        """Return an owner's tracks, the newest first."""
        return await store.all_of(account_id, self._clock())

    async def existing(self, track_id: UUID, account_id: UUID) -> Track:
        """Return one track of this owner.

        Raises
        ------
        NotFound
            When it is not there, or another's.

        """
        track = await store.one(track_id, account_id, self._clock())
        if track is None:
            raise NotFound
        return track

    async def for_upload(
        self, account_id: UUID, *, track_id: UUID | None, wanted_name: str, file_name: str, expires_at: datetime
    ) -> Track:
        """Return the track that a new bounce belongs to, made now where it is new."""
        if track_id is not None:
            track = await self.existing(track_id, account_id)
            await store.extend(track.id, expires_at)
            return track
        track = Track(
            id=uuid4(),
            name=track_name(wanted_name, file_name),
            created_at=self._clock(),
            expires_at=expires_at,
        )
        await store.insert(track, account_id)
        return track

    async def rename(self, track_id: UUID, account_id: UUID, wanted_name: str) -> None:
        """Give a track of this owner another name; what it was called is not kept.

        Raises
        ------
        Invalid
            When there is no name in what was sent.
        NotFound
            When the track is not there, or another's.

        """
        track = await self.existing(track_id, account_id)
        if not wanted_name.strip():
            raise Invalid("A track needs a name.", way_out="Write one, and keep it again.", code="track_name")
        await store.rename(track.id, account_id, display_name(wanted_name))

    async def end(self, track_id: UUID) -> None:
        """Delete a track that has nothing left."""
        await store.delete([track_id])

    async def end_due(self) -> int:
        """Delete the tracks whose term is over; tell how many."""
        due = await store.due(self._clock())
        await store.delete(due)
        return len(due)
