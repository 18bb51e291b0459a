"""Live sets through the whole path: with their bounce, alone, added to a report, and refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.making.audio import wav
from tests.making.files import no_live_set
from tests.making.people import analysis_of, member
from tests.making.policy import with_analyses
from tests.making.sets import small_set
from tests.making.traces import analysis_row, reports, states, uploads_in, used_by
from tests.services.waiting import eventually

if TYPE_CHECKING:
    import subprocess
    from uuid import UUID

    from app.settings import Settings
    from tests.making.people import Person
    from tests.services.site import Site


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Let one account upload all of it."""
    return with_analyses(settings)


async def sent_together(person: Person, project: bytes) -> UUID:
    """Send a mix and then its set; return their analysis."""
    content = wav(2.0)
    declared = await person.declare("mix.wav", len(content), set_name="mix.als", set_bytes=str(len(project)))
    analysis_id = analysis_of(declared)
    assert (await person.put(analysis_id, content)).status_code == 200
    assert await person.state(analysis_id) == "receiving"
    assert (await person.put(analysis_id, project, kind="live_set")).status_code == 200
    return analysis_id


async def test_a_mix_with_its_set_is_one_report_and_both_files_go(
    live_site: Site, worker: subprocess.Popen[bytes]
) -> None:
    """The set stands in the report beside what was measured, and one analysis is counted."""
    async with member(live_site) as person:
        analysis_id = await sent_together(person, small_set("Sub Bass", 132.5))
        assert "Live set" in await person.until(analysis_id, "running")
        await person.until(analysis_id, "done")
        document = await person.report(analysis_id)
        assert document["file"]["name"] == "mix.wav"
        assert document["loudness"]["integrated_lufs"] is not None
        assert document["live_set"]["tempo_bpm"] == 132.5
        assert document["live_set"]["tracks"][0]["name"] == "Sub Bass"
        assert "live_set" not in [note["path"] for note in document["notes"]]
        await eventually(lambda: not uploads_in(live_site.settings))
        assert await used_by(person.email) == 1


async def test_a_set_alone_is_a_report_of_its_own(live_site: Site, worker: subprocess.Popen[bytes]) -> None:
    """What only sound could tell is null with its reason; the file is gone and one analysis is counted."""
    async with member(live_site) as person:
        analysis_id = await person.add_set(small_set())
        await person.until(analysis_id, "done")
        document = await person.report(analysis_id)
        assert (document["file"]["name"], document["file"]["format"]) == ("mix.als", "als")
        assert len(document["file"]["sha256"]) == 64
        assert document["loudness"] is None
        assert "no_bounce" in {note["code"] for note in document["notes"] if note["path"] == "loudness"}
        assert document["live_set"]["locators"] == [{"beat": 16.0, "time_s": 7.5, "name": "Drop"}]
        page = await person.client.get(f"/analyses/{analysis_id}")
        assert page.status_code == 200
        await eventually(lambda: not uploads_in(live_site.settings))
        assert await used_by(person.email) == 1
        assert (await person.client.get("/tracks")).status_code == 200


async def test_a_set_is_added_to_a_report_later(live_site: Site, worker: subprocess.Popen[bytes]) -> None:
    """It counts as an analysis, takes the place of an older set, and goes with the report."""
    async with member(live_site) as person:
        report = await person.upload("mix.wav", wav(2.0))
        await person.until(report, "done")
        first = await person.add_set(small_set("First"), report=report)
        assert "for mix v1" in await person.until(first, "done")
        second = await person.add_set(small_set("Second"), report=report)
        await person.until(second, "done")
        document = await person.report(report)
        assert document["file"]["name"] == "mix.wav"
        assert document["live_set"]["tracks"][0]["name"] == "Second"
        followed = await person.client.get(f"/analyses/{second}")
        assert (followed.status_code, followed.headers["location"]) == (303, f"/analyses/{report}#set")
        assert await used_by(person.email) == 3
        row, of_report = await analysis_row(second), await analysis_row(report)
        assert (row["track"], row["version"], row["expires_at"]) == (
            of_report["track"],
            of_report["version"],
            of_report["expires_at"],
        )
        deleted = await person.client.post(f"/analyses/{report}/delete", headers=person.headers)
        assert deleted.status_code == 200
        assert await states() == []
        assert await reports() == []


async def test_a_refused_set_does_not_cost_its_mix_the_report(live_site: Site, worker: subprocess.Popen[bytes]) -> None:
    """The mix is measured, a note says why the set is missing, and both files are gone."""
    async with member(live_site) as person:
        analysis_id = await sent_together(person, no_live_set())
        await person.until(analysis_id, "done")
        document = await person.report(analysis_id)
        assert document["live_set"] is None
        (note,) = (note for note in document["notes"] if note["path"] == "live_set")
        assert note["code"] == "not_a_live_set"
        assert "no Ableton Live set" in note["reason"]
        page = await person.client.get(f"/analyses/{analysis_id}")
        assert "no Ableton Live set" in page.text
        await eventually(lambda: not uploads_in(live_site.settings))


async def test_a_refused_set_alone_has_failed_for_good(live_site: Site, worker: subprocess.Popen[bytes]) -> None:
    """Its reason stands on the card, the file is gone, nothing is counted, and a report it was for stays whole."""
    async with member(live_site) as person:
        report = await person.upload("mix.wav", wav(2.0))
        await person.until(report, "done")
        for for_report in (None, report):
            analysis_id = await person.add_set(no_live_set(), report=for_report)
            card = await person.until(analysis_id, "failed")
            row = await analysis_row(analysis_id)
            assert (row["failure_code"], row["is_permanent"], row["attempts"]) == ("not_a_live_set", True, 1)
            assert "no Ableton Live set" in card
            assert "Try again" not in card
        assert (await person.report(report))["live_set"] is None
        await eventually(lambda: not uploads_in(live_site.settings))
        assert await used_by(person.email) == 1


async def test_a_set_is_added_only_to_the_report_of_a_mix_of_ones_own(
    live_site: Site, worker: subprocess.Popen[bytes]
) -> None:
    """Another's report is not there, one that is not ready takes none, and a mix cannot be added at all."""
    fields = {"set_name": "mix.als", "set_bytes": "10"}
    async with member(live_site) as person, member(live_site, "eve") as other:
        report = await person.upload("mix.wav", wav(2.0))
        await person.until(report, "done")
        foreign = await other.declare("", 0, **fields, report=str(report))
        assert foreign.status_code == 404
        alone = await person.add_set(small_set())
        await person.until(alone, "done")
        not_a_mix = await person.declare("", 0, **fields, report=str(alone))
        assert not_a_mix.status_code == 409
        a_mix = await person.declare("mix.wav", 10, report=str(report))
        assert a_mix.status_code == 422
        nonsense = await person.declare("", 0, **fields, report="x")
        assert nonsense.status_code == 422
        assert await used_by(person.email) == 2
        assert await used_by(other.email) == 0
