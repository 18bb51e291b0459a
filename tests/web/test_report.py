"""A report judged again: another target, a finding that was meant, and the way back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from app.analyses.tables import Dismissal
from tests.making.people import member
from tests.making.reports import finished
from tests.making.traces import analysis_row, services_after
from tests.unit.advice.documents import with_changes
from tests.unit.views.markup import Markup

if TYPE_CHECKING:
    import httpx

    from tests.making.people import Person
    from tests.services.site import Site

QUIET = with_changes(loudness__integrated_lufs=-16.0)
BALANCE = with_changes(stereo__balance_db=-1.3)
FINDING = "stereo.balance"


async def judge_again(person: Person, analysis_id: UUID, **fields: str) -> httpx.Response:
    """Choose another target as the script does."""
    return await person.client.post(f"/analyses/{analysis_id}/target", data=fields, headers=person.headers)


async def decide(person: Person, analysis_id: UUID, verb: str, finding: str = FINDING) -> httpx.Response:
    """Press "I meant it" or "Undo"."""
    return await person.client.post(f"/analyses/{analysis_id}/findings/{finding}/{verb}", headers=person.headers)


async def stereo_score(person: Person, analysis_id: UUID) -> int:
    """Read a score out of the document."""
    value: int = (await person.report(analysis_id))["scores"]["stereo"]["value"]
    return value


async def test_another_target_judges_what_was_measured_at_once(live_site: Site) -> None:
    """The answer is the whole report as one element, judged anew, and the choice is kept."""
    async with member(live_site) as person:
        analysis_id = await finished(person, QUIET)
        assert (await person.report(analysis_id))["findings"] == []
        answer = await judge_again(person, analysis_id, genre="techno", destination="club", stage="master")
        assert answer.status_code == 200
        (root,) = Markup(answer.text).roots
        assert root.get("id") == "report"
        assert "quieter than the target expects" in answer.text
        document = await person.report(analysis_id)
        assert (document["target"]["name"], document["target"]["stage"]) == ("techno-club", "master")
        assert document["scores"]["loudness"]["value"] < 100
        assert (await analysis_row(analysis_id))["target"] == "techno-club"


async def test_the_form_works_without_scripts(live_site: Site) -> None:
    """A plain form leads back to the page, which shows the choice."""
    async with member(live_site) as person:
        analysis_id = await finished(person, QUIET)
        form = {"_csrf": person.token, "genre": "jazz", "destination": "label", "stage": "premaster"}
        answer = await person.client.post(f"/analyses/{analysis_id}/target", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/analyses/{analysis_id}")
        page = Markup((await person.client.get(f"/analyses/{analysis_id}")).text)
        chosen = [option.get("value") for option in page.all("option") if "selected" in option.attributes]
        assert chosen == ["jazz", "label", "premaster"]


@pytest.mark.parametrize("fields", [{"genre": "polka"}, {"destination": "moon"}, {"stage": "demo"}])
async def test_a_target_that_is_not_offered_changes_nothing(live_site: Site, fields: dict[str, str]) -> None:
    """An unknown choice is an error, not a guess."""
    async with member(live_site) as person:
        analysis_id = await finished(person, QUIET)
        assert (await judge_again(person, analysis_id, **fields)).status_code == 422
        assert (await analysis_row(analysis_id))["target"] == "general-streaming"


async def test_what_is_not_done_is_not_judged(live_site: Site) -> None:
    """An analysis that is still arriving has no report to judge."""
    async with member(live_site) as person:
        declared = await person.declare("mix.wav", 1000)
        analysis_id = UUID(declared.text.split('data-analysis="')[1][:36])
        assert (await judge_again(person, analysis_id, genre="techno")).status_code == 404
        assert (await decide(person, analysis_id, "meant")).status_code == 404


async def test_a_finding_that_was_meant_takes_nothing_and_can_be_undone(live_site: Site) -> None:
    """It stays on the page, struck and open with its way back; the score is as if it were not there."""
    async with member(live_site) as person:
        analysis_id = await finished(person, BALANCE)
        before = await stereo_score(person, analysis_id)
        answer = await decide(person, analysis_id, "meant")
        assert answer.status_code == 200
        card = next(item for item in Markup(answer.text).all("details") if "meant" in item.get("class").split())
        assert "open" in card.attributes
        assert "Undo" in card.text
        assert await stereo_score(person, analysis_id) == 100 > before
        assert (await decide(person, analysis_id, "meant")).status_code == 200
        assert await Dismissal.count() == 1
        assert (await decide(person, analysis_id, "counts")).status_code == 200
        assert await stereo_score(person, analysis_id) == before


async def test_what_was_meant_holds_for_later_versions_of_the_track(live_site: Site) -> None:
    """The next bounce of the track knows it; another track does not; with the track it is gone."""
    async with member(live_site) as person:
        first = await finished(person, BALANCE)
        await decide(person, first, "meant")
        track = str((await analysis_row(first))["track"])
        second = await finished(person, BALANCE, track=track)
        other = await finished(person, BALANCE, name="other.wav")
        assert await stereo_score(person, second) == 100
        assert await stereo_score(person, other) < 100
        for analysis_id in (first, second):
            await person.client.post(f"/analyses/{analysis_id}/delete", headers=person.headers)
        assert await Dismissal.count() == 0


async def test_a_later_version_prolongs_what_was_meant(live_site: Site) -> None:
    """A dismissal goes with the newest analysis of its track, and the sweep takes it then."""
    async with member(live_site) as person:
        first = await finished(person, BALANCE)
        await decide(person, first, "meant")
        track = str((await analysis_row(first))["track"])
        await Dismissal.update({Dismissal.expires_at: Dismissal.created_at}, force=True)
        second = await finished(person, BALANCE, track=track)
        assert await stereo_score(person, second) == 100
        async with services_after(live_site.settings, timedelta(days=31)) as later:
            await later.sweeper.sweep()
        assert await Dismissal.count() == 0


@pytest.mark.parametrize("finding", ["stereo.nothing", "x" * 200, "' OR 1=1 --"])
async def test_only_a_finding_of_the_report_can_be_meant(live_site: Site, finding: str) -> None:
    """Any other name is nothing here, and nothing is kept."""
    async with member(live_site) as person:
        analysis_id = await finished(person, BALANCE)
        assert (await decide(person, analysis_id, "meant", finding)).status_code == 404
        assert (await decide(person, analysis_id, "eaten")).status_code == 404
        assert await Dismissal.count() == 0


async def test_without_scripts_the_button_leads_back_to_its_finding(live_site: Site) -> None:
    """A plain form goes on to the page, at the finding."""
    async with member(live_site) as person:
        analysis_id = await finished(person, BALANCE)
        address = f"/analyses/{analysis_id}/findings/{FINDING}/meant"
        answer = await person.client.post(address, data={"_csrf": person.token})
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/analyses/{analysis_id}#finding-stereo-balance"
        page = Markup((await person.client.get(f"/analyses/{analysis_id}")).text)
        assert any(item.get("id") == "finding-stereo-balance" for item in page.elements)


async def test_another_account_changes_nothing(live_site: Site) -> None:
    """Neither the target nor a finding of somebody else's report."""
    async with member(live_site) as owner, member(live_site, "bob") as other:
        analysis_id = await finished(owner, BALANCE)
        assert (await judge_again(other, analysis_id, genre="techno")).status_code == 404
        assert (await decide(other, analysis_id, "meant")).status_code == 404
        assert await Dismissal.count() == 0
