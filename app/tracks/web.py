"""An owner's tracks over HTTP: a name that is corrected."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Controller, post
from litestar.params import FromPath

from app.accounts.rules import Viewer
from app.kernel.html.access import OWNER
from app.kernel.html.answers import see_other
from app.kernel.html.inject import Part
from app.tracks.service import Tracks


class TrackPages(Controller):
    """Everything under /tracks that changes one."""

    path = "/tracks"

    @post("/{track_id:uuid}/name", opt=OWNER)
    async def rename(
        self, viewer: Part[Viewer], track_id: FromPath[UUID], form: Part[dict[str, str]], tracks: Part[Tracks]
    ) -> Any:
        """Give a track another name; the page of tracks shows it."""
        await tracks.rename(track_id, viewer.account.id, form.get("name", ""))
        return see_other("/tracks")
