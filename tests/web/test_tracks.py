"""The page of tracks: what a track is called is its owner's to correct."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.tracks.tables import Track
from tests.making.people import member

if TYPE_CHECKING:
    from tests.services.site import Site


async def test_a_track_is_renamed_by_its_owner_only(live_site: Site) -> None:
    """Another account meets a 404, an empty name a sentence, and the owner the new name without its controls."""
    async with member(live_site) as owner, member(live_site, "bob") as other:
        assert (await owner.declare("Nihgt Bus.wav", 1000)).status_code == 201
        (row,) = await Track.select(Track.id, Track.name)
        address = f"/tracks/{row['id']}/name"
        for person, name, status in ((other, "Mine", 404), (owner, "  ", 422), (owner, "Night\x07 Bus", 303)):
            answer = await person.client.post(address, data={"_csrf": person.token, "name": name})
            assert answer.status_code == status, answer.text
        assert await Track.select(Track.name).output(as_list=True) == ["Night Bus"]
