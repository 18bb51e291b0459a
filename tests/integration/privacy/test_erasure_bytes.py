"""A whole life, erased: what somebody gave is searched for, byte by byte, in every file and in Redis."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.making.audio import wav
from tests.making.conversations import ask, is_done
from tests.making.people import PASSWORD, Person, analysis_of, visitor
from tests.making.traces import services_after
from tests.services.databases import settled_files
from tests.services.files import files_under
from tests.services.redis import content_of
from tests.services.site import running_worker
from tests.services.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

    from app.settings import Settings
    from tests.services.site import Site

MARK = "quokka7193"
GIVEN = {
    "e-mail": f"{MARK}-mail",
    "display name": f"{MARK}-name",
    "file name": f"{MARK}-file",
    "track name": f"{MARK}-track",
    "samples": f"{MARK}-samples",
    "question": f"{MARK}-question",
    "browser": f"{MARK}-browser",
}
ADDRESS = "198.51.100.193"
TOLD_AT_ONCE = set(GIVEN) - {"samples", "browser"}
"""What is found before: samples are gone with the report, a browser is kept in words only."""


@pytest.fixture
def settings(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Stand behind a proxy, and give temporary files a folder of their own, whose path is short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="ts-") as temporary:
        monkeypatch.setenv("TMPDIR", temporary)
        monkeypatch.setattr(tempfile, "tempdir", None)
        yield replace(settings, trusted_proxies="127.0.0.1")


def marked_wav() -> bytes:
    """Return a sound in whose samples something is written."""
    sound = bytearray(wav(2.0))
    text = GIVEN["samples"].encode() * 20
    sound[2000 : 2000 + len(text)] = text
    return bytes(sound)


@asynccontextmanager
async def somebody(site: Site) -> AsyncIterator[Person]:
    """Lend a person who leaves marks wherever something can be given."""
    async with visitor(site) as person:
        person.email = f"{GIVEN['e-mail']}@example.com"
        person.client.headers.update({"User-Agent": GIVEN["browser"], "X-Forwarded-For": ADDRESS})
        link = await person.ask_for_account(display_name=GIVEN["display name"])
        await person.client.post(link, data={"password": PASSWORD})
        await person.learn_token()
        yield person


async def found_in(settings: Settings, marks: Iterable[str]) -> dict[str, list[str]]:
    """Name the places of each mark: every file of data, temporary files and database, and Redis."""
    folders = (settings.data_dir, Path(tempfile.gettempdir()))
    files = {file for folder in folders for file in files_under(folder)}
    files |= set(await settled_files(settings.database_url))
    contents = [("redis", await asyncio.to_thread(content_of, settings.redis_url))]
    for file in files:
        with suppress(FileNotFoundError):  # a server at work removes files of its own
            contents.append((file.name, file.read_bytes()))
    places = {mark: [name for name, content in contents if mark.encode() in content] for mark in marks}
    return {mark: names for mark, names in places.items() if names}


async def test_an_erased_life_is_in_no_byte(live_site: Site) -> None:
    """Address, names, samples, question: found before, nowhere after, but for the access log's own days."""
    settings = live_site.settings
    async with somebody(live_site) as person:
        async with running_worker(settings):
            form = {"track_name": GIVEN["track name"]}
            sound = marked_wav()
            declared = await person.declare(f"{GIVEN['file name']}.wav", len(sound), **form)
            analysis_id = analysis_of(declared)
            assert (await person.put(analysis_id, sound)).status_code == 200
            await person.until(analysis_id, "done")
            await ask(person, analysis_id, f"Tell me of {GIVEN['question']}.")
            await eventually(lambda: is_done(analysis_id))
            await person.client.post("/data/export", data={"_csrf": person.token})
            await eventually(lambda: any(settings.exports_dir.glob("*.zip")))
        before = await found_in(settings, GIVEN.values())
        assert {GIVEN[name] for name in TOLD_AT_ONCE} <= set(before)
        assert GIVEN["samples"] not in before
        answer = await person.client.post("/data/account/end", data={"_csrf": person.token, "sure": "yes"})
        assert answer.status_code == 200, answer.text
    async with services_after(settings, timedelta(hours=25)) as later:
        await later.mailing.deliver_due()
        await later.sweeper.sweep()
        await later.sweeper.rewrite()
    after = await found_in(settings, [MARK, person.email, ADDRESS])
    logs = [name for names in after.values() for name in names if name.startswith("access-")]
    assert {name for names in after.values() for name in names} == set(logs)
    async with services_after(settings, timedelta(days=15)) as later:
        await later.sweeper.sweep()
    assert await found_in(settings, [MARK, person.email, ADDRESS]) == {}
