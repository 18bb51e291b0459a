"""An upload that ends early leaves no file, no charge and no fault of the server."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from tests.making.audio import wav
from tests.making.people import analysis_of, form_body, member
from tests.making.policy import with_analyses, with_policy
from tests.making.raw import connected
from tests.making.traces import analysis_row, states, uploads_in, used_by
from tests.services.waiting import eventually

if TYPE_CHECKING:
    from app.settings import Settings
    from tests.making.people import Person
    from tests.services.site import Site

CUTS = 20


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Cut a silent body after a second, and let one account begin many uploads."""
    return with_analyses(with_policy(settings, uploads={"idle_seconds": 1}))


def offsets(length: int, count: int = CUTS) -> list[int]:
    """Choose places of a body, its ends among them."""
    chosen = random.Random(20)  # noqa: S311 - places to cut at, no secret
    return [0, 1, length - 1, *sorted(chosen.sample(range(2, length - 1), count - 3))]


async def assert_nothing_counts(person: Person, rows: int | None = None) -> None:
    """Wait until all so many analyses are over, deleted and given back."""

    async def is_over() -> bool:
        found = await states()
        return (rows is None or len(found) >= rows) and set(found) <= {"cancelled", "failed"}

    async def is_clean() -> bool:
        return await is_over() and not uploads_in(person.site.settings) and await used_by(person.email) == 0

    async def shows_nothing_pending() -> bool:
        return await is_clean() and "data-pending" not in (await person.client.get("/tracks")).text

    await eventually(shows_nothing_pending)


async def test_a_put_that_is_cut_leaves_nothing(live_site: Site) -> None:
    """At twenty places of the body, by a plain end or by a reset."""
    content = wav(2.0)
    async with member(live_site) as person:
        for index, offset in enumerate(offsets(len(content))):
            analysis_id = analysis_of(await person.declare("mix.wav", len(content)))
            headers = {**person.headers, "Cookie": person.cookie, "Content-Length": str(len(content))}
            async with connected(live_site) as connection:
                await connection.head("PUT", f"/analyses/{analysis_id}/files/bounce", headers)
                await connection.send(content[:offset])
                if index % 2:
                    connection.reset()
            await eventually(lambda: not uploads_in(live_site.settings))
        await assert_nothing_counts(person)
        assert await states() == ["cancelled"] * CUTS


async def test_a_form_that_is_cut_leaves_nothing(live_site: Site) -> None:
    """At twenty places of a multipart body, its fields and its closing line included."""
    async with member(live_site) as person:
        body, kind = form_body({"_csrf": person.token, "track_name": "x"}, [("bounce", "mix.wav", wav(2.0))])
        headers = {"Cookie": person.cookie, "Content-Type": kind, "Content-Length": str(len(body))}
        places = [30, 150, 300, len(body) - 5, *offsets(len(body), CUTS - 4)]
        for is_reset in (True, False):
            for offset in places[is_reset::2]:
                async with connected(live_site) as connection:
                    await connection.head("POST", "/analyses/form", headers)
                    await connection.send(body[:offset])
                    if is_reset:
                        connection.reset()
        # What ends plainly is read to where it ends; beyond the file's head that is an analysis each.
        begun = sum(offset > body.index(b"RIFF") + 4096 for offset in places[0::2])
        await assert_nothing_counts(person, rows=begun)


async def test_a_body_that_falls_silent_is_cut(live_site: Site) -> None:
    """After the idle time the connection is given up and the analysis is over."""
    async with member(live_site) as person, connected(live_site) as connection:
        analysis_id = analysis_of(await person.declare("mix.wav", 100_000))
        headers = {**person.headers, "Cookie": person.cookie, "Content-Length": "100000"}
        await connection.head("PUT", f"/analyses/{analysis_id}/files/bounce", headers)
        await connection.send(wav(1.0)[:10_000])
        assert (await connection.answer()).status == 499
        await assert_nothing_counts(person)
        assert (await analysis_row(analysis_id))["state"] == "cancelled"


async def test_a_cancelled_upload_ends_while_it_is_sent(live_site: Site) -> None:
    """Cancelling on the card stops the body that is on its way and deletes what came of it."""
    content = wav(6.0)
    async with member(live_site) as person, connected(live_site) as connection:
        analysis_id = analysis_of(await person.declare("mix.wav", len(content)))
        headers = {**person.headers, "Cookie": person.cookie, "Content-Length": str(len(content))}
        await connection.head("PUT", f"/analyses/{analysis_id}/files/bounce", headers)
        await connection.send(content[:300_000])
        await eventually(lambda: any(path.is_file() for path in uploads_in(live_site.settings)))
        cancelled = await person.client.post(f"/analyses/{analysis_id}/cancel", headers=person.headers)
        assert 'data-state="cancelled"' in cancelled.text
        await connection.send(content[300_000:])
        assert (await connection.answer()).status == 409
        await assert_nothing_counts(person)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"--x\r\n"),
        ("multipart/form-data; boundary=", b"--x\r\n"),
        ("multipart/form-data; boundary=x", b"no boundary at all"),
        ("multipart/form-data; boundary=x", b"--x\r\n" + b"A: b\r\n" * 2000 + b"\r\nv\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="_csrf"\r\n\r\nv'),
        ("multipart/form-data; boundary=" + "x" * 3000, b"--x\r\n"),
        ("application/json", b"{}"),
        ("text/plain", b"_csrf=1"),
        ("", b"anything"),
    ],
)
async def test_a_malformed_form_is_refused(live_site: Site, kind: str, body: bytes) -> None:
    """What cannot be read as a form is the sender's fault, with a sentence."""
    async with member(live_site) as person:
        answer = await person.send_form(body, kind)
        assert answer.status_code == 400
        assert "The form could not be read." in answer.text
        await assert_nothing_counts(person)


async def test_a_form_that_breaks_after_its_token_is_refused(live_site: Site) -> None:
    """A body that ends without its closing line, or has too many fields, leaves nothing."""
    async with member(live_site) as person:
        whole, kind = form_body({"_csrf": person.token}, [("bounce", "mix.wav", wav(1.0))])
        many, _ = form_body([("_csrf", person.token), *[(f"f{n}", "v") for n in range(100)]])
        long, _ = form_body([("_csrf", person.token), ("track_name", "x" * 100_000)])
        for body in (whole[:-20], whole[:-4] + b"junk", many, long):
            answer = await person.send_form(body, kind)
            assert answer.status_code == 400
            assert "The form could not be read." in answer.text
        await assert_nothing_counts(person)


async def test_the_form_takes_a_mix_with_its_set(live_site: Site) -> None:
    """A whole form becomes one queued analysis with both files, and the browser goes to its page."""
    from tests.making.files import live_set

    async with member(live_site) as person:
        files = [("bounce", "Night Bus.wav", wav(1.0)), ("live_set", "Night Bus.als", live_set())]
        body, kind = form_body({"_csrf": person.token, "track": "", "track_name": ""}, files)
        answer = await person.send_form(body, kind)
        assert answer.status_code == 303
        page = await person.client.get(answer.headers["location"])
        assert "Night Bus.wav" in page.text
        assert "Night Bus.als" in page.text
        assert await states() == ["queued"]
        assert await used_by(person.email) == 1
        assert len([path for path in uploads_in(live_site.settings) if path.is_file()]) == 2


async def test_a_broken_set_ends_the_whole_form(live_site: Site) -> None:
    """A Live set that is none takes its mix with it, and nothing is counted."""
    async with member(live_site) as person:
        files = [("bounce", "Night Bus.wav", wav(1.0)), ("live_set", "Night Bus.als", b"not a set at all" * 400)]
        body, kind = form_body({"_csrf": person.token}, files)
        answer = await person.send_form(body, kind)
        assert answer.status_code == 415
        assert "Night Bus.als is no Ableton Live set." in answer.text
        await assert_nothing_counts(person)
