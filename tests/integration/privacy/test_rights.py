"""Seeing, deleting, taking along, objecting, ending: each has its effect, and for its owner only."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import msgspec

from app.accounts.tables import Account, Consent, Outbox, Session
from app.analyses.tables import Analysis, Receipt, Upload
from app.kernel.clock import utc_now
from app.privacy.copying import exported, schema
from app.privacy.holdings import rows_of
from app.privacy.tables import Export, Objection
from app.registry import PERSONAL_DATA
from tests.making.audio import wav
from tests.making.people import PASSWORD, analysis_of, member, visitor
from tests.making.traces import account_id_of, services_after, uploads_in
from tests.services.site import running_worker
from tests.services.waiting import eventually

if TYPE_CHECKING:
    from app.accounts.office import Office
    from app.privacy.rights import Rights
    from tests.making.people import Person
    from tests.services.site import Site


def rights_of(site: Site) -> Rights:
    """Return the parts of a running site that serve a person's rights."""
    found: Rights = site.app.dependencies["rights"].dependency()  # type: ignore[union-attr]
    return found


def office_of(site: Site) -> Office:
    """Return the part of a running site by which its operator acts."""
    found: Office = site.app.dependencies["office"].dependency()  # type: ignore[union-attr]
    return found


async def held_by(account_id: UUID) -> dict[str, int]:
    """Count what is held of an account, table by table."""
    found = {entry.name: len(await rows_of(entry, account_id, utc_now())) for entry in PERSONAL_DATA}
    return {name: count for name, count in found.items() if count}


async def exported_by(person: Person) -> zipfile.ZipFile:
    """Order an export, let it be made, and fetch it."""
    ordered = await person.client.post("/data/export", data={"_csrf": person.token})
    assert ordered.status_code == 303, ordered.text
    assert await rights_of(person.site).exports.make_due() == 1
    (row,) = await Export.select(Export.id).where(Export.account.email == person.email)
    answer = await person.client.post(f"/data/export/{row['id']}", data={"_csrf": person.token})
    assert answer.status_code == 200, answer.text
    return zipfile.ZipFile(io.BytesIO(answer.content))


async def test_the_page_lists_everything_that_is_held(live_site: Site) -> None:
    """Every table with something of the person is a line, with its count and its end."""
    async with member(live_site) as person:
        await person.upload("Night Bus.wav", wav(1.0))
        page = (await person.client.get("/data")).text
        held = await held_by(await account_id_of(person.email))
        assert {"account", "session", "track", "analysis", "upload", "usage"} <= set(held)
        for name in held:
            assert f'id="held-{name}"' in page
            assert (await person.client.get(f"/data/held/{name}")).status_code == 200
        assert "in 23 h 59 min of 24 h" in page
        assert "in 29 d 23 h of 30 d" in page
        assert "Night Bus.wav" in (await person.client.get("/data/held/upload")).text
        assert "argon2" not in (await person.client.get("/data/held/account")).text


async def test_one_thing_and_all_of_a_kind_are_deleted(live_site: Site) -> None:
    """A row's button deletes it with its file, a kind's button the kind; what is none of results stays."""
    async with member(live_site) as person, member(live_site, "bob") as bob:
        first, second = await person.upload("one.wav", wav(1.0)), await person.upload("two.wav", wav(1.0))
        theirs = await bob.upload("bob.wav", wav(1.0))
        answer = await person.client.post(f"/data/held/analysis/{first}/delete", data={"_csrf": person.token})
        assert answer.headers["location"] == "/data/held/analysis"
        assert [row["id"] for row in await Analysis.select().where(Analysis.id.is_in([first, second]))] == [second]
        stolen = await person.client.post(f"/data/held/analysis/{theirs}/delete", data={"_csrf": person.token})
        assert stolen.status_code == 404
        assert (await person.client.post("/data/held/account/delete", data={"_csrf": person.token})).status_code == 404
        await person.client.post("/data/held/track/delete", data={"_csrf": person.token})
        assert [row["id"] for row in await Analysis.select(Analysis.id)] == [theirs]
        assert len([path for path in uploads_in(live_site.settings) if path.is_file()]) == 1


async def test_all_results_go_and_the_account_stays(live_site: Site) -> None:
    """The button takes tracks, analyses, receipts and files, nothing else."""
    async with member(live_site) as person:
        await person.upload("one.wav", wav(1.0))
        answer = await person.client.post("/data/results/delete", data={"_csrf": person.token})
        assert answer.headers["location"] == "/data?done=results"
        assert uploads_in(live_site.settings) == []
        assert {"track", "analysis", "upload", "receipt"}.isdisjoint(await held_by(await account_id_of(person.email)))
        assert (await person.client.get("/data")).status_code == 200


async def test_a_deletion_leaves_its_owner_a_receipt(live_site: Site) -> None:
    """Hash, received, analysed, deleted, seconds kept: shown, downloadable, and gone after its own term."""
    async with member(live_site) as person, member(live_site, "bob") as bob:
        analysis_id = await person.upload("Night Bus.wav", wav(2.0))
        (upload,) = await Upload.select().where(Upload.analysis == analysis_id)
        async with running_worker(live_site.settings):
            await person.until(analysis_id, "done")
        await person.client.post(f"/analyses/{analysis_id}/delete", headers=person.headers)
        (row,) = await Receipt.select()
        assert (row["id"], row["sha256"]) == (upload["id"], upload["sha256"])
        assert row["received_at"] <= row["analysed_at"] <= row["deleted_at"]
        text = (await person.client.get(f"/data/receipts/{row['id']}")).text
        assert upload["sha256"] in text
        assert f"Kept for  {(row['deleted_at'] - row['received_at']).total_seconds():.3f} s" in text
        assert "Night Bus.wav" in (await person.client.get("/data")).text
        assert (await bob.client.get(f"/data/receipts/{row['id']}")).status_code == 404
        async with services_after(live_site.settings, timedelta(days=31)) as later:
            await later.sweeper.sweep()
        assert await Receipt.count() == 0


async def test_a_file_that_never_sent_a_byte_leaves_no_receipt(live_site: Site) -> None:
    """Nothing was kept, so nothing is told."""
    async with member(live_site) as person:
        analysis_id = analysis_of(await person.declare("one.wav", 1000))
        await person.client.post(f"/analyses/{analysis_id}/delete", headers=person.headers)
        assert await Receipt.count() == 0


async def test_an_export_has_everything_and_is_fetched_once(live_site: Site) -> None:
    """Every row of every table, by its schema; the second fetch finds nothing, and no file is left."""
    async with member(live_site) as person, member(live_site, "bob") as bob:
        await person.upload("=1+1.wav", wav(1.0))
        archive = await exported_by(person)
        assert archive.testzip() is None
        account_id = await account_id_of(person.email)
        described = schema(PERSONAL_DATA)["$defs"]
        for entry in PERSONAL_DATA:
            rows = json.loads(archive.read(f"data/{entry.name}.json"))
            assert f"csv/{entry.name}.csv" in archive.namelist()
            assert set(described[f"data/{entry.name}.json"]["items"]["properties"]) == set(exported(entry))
            for row in rows:
                assert set(row) == set(exported(entry))
        assert json.loads(archive.read("data/account.json"))[0]["id"] == str(account_id)
        assert "password_hash" not in archive.read("data/account.json").decode()
        assert "'=1+1.wav" in archive.read("csv/upload.csv").decode()
        assert person.email in archive.read("index.html").decode()
        assert bob.email not in archive.read("data/account.json").decode()

        async def is_gone() -> bool:  # after the last byte was sent
            return bool(await Export.count() == 0)

        await eventually(is_gone)
        assert list(live_site.settings.exports_dir.iterdir()) == []


async def test_an_export_ends_with_its_hour(live_site: Site) -> None:
    """What nobody fetches is gone with its file; another's export is not there."""
    async with member(live_site) as person, member(live_site, "bob") as bob:
        await person.client.post("/data/export", data={"_csrf": person.token})
        await rights_of(live_site).exports.make_due()
        (row,) = await Export.select()
        path = f"/data/export/{row['id']}"
        assert (await bob.client.post(path, data={"_csrf": bob.token})).status_code == 404
        assert "Download the export" in (await person.client.get("/data")).text
        async with services_after(live_site.settings, timedelta(minutes=61)) as later:
            assert (await later.sweeper.sweep()).exports == 1
        assert list(live_site.settings.exports_dir.iterdir()) == []
        assert (await person.client.post(path, data={"_csrf": person.token})).status_code == 404


async def test_an_objection_stops_its_purpose_or_waits_for_a_person(live_site: Site) -> None:
    """The one against AI feedback withdraws the consent; any other is kept, confirmed by mail and listed."""
    async with visitor(live_site) as person:
        link = await person.ask_for_account(allows_ai_feedback="yes")
        await person.client.post(link, data={"password": PASSWORD})
        await person.learn_token()
        form = {"_csrf": person.token, "purpose": "ai_feedback"}
        assert (await person.client.post("/data/objections", data=form)).status_code == 303
        assert await Consent.count().where(Consent.withdrawn_at.is_null()) == 0
        form |= {"purpose": "security", "reason": "I do not want my address in a log."}
        await person.client.post("/data/objections", data=form)
        (waiting,) = await rights_of(live_site).objections.open()
        assert (waiting.purpose, waiting.email) == ("security", person.email)
        assert "waits for a person" in (await person.client.get("/data")).text
        assert await rights_of(live_site).objections.answered(waiting.id)
        assert not await rights_of(live_site).objections.answered(waiting.id)
        assert await rights_of(live_site).objections.open() == []
        sent = [file.read_text() for file in live_site.settings.outbox_dir.glob("*.eml")]
        assert sum("We have your objection" in text for text in sent) == 2
        assert (await person.client.post("/data/objections", data=form | {"purpose": "x"})).status_code == 422
        assert await Objection.count() == 2


async def test_an_account_ends_with_everything_in_it(live_site: Site) -> None:
    """Sessions, rows and files go at once, a last mail is sent, and nobody else loses anything."""
    async with member(live_site) as person, member(live_site, "bob") as bob:
        await person.upload("one.wav", wav(1.0))
        kept = await bob.upload("bob.wav", wav(1.0))
        account_id = await account_id_of(person.email)
        before = await held_by(await account_id_of(bob.email))
        cookie = person.cookie
        unsure = await person.client.post("/data/account/end", data={"_csrf": person.token})
        assert unsure.status_code == 422
        answer = await person.client.post("/data/account/end", data={"_csrf": person.token, "sure": "yes"})
        assert answer.status_code == 200
        assert "Your account is deleted" in answer.text
        assert answer.headers["clear-site-data"] == '"cache", "storage"'
        assert await held_by(account_id) == {}
        assert (await person.client.get("/data", headers={"Cookie": cookie})).status_code == 303
        assert (await person.log_in()).status_code == 422
        assert await held_by(await account_id_of(bob.email)) == before
        assert await bob.state(kept) == "queued"
        assert len([path for path in uploads_in(live_site.settings) if path.is_file()]) == 1
        mails = [
            file.read_text() for file in live_site.settings.outbox_dir.glob("*.eml") if person.email in file.read_text()
        ]
        assert len(mails) == 1
        assert "Your account is deleted" in mails[0]
        assert await Outbox.count() == 0


async def test_the_end_of_an_account_asks_for_the_password(live_site: Site) -> None:
    """A session that is not fresh is sent to the page that asks."""
    async with member(live_site) as person:
        await Session.update({Session.proved_at: utc_now() - timedelta(days=1)}, force=True)
        for path in ("/data/account/end", "/data/export"):
            answer = await person.client.post(path, data={"_csrf": person.token, "sure": "yes"})
            assert answer.headers["location"].startswith("/account/proof?next=")
        assert await Account.count() == 1


async def test_an_erasure_that_was_cut_is_finished_by_the_sweep(live_site: Site) -> None:
    """An account that is marked and not gone goes with the next sweep, and nobody gets in meanwhile."""
    async with member(live_site) as person:
        await person.upload("one.wav", wav(1.0))
        account_id = await account_id_of(person.email)
        await office_of(live_site).close(account_id)
        assert (await person.client.get("/data")).status_code == 303
        assert (await person.log_in()).status_code == 422
        async with services_after(live_site.settings, timedelta(0)) as later:
            assert (await later.sweeper.sweep()).accounts == 1
        assert await held_by(account_id) == {}
        assert uploads_in(live_site.settings) == []


async def test_the_log_of_erasures_names_nobody_and_ends(live_site: Site) -> None:
    """It holds salted hashes, recognises who was erased, and forgets when no backup can know them."""
    async with member(live_site) as person:
        account_id = await account_id_of(person.email)
        await rights_of(live_site).erasing.erase(account_id)
        text = rights_of(live_site).erasures.path.read_text()
        assert str(account_id) not in text
        assert person.email not in text
        assert rights_of(live_site).erasures.among([account_id, uuid4()]) == [account_id]
        assert {*msgspec.json.decode(text)} == {"at", "salt", "digest"}
        async with services_after(live_site.settings, timedelta(days=7)) as later:
            await later.sweeper.sweep()
            assert later.rights.erasures.has(account_id)
        async with services_after(live_site.settings, timedelta(days=8, hours=1)) as later:
            await later.sweeper.sweep()
            assert not later.rights.erasures.has(account_id)


async def test_a_restored_database_forgets_the_erased_again(live_site: Site) -> None:
    """Rows of somebody who was erased, brought back, are erased again without another mail."""
    async with member(live_site) as person:
        account_id = await account_id_of(person.email)
        (row,) = await Account.select().where(Account.id == account_id)
        await rights_of(live_site).erasing.erase(account_id)
        await Account.insert(Account(**row))
        before = len(list(live_site.settings.outbox_dir.glob("*.eml")))
        assert await rights_of(live_site).erasing.replay() == 1
        assert await Account.count() == 0
        assert before == 1
        assert list(live_site.settings.outbox_dir.glob("*.eml")) == []
        assert await Outbox.count() == 0


async def test_news_about_the_policy_stand_on_pages_until_seen(live_site: Site) -> None:
    """Who accepted an older version sees a banner until they press its button."""
    async with member(live_site) as person:
        assert 'id="policy-news"' not in (await person.client.get("/tracks")).text
        await Account.update({Account.policy_version: "2025-01"}).where(Account.email == person.email)
        assert 'id="policy-news"' in (await person.client.get("/tracks")).text
        await person.client.post("/privacy/seen", data={"_csrf": person.token})
        assert 'id="policy-news"' not in (await person.client.get("/tracks")).text


async def test_a_suspended_account_is_out_until_it_is_restored(live_site: Site) -> None:
    """Sessions end, a log-in is refused with a way out, and restoring opens the door again."""
    async with member(live_site) as person:
        account_id = await account_id_of(person.email)
        assert await office_of(live_site).suspend(account_id)
        assert (await person.client.get("/tracks")).status_code == 303
        refused = await person.log_in()
        assert "This account is suspended" in refused.text
        assert await office_of(live_site).restore(account_id)
        assert (await person.log_in()).status_code == 303
