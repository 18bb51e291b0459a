"""What is due is deleted: rows, files, and what nobody knows of."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from app.accounts.tables import Session
from app.analyses.tables import Analysis, Report, Upload
from app.tracks.tables import Track
from tests.making.audio import wav
from tests.making.people import analysis_of, member
from tests.making.traces import services_after, states, uploads_in, used_by
from tests.services.site import running_worker

if TYPE_CHECKING:
    from tests.services.site import Site

NOTHING = {
    "files_past_deadline": 0,
    "files_half_deleted": 0,
    "files_without_row": 0,
    "analyses": 0,
    "tracks": 0,
    "sessions": 0,
}


async def sweep_after(site: Site, span: timedelta) -> dict[str, int]:
    """Sweep as if so much time had gone by; return what was deleted of uploads, results and sessions."""
    from dataclasses import asdict

    async with services_after(site.settings, span) as later:
        swept = asdict(await later.sweeper.sweep())
    return {name: swept[name] for name in NOTHING}


async def test_nothing_is_swept_before_its_time(live_site: Site) -> None:
    """What arrives, waits or is done within its term stays."""
    async with member(live_site) as person:
        await person.declare("one.wav", 1000)
        await person.upload("two.wav", wav(1.0))
        assert await sweep_after(live_site, timedelta(hours=1, minutes=59)) == NOTHING
        assert await states() == ["receiving", "queued"]


async def test_an_upload_that_never_came_whole_goes_after_two_hours(live_site: Site) -> None:
    """It is cancelled, given back, and its file removed."""
    async with member(live_site) as person:
        await person.declare("one.wav", 1000)
        swept = await sweep_after(live_site, timedelta(hours=2, minutes=1))
        assert swept == NOTHING | {"files_past_deadline": 1}
        assert await states() == ["cancelled"]
        assert await used_by(person.email) == 0


async def test_a_queued_file_goes_at_its_deadline_with_a_sentence(live_site: Site) -> None:
    """A mix that nobody measured for a day fails, is given back and leaves the disk."""
    async with member(live_site) as person:
        analysis_id = await person.upload("mix.wav", wav(1.0))
        swept = await sweep_after(live_site, timedelta(hours=24, minutes=1))
        assert swept == NOTHING | {"files_past_deadline": 1}
        assert uploads_in(live_site.settings) == []
        assert await used_by(person.email) == 0
        card = await person.card(analysis_id)
        assert "The file was kept for as long as it may be" in card
        assert "Try again" not in card


async def test_a_file_that_no_row_knows_goes_after_an_hour(live_site: Site) -> None:
    """An orphan of more than an hour is removed, a younger one and a known one are left."""
    async with member(live_site) as person:
        await person.upload("mix.wav", wav(1.0))
        known = next(path for path in uploads_in(live_site.settings) if path.is_file())
        hour_ago = (datetime.now(UTC) - timedelta(minutes=61)).timestamp()
        for is_old in (True, False):
            folder = live_site.settings.uploads_dir / str(uuid4())
            folder.mkdir()
            (folder / "blob").write_bytes(b"orphan")
            if is_old:
                os.utime(folder, (hour_ago, hour_ago))
        os.utime(known.parent, (hour_ago, hour_ago))
        assert await sweep_after(live_site, timedelta(0)) == NOTHING | {"files_without_row": 1}
        assert len([path for path in uploads_in(live_site.settings) if path.is_file()]) == 2
        assert known.exists()


async def test_what_a_dead_process_left_half_deleted_is_finished(live_site: Site) -> None:
    """A row that says deleting loses its bytes at the next sweep, whoever wrote it."""
    async with member(live_site) as person:
        analysis_id = await person.upload("mix.wav", wav(1.0))
        await Upload.update({Upload.state: "deleting"}).where(Upload.analysis == analysis_id)
        assert await sweep_after(live_site, timedelta(0)) == NOTHING | {"files_half_deleted": 1}
        assert uploads_in(live_site.settings) == []
        (row,) = await Upload.select().where(Upload.analysis == analysis_id)
        assert row["state"] == "deleted"
        assert row["deleted_at"] is not None


async def test_results_go_with_their_thirty_days(live_site: Site) -> None:
    """Analysis, report, upload's row, track and session: nothing of them is left after their term."""
    async with member(live_site) as person:
        analysis_id = await person.upload("mix.wav", wav(2.0))
        async with running_worker(live_site.settings):
            await person.until(analysis_id, "done")
        (row,) = await Report.select().where(Report.analysis == analysis_id)
        (analysis,) = await Analysis.select().where(Analysis.id == analysis_id)
        assert row["expires_at"] == analysis["expires_at"] == analysis["created_at"] + timedelta(days=30)
        before = await sweep_after(live_site, timedelta(days=29, hours=23))
        assert (before["analyses"], before["tracks"]) == (0, 0)
        swept = await sweep_after(live_site, timedelta(days=30, minutes=5))
        assert swept["analyses"] == 1
        for table in (Analysis, Report, Upload, Track, Session):
            assert await table.count() == 0, table
        assert await sweep_after(live_site, timedelta(days=31)) == NOTHING


async def test_a_newer_mix_keeps_its_track(live_site: Site) -> None:
    """A track lives as long as its newest analysis."""
    async with member(live_site) as person:
        first = analysis_of(await person.declare("mix.wav", 1000))
        (row,) = await Analysis.select().where(Analysis.id == first)
        second = analysis_of(await person.declare("mix two.wav", 1000, track=str(row["track"])))
        await Analysis.update({Analysis.expires_at: datetime.now(UTC) - timedelta(days=1)}).where(Analysis.id == first)
        swept = await sweep_after(live_site, timedelta(0))
        assert (swept["analyses"], swept["tracks"]) == (1, 0)
        assert [row["id"] for row in await Analysis.select(Analysis.id)] == [second]
        assert await Track.count() == 1
        await sweep_after(live_site, timedelta(days=30, minutes=5))
        assert await Track.count() == 0


async def test_deleting_an_analysis_takes_everything_of_it(live_site: Site) -> None:
    """The owner's button removes bytes and rows at once."""
    async with member(live_site) as person:
        analysis_id = await person.upload("mix.wav", wav(1.0))
        answer = await person.client.post(f"/analyses/{analysis_id}/delete", headers=person.headers)
        assert (answer.status_code, answer.text) == (200, "")
        assert uploads_in(live_site.settings) == []
        assert await Analysis.count() == 0
        assert await Upload.count() == 0
        assert await used_by(person.email) == 0
