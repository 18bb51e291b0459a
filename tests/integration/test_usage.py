"""The month's analyses: never oversold, given back once, counted by one statement."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

from app.analyses.rules import FileKind
from app.kernel.errors import LimitReached
from tests.making.audio import wav
from tests.making.people import analysis_of, form_body, member
from tests.making.policy import with_analyses, with_policy
from tests.making.raw import connected
from tests.making.traces import states, uploads_in, used_by
from tests.prove.life import declare, make_account
from tests.services.site import running_site
from tests.services.waiting import eventually

if TYPE_CHECKING:
    from app.settings import Settings
    from tests.services.site import Site

AT_ONCE = 16


async def test_sixteen_at_once_with_one_left_get_one(live_site: Site) -> None:
    """Declarations in the same moment share what is left and no more."""
    limit = live_site.settings.policy.plans["free"].analyses
    async with member(live_site) as person:
        for _ in range(limit - 1):
            assert (await person.declare("mix.wav", 1000)).status_code == 201
        answers = await asyncio.gather(*(person.declare("mix.wav", 1000) for _ in range(AT_ONCE)))
        assert Counter(answer.status_code for answer in answers) == {201: 1, 429: AT_ONCE - 1}
        assert await states() == ["receiving"] * limit
        assert await used_by(person.email) == limit


async def test_sixteen_forms_at_once_with_one_left_get_one(live_site: Site) -> None:
    """The same holds for whole forms with their files."""
    limit = live_site.settings.policy.plans["free"].analyses
    async with member(live_site) as person:
        for _ in range(limit - 1):
            await person.declare("mix.wav", 1000)
        body, kind = form_body({"_csrf": person.token}, [("bounce", "mix.wav", wav(1.0))])
        answers = await asyncio.gather(*(person.send_form(body, kind) for _ in range(AT_ONCE)))
        assert Counter(answer.status_code for answer in answers) == {303: 1, 429: AT_ONCE - 1}
        assert Counter(await states()) == {"receiving": limit - 1, "queued": 1}
        assert len([path for path in uploads_in(live_site.settings) if path.is_file()]) == 1


async def test_one_declaration_sent_sixteen_times_takes_one(live_site: Site) -> None:
    """The same key in the same moment is one analysis and one charge."""
    async with member(live_site) as person:
        answers = await asyncio.gather(*(person.declare("mix.wav", 1, idempotency_key="k") for _ in range(AT_ONCE)))
        assert {answer.status_code for answer in answers} <= {201, 409}
        assert 201 in {answer.status_code for answer in answers}
        assert await states() == ["receiving"]
        assert await used_by(person.email) == 1


async def test_cancelling_sixteen_times_gives_back_once(live_site: Site) -> None:
    """What was taken is given back, and only once, however often it is asked."""
    async with member(live_site) as person:
        kept = analysis_of(await person.declare("kept.wav", 1000))
        gone = analysis_of(await person.declare("gone.wav", 1000))
        path = f"/analyses/{gone}/cancel"
        answers = await asyncio.gather(
            *(person.client.post(path, headers=person.headers) for _ in range(AT_ONCE)),
        )
        assert Counter(answer.status_code for answer in answers) == {200: 1, 409: AT_ONCE - 1}
        assert await used_by(person.email) == 1
        await person.client.post(f"/analyses/{gone}/delete", headers=person.headers)
        assert await used_by(person.email) == 1
        await person.client.post(f"/analyses/{kept}/delete", headers=person.headers)
        assert await used_by(person.email) == 0


async def test_the_page_tells_what_is_left(live_site: Site) -> None:
    """The count on the page follows each declaration and each cancellation."""
    async with member(live_site) as person:
        assert "3 of 3 analyses left until 1 " in (await person.client.get("/tracks")).text
        analysis_id = analysis_of(await person.declare("mix.wav", 1000))
        assert "2 of 3 analyses left" in (await person.client.get("/tracks")).text
        await person.client.post(f"/analyses/{analysis_id}/cancel", headers=person.headers)
        assert "3 of 3 analyses left" in (await person.client.get("/tracks")).text


async def test_a_full_disk_takes_no_upload_and_no_charge(settings: Settings) -> None:
    """Below the reserve of free space a declaration is refused for a while."""
    from app.asgi import create_app

    full = with_policy(settings, uploads={"min_free_disk_percent": 101})
    async with running_site(create_app(full), full) as site, member(site) as person:
        answer = await person.declare("mix.wav", 1000)
        assert answer.status_code == 503
        assert "There is no room for uploads at the moment." in answer.text
        assert int(answer.headers["Retry-After"]) > 0
        assert await states() == []
        assert await used_by(person.email) == 0


async def test_an_account_sends_so_many_files_at_once_at_most(settings: Settings) -> None:
    """A third body beside two that are on their way is refused, and can be sent when one has ended."""
    from app.asgi import create_app

    content = wav(2.0)
    two_at_once = with_analyses(with_policy(settings, uploads={"parallel_per_account": 2}))
    async with running_site(create_app(two_at_once), two_at_once) as site, member(site) as person:
        declared = [analysis_of(await person.declare(f"{number}.wav", len(content))) for number in range(3)]
        headers = {**person.headers, "Cookie": person.cookie, "Content-Length": str(len(content))}
        async with connected(site) as one, connected(site) as two:
            for connection, analysis_id in zip((one, two), declared, strict=False):
                await connection.head("PUT", f"/analyses/{analysis_id}/files/bounce", headers)
                await connection.send(content[:10_000])
            await eventually(lambda: len([path for path in uploads_in(settings) if path.is_file()]) == 2)
            refused = await person.put(declared[-1], content)
            assert refused.status_code == 429
            await one.send(content[10_000:])
            assert (await one.answer()).status == 200
            assert (await person.put(declared[-1], content)).status_code == 200


async def test_files_that_come_together_are_counted_together(settings: Settings) -> None:
    """None slips past while another is being looked at."""
    from app.bootstrap import build

    services = build(with_analyses(settings))
    async with services.open():
        account_id = await make_account("ada@example.com")
        most = settings.policy.uploads.parallel_per_account
        analyses = [await declare(services, account_id, 1000) for _ in range(most + 1)]
        checks = (services.receiving.check(analysis, FileKind.BOUNCE, 1000) for analysis in analyses)
        answers = await asyncio.gather(*checks, return_exceptions=True)
    assert [type(answer) for answer in answers].count(LimitReached) == 1
