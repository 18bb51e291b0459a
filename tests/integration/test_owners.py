"""Two accounts: neither sees, streams, changes nor deletes what is the other's."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from app.analyses.tables import Analysis
from app.kernel.db import transaction
from app.kernel.html.access import Access
from tests.making.audio import wav
from tests.making.people import analysis_of, member, visitor
from tests.making.traces import account_id_of, analysis_row, services_after, uploads_in, used_by
from tests.services.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from litestar import Litestar

    from tests.making.people import Person
    from tests.services.site import Site

CANARY = "Canary Wharf 7f3a"


def routes(app: Litestar) -> Iterator[tuple[str, str, Any]]:
    """Walk over every path and method of the live app with its handler."""
    for route in app.routes:
        for method, handler in getattr(route, "route_handler_map", {}).items():
            yield route.path, str(method), handler[0] if isinstance(handler, tuple) else handler


def owned(app: Litestar, analysis_id: UUID) -> Iterator[tuple[str, str]]:
    """Walk over the methods and addresses that name an analysis."""
    for path, method, handler in routes(app):
        if handler.opt.get("access") is Access.OWNER:
            address = re.sub(r"\{\w+:uuid\}", str(analysis_id), path)
            yield method, address.replace("{kind:str}", "bounce")


async def ask(person: Person, method: str, address: str) -> tuple[int, str]:
    """Send a request in every respect right but for whose thing it names."""
    content = bytes(1000) if method == "PUT" else b""
    answer = await person.client.request(method, address, headers=person.headers, content=content)
    return answer.status_code, answer.text


async def test_every_route_says_who_may_call_it(app: Litestar) -> None:
    """A route has an access class, and one that names a thing is its owner's."""
    found = list(routes(app))
    assert len(found) > 15
    for path, method, handler in found:
        if method == "OPTIONS":
            continue
        assert handler.opt.get("access") in set(Access), (method, path)
        if "uuid}" in path:
            assert handler.opt["access"] is Access.OWNER, (method, path)


async def test_no_route_that_names_an_analysis_answers_another_account(live_site: Site) -> None:
    """Every method and address with an identifier is a 404 to others, in each state, and changes nothing."""
    async with member(live_site) as owner, member(live_site, "bob") as other:
        receiving = analysis_of(await owner.declare(f"{CANARY}.wav", 1000))
        queued = await owner.upload(f"{CANARY}.wav", wav(1.0))
        for analysis_id in (receiving, queued, uuid4()):
            addresses = list(owned(live_site.app, analysis_id))
            assert {method for method, _ in addresses} >= {"GET", "POST", "PUT"}
            for method, address in addresses:
                if method == "OPTIONS":
                    continue
                status, text = await ask(other, method, address)
                assert status == 404, (method, address)
                assert CANARY not in text
                assert owner.email not in text
        assert (await analysis_row(receiving))["state"] == "receiving"
        assert (await analysis_row(queued))["state"] == "queued"
        assert await owner.state(queued) == "queued"
        assert len([path for path in uploads_in(live_site.settings) if path.is_file()]) == 1


async def test_what_is_not_there_and_what_is_anothers_look_the_same(live_site: Site) -> None:
    """The answers differ in nothing, so that nobody can tell which identifiers exist."""
    async with member(live_site) as owner, member(live_site, "bob") as other:
        theirs = await owner.upload("mix.wav", wav(1.0))
        nobodys = uuid4()
        for (method, address), (_, nowhere) in zip(
            owned(live_site.app, theirs), owned(live_site.app, nobodys), strict=True
        ):
            if method == "OPTIONS":
                continue
            assert await ask(other, method, address) == await ask(other, method, nowhere)


async def test_no_stranger_gets_past_the_door(live_site: Site) -> None:
    """Without a session an identifier leads to the log-in page or a refusal."""
    async with member(live_site) as owner, visitor(live_site) as stranger:
        analysis_id = await owner.upload(f"{CANARY}.wav", wav(1.0))
        for method, address in owned(live_site.app, analysis_id):
            if method == "OPTIONS":
                continue
            status, text = await ask(stranger, method, address)
            assert status == 401, (method, address)
            assert CANARY not in text
        page = await stranger.client.get(f"/analyses/{analysis_id}")
        assert page.status_code == 303
        assert page.headers["location"] == f"/login?next=/analyses/{analysis_id}"
        assert (await stranger.client.get("/events")).status_code == 401


async def test_the_stream_of_anothers_analysis_is_not_found(live_site: Site) -> None:
    """Naming an analysis that is not one's own opens no stream."""
    async with member(live_site) as owner, member(live_site, "bob") as other:
        analysis_id = await owner.upload(f"{CANARY}.wav", wav(1.0))
        for wanted in (analysis_id, uuid4()):
            answer = await other.client.get("/events", params={"analysis": str(wanted), "since": "0"})
            assert answer.status_code == 404
            assert CANARY not in answer.text


async def test_a_track_of_another_account_takes_no_mix(live_site: Site) -> None:
    """Declaring a mix for another's track is a 404, counts nothing and leaves the track alone."""
    async with member(live_site) as owner, member(live_site, "bob") as other:
        row = await analysis_row(await owner.upload("mix.wav", wav(1.0)))
        answer = await other.declare("mix.wav", 1000, track=str(row["track"]))
        assert answer.status_code == 404
        assert (await owner.declare("mix.wav", 1000, track=str(row["track"]))).status_code == 201


async def is_waited_for() -> bool:
    """Tell whether another connection waits for a row; on SQLite it waits before it reads anything."""
    if Analysis._meta.db.engine_type == "sqlite":
        return True
    return bool(await Analysis.raw("SELECT 1 FROM pg_locks WHERE NOT granted"))


async def test_a_report_that_goes_in_this_instant_takes_no_set(live_site: Site) -> None:
    """A set that is declared while its report is being deleted is a 404, and nothing is counted for it."""
    async with member(live_site) as owner:
        report = await owner.upload("mix.wav", wav(1.0))
        await Analysis.update({Analysis.state: "done"}).where(Analysis.id == report)
        async with transaction(Analysis._meta.db):
            await Analysis.delete().where(Analysis.id == report)
            adding = asyncio.create_task(owner.declare("", 0, set_name="a.als", set_bytes="9", report=str(report)))
            await eventually(is_waited_for)
        answer = await adding
        assert answer.status_code == 404
        assert "There is nothing at this address" in answer.text
        assert await used_by(owner.email) == 1


async def test_lists_show_ones_own_only(live_site: Site) -> None:
    """The page of tracks holds nothing of another account."""
    async with member(live_site) as owner, member(live_site, "bob") as other:
        await owner.upload(f"{CANARY}.wav", wav(1.0))
        assert CANARY in (await owner.client.get("/tracks")).text
        assert CANARY not in (await other.client.get("/tracks")).text


async def test_a_report_past_its_term_is_gone_before_the_sweep(live_site: Site) -> None:
    """After its thirty days an analysis is a 404 to its owner too, swept or not."""
    async with member(live_site) as owner:
        await owner.upload("mix.wav", wav(1.0))
        account_id = await account_id_of(owner.email)
        async with services_after(live_site.settings, timedelta(days=30, seconds=60)) as later:
            assert await later.analyses.all_of(account_id) == []


async def test_an_options_request_is_no_fault(live_site: Site) -> None:
    """Asking any address for its methods is answered, or refused, but breaks nothing."""
    async with member(live_site) as person:
        for path in {path for path, _, _ in routes(live_site.app)}:
            address = path.replace("{analysis_id:uuid}", str(uuid4())).replace("{kind:str}", "bounce")
            answer = await person.client.options(address.replace("{path:path}", "nowhere"))
            assert answer.status_code < 500, path
