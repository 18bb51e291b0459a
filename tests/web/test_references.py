"""A target of one's own: references are sent, measured, deleted at once, and only figures are kept."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from app.analyses.tables import Analysis, Report
from tests.making.audio import wav
from tests.making.people import form_body, member
from tests.making.reports import finish, finished
from tests.making.traces import analysis_row, services_after, uploads_in, used_by
from tests.services.waiting import eventually
from tests.unit.advice.documents import with_changes
from tests.unit.views.markup import Markup

if TYPE_CHECKING:
    import subprocess

    import httpx

    from tests.making.people import Person
    from tests.services.site import Site

ADDRESS = re.compile(r"/analyses/([0-9a-f-]{36})$")


async def send(person: Person, name: str = "loved.wav", content: bytes | None = None) -> httpx.Response:
    """Send a reference by the form of its page."""
    body, kind = form_body({"_csrf": person.token}, [("bounce", name, wav(4.0) if content is None else content)])
    return await person.client.post("/analyses/references", content=body, headers={"Content-Type": kind})


async def sent(person: Person, name: str = "loved.wav", content: bytes | None = None) -> UUID:
    """Send a reference that is taken; return its analysis."""
    answer = await send(person, name, content)
    assert answer.status_code == 303, answer.text
    found = ADDRESS.search(answer.headers["location"])
    assert found is not None
    return UUID(found[1])


def genres(html: str) -> list[str]:
    """Read what a page offers as a target."""
    return [option.text.strip() for option in Markup(html).all("option")]


async def test_a_reference_is_measured_deleted_and_teaches_a_target(
    live_site: Site, worker: subprocess.Popen[bytes]
) -> None:
    """It counts as no analysis, leaves no file and no report, and can be chosen at once."""
    async with member(live_site) as person:
        analysis_id = await sent(person)
        await person.until(analysis_id, "done")
        assert await used_by(person.email) == 0
        await eventually(lambda: not uploads_in(live_site.settings))
        kept = await person.report(analysis_id)
        assert set(kept) == {"loudness", "spectrum"}
        assert set(kept["loudness"]) == {"integrated_lufs", "psr_min_db"}
        answer = await person.client.get(f"/analyses/{analysis_id}")
        assert (answer.status_code, answer.headers["location"]) == (303, "/references")
        page = (await person.client.get("/references")).text
        assert "loved" in page
        assert "LUFS" in page
        tracks = (await person.client.get("/tracks")).text
        assert "Your reference" in genres(tracks)
        assert "No track yet" in tracks


async def test_a_report_is_judged_against_what_was_learned(live_site: Site) -> None:
    """The corridor and the loudness are those of the references; without them the general target stands in."""
    async with member(live_site) as person:
        loud = with_changes(loudness__integrated_lufs=-6.0)
        for name in ("one.wav", "two.wav"):
            await finish(await sent(person, name=name), loud)
        report_id = await finished(person, with_changes(loudness__integrated_lufs=-9.0))
        form = {"genre": "references", "destination": "club", "stage": "master"}
        answer = await person.client.post(f"/analyses/{report_id}/target", data=form, headers=person.headers)
        assert answer.status_code == 200
        assert "Your 2 references" in genres(answer.text)
        document = await person.report(report_id)
        assert document["target"]["name"] == "references-club"
        assert document["target"]["title"] == "2 references"
        assert [found["id"] for found in document["findings"]] == ["loudness.quiet"]
        assert document["findings"][0]["source"]["title"] == "Your references"
        await Analysis.delete().where(Analysis.purpose == "reference")
        assert (await person.report(report_id))["target"]["name"] == "general-club"


async def test_ten_references_are_the_most(live_site: Site) -> None:
    """The eleventh is refused before it is stored, and removing one makes room."""
    async with member(live_site) as person:
        ids = [await sent(person, name=f"{number}.wav") for number in range(10)]
        refused = await send(person)
        assert refused.status_code == 429
        assert "Remove one of them first" in refused.text
        assert await Analysis.count() == 10
        removed = await person.client.post(f"/references/{ids[0]}/delete", data={"_csrf": person.token})
        assert (removed.status_code, removed.headers["location"]) == (303, "/references")
        assert (await send(person)).status_code == 303


async def test_a_live_set_teaches_nothing(live_site: Site) -> None:
    """A target is learned from sound alone."""
    async with member(live_site) as person:
        body, kind = form_body({"_csrf": person.token}, [("live_set", "set.als", b"\x1f\x8b" + bytes(100))])
        answer = await person.client.post("/analyses/references", content=body, headers={"Content-Type": kind})
        assert answer.status_code == 422
        assert await Analysis.count() == 0


async def test_a_silent_reference_is_refused_with_the_reason(live_site: Site, worker: subprocess.Popen[bytes]) -> None:
    """Nothing can be learned from it, and nothing is kept of it."""
    async with member(live_site) as person:
        frames = wav(4.0)
        silent = frames[:44] + bytes(len(frames) - 44)
        analysis_id = await sent(person, content=silent)
        card = await person.until(analysis_id, "failed")
        assert "Nothing can be learned from it" in card
        assert await Report.count() == 0


async def test_references_go_with_their_term_and_belong_to_their_owner(live_site: Site) -> None:
    """Another account sees none of them and cannot remove one; after thirty days they are gone."""
    async with member(live_site) as owner, member(live_site, "bob") as other:
        reference = await sent(owner)
        await finish(reference, with_changes())
        bounce = await finished(owner, with_changes())
        assert "loved" not in (await other.client.get("/references")).text
        for person, analysis_id in ((other, reference), (owner, bounce)):
            answer = await person.client.post(f"/references/{analysis_id}/delete", headers=person.headers)
            assert answer.status_code == 404
        assert (await analysis_row(reference))["state"] == "done"
        async with services_after(live_site.settings, timedelta(days=31)) as later:
            await later.sweeper.sweep()
        assert await Report.count() == 0
