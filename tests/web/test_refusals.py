"""What cannot be measured is refused with a sentence; nothing of it is kept and nothing counted."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from tests.making.audio import ENCODINGS, encoded, wav
from tests.making.files import FFCONCAT, M4A, TEXT, live_set
from tests.making.people import analysis_of, form_body, member, visitor
from tests.making.policy import with_policy
from tests.making.raw import connected
from tests.making.traces import analysis_row, states, uploads_in, used_by

if TYPE_CHECKING:
    import httpx

    from app.settings import Settings
    from tests.making.people import Person
    from tests.services.site import Site

FLAC = next(encoding for encoding in ENCODINGS if encoding.container == "FLAC")
SENTENCE_LENGTH = 20


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Take files of one MiB at most, so that a large one is quickly sent."""
    return with_policy(settings, uploads={"max_mib": 1})


def says(answer: httpx.Response, *words: str) -> bool:
    """Tell whether an answer is a notice with these words."""
    return 'id="error-notice"' in answer.text and all(word in answer.text for word in words)


async def assert_nothing_is_left(person: Person) -> None:
    """Check the disk, the counter and the queue."""
    assert uploads_in(person.site.settings) == []
    assert await used_by(person.email) == 0
    assert set(await states()) <= {"failed", "cancelled"}


@pytest.mark.parametrize(
    ("name", "content", "status", "words"),
    [
        ("mix.wav", TEXT, 415, "text file"),
        ("mix.wav", FFCONCAT, 415, "text file"),
        ("mix.wav", M4A, 415, "Bounce a WAV"),
        ("mix.wav", encoded(FLAC, 1.0), 415, "Rename it to end in .flac"),
        ("mix.mp3", wav(1.0), 415, "Rename it to end in .wav"),
        ("mix.ogg", b"OggS" + bytes(200), 415, "OGG"),
        ("mix.flac", b"\x00" * 5000, 415, "WAV, AIFF, FLAC, MP3 or OGG"),
        ("mix.wav", live_set(), 415, "not a format that is measured"),
    ],
    ids=["text", "ffconcat", "m4a", "flac-as-wav", "wav-as-mp3", "broken-ogg", "zeros", "set-as-wav"],
)
async def test_content_that_is_not_what_its_name_says_is_refused(
    live_site: Site, name: str, content: bytes, status: int, words: str
) -> None:
    """The first bytes are compared with the name before the rest is kept."""
    async with member(live_site) as person:
        declared = await person.declare(name, len(content))
        answer = await person.put(analysis_of(declared), content)
        assert answer.status_code == status
        assert says(answer, words)
        await assert_nothing_is_left(person)
        card = await person.card(analysis_of(declared))
        assert 'data-state="failed"' in card
        assert "Try again" not in card


@pytest.mark.parametrize(
    ("name", "size_bytes", "status", "words"),
    [
        ("mix.wav", 0, 422, "empty"),
        ("mix.m4a", 5000, 415, "Bounce a WAV from your project instead."),
        ("mix.zip", 5000, 415, "Unpack it"),
        ("mix.exe", 5000, 415, "WAV, AIFF, FLAC, MP3 or OGG"),
        ("mix", 5000, 415, "WAV, AIFF, FLAC, MP3 or OGG"),
        ("mix.als", 5000, 415, "mix.als"),
        ("mix.wav", 1024 * 1024 + 1, 413, "larger than 1 MB"),
        ("mix.wav", 10**15 - 1, 413, "larger than 1 MB"),
    ],
)
async def test_a_declaration_of_what_is_not_taken_is_refused(
    live_site: Site, name: str, size_bytes: int, status: int, words: str
) -> None:
    """Nothing has to be sent to learn that it would be refused."""
    async with member(live_site) as person:
        answer = await person.declare(name, size_bytes)
        assert answer.status_code == status
        assert says(answer, words)
        assert await states() == []
        await assert_nothing_is_left(person)


@pytest.mark.parametrize("size", ["", "-5", "five", "1e6", "9" * 20, "٣"])
async def test_a_declared_size_that_is_no_number_is_refused(live_site: Site, size: str) -> None:
    """The size is digits, and few of them."""
    async with member(live_site) as person:
        answer = await person.declare("mix.wav", 1, bounce_bytes=size)
        assert answer.status_code in {413, 422}
        assert 'id="error-notice"' in answer.text
        assert await states() == []


@pytest.mark.parametrize("choice", [{"genre": "polka"}, {"stage": "demo"}, {"track": "not-an-id"}])
async def test_a_choice_that_is_not_offered_is_refused(live_site: Site, choice: dict[str, str]) -> None:
    """An unknown target, stage or track is an error, not a guess."""
    async with member(live_site) as person:
        answer = await person.declare("mix.wav", 5000, **choice)
        assert answer.status_code == 422
        assert says(answer, "Load the page again")
        assert await states() == []


async def test_a_track_of_nobody_is_not_found(live_site: Site) -> None:
    """A mix cannot be added to a track that is not there, and is not counted."""
    async with member(live_site) as person:
        answer = await person.declare("mix.wav", 5000, track=str(uuid4()))
        assert answer.status_code == 404
        await assert_nothing_is_left(person)


async def test_an_empty_file_is_refused(live_site: Site) -> None:
    """A body without a byte is refused in both ways of sending."""
    async with member(live_site) as person:
        body, kind = form_body({"_csrf": person.token}, [("bounce", "mix.wav", b"")])
        answer = await person.send_form(body, kind)
        assert answer.status_code == 422
        assert "empty" in answer.text
        await assert_nothing_is_left(person)


async def test_a_declaration_of_nothing_is_refused_with_a_sentence(live_site: Site) -> None:
    """Neither a mix nor a set is nothing to measure."""
    async with member(live_site) as person:
        declared = await person.client.post("/analyses", data={"genre": "general"}, headers=person.headers)
        assert declared.status_code == 422
        assert "No file was chosen." in declared.text
        await assert_nothing_is_left(person)


async def test_a_form_without_a_file_is_refused_with_a_sentence(live_site: Site) -> None:
    """Sending the form before choosing a mix says so."""
    async with member(live_site) as person:
        body, kind = form_body({"_csrf": person.token, "track_name": "Night Bus"}, [("bounce", "", b"")])
        answer = await person.send_form(body, kind)
        assert answer.status_code == 422
        assert "No file was chosen." in answer.text
        assert "</html>" in answer.text
        await assert_nothing_is_left(person)


async def test_a_body_of_another_length_than_declared_is_refused(live_site: Site) -> None:
    """What is sent has the size that was checked, not a larger one."""
    async with member(live_site) as person:
        declared = await person.declare("mix.wav", 1000)
        answer = await person.put(analysis_of(declared), wav(1.0))
        assert answer.status_code == 422
        assert says(answer, "1000 were declared")
        assert uploads_in(live_site.settings) == []


async def test_a_declared_length_over_the_cap_is_refused_before_the_body(live_site: Site) -> None:
    """A header that announces too much is answered while nothing of the body has come."""
    async with member(live_site) as person:
        analysis_id = analysis_of(await person.declare("mix.wav", 1000))
        async with connected(live_site) as connection:
            headers = {**person.headers, "Cookie": person.cookie, "Content-Length": str(2 * 1024 * 1024)}
            await connection.head("PUT", f"/analyses/{analysis_id}/files/bounce", headers)
            answer = await connection.answer()
        assert answer.status == 413
        assert "1 MB" in answer.text
        assert uploads_in(live_site.settings) == []


async def test_a_file_over_the_cap_is_cut_while_it_is_read(live_site: Site) -> None:
    """A form whose file grows over the cap is refused in the middle and leaves nothing."""
    async with member(live_site) as person:
        body, kind = form_body({"_csrf": person.token}, [("bounce", "mix.wav", wav(8.0))])
        answer = await person.send_form(body, kind)
        assert answer.status_code == 413
        assert "larger" in answer.text
        await assert_nothing_is_left(person)


@pytest.mark.parametrize("path", ["files", "form"])
@pytest.mark.parametrize("framing", [{}, {"Transfer-Encoding": "chunked"}, {"Content-Length": "0"}])
async def test_an_upload_must_say_its_length(live_site: Site, path: str, framing: dict[str, str]) -> None:
    """Without a length, and as chunks without end, an upload is refused before its first byte."""
    async with member(live_site) as person, connected(live_site) as connection:
        analysis_id = analysis_of(await person.declare("mix.wav", 1000))
        method, address = (
            ("POST", "/analyses/form") if path == "form" else ("PUT", f"/analyses/{analysis_id}/files/bounce")
        )
        kind = {"Content-Type": "multipart/form-data; boundary=x"} if path == "form" else {}
        await connection.head(method, address, {**person.headers, **kind, "Cookie": person.cookie, **framing})
        answer = await connection.answer()
        assert answer.status == (411 if "Content-Length" not in framing else {"form": 400, "files": 422}[path])
        assert len(answer.text) > SENTENCE_LENGTH
        assert uploads_in(live_site.settings) == []


@pytest.mark.parametrize("length", ["-1", "12abc", "1, 2"])
async def test_a_length_that_is_none_is_refused(live_site: Site, length: str) -> None:
    """A malformed length never reaches the disk."""
    async with member(live_site) as person, connected(live_site) as connection:
        analysis_id = analysis_of(await person.declare("mix.wav", 1000))
        headers = {**person.headers, "Cookie": person.cookie, "Content-Length": length}
        await connection.head("PUT", f"/analyses/{analysis_id}/files/bounce", headers)
        assert (await connection.answer()).status in {400, 411}
        assert uploads_in(live_site.settings) == []


async def test_nobody_uploads_without_a_session(live_site: Site) -> None:
    """A stranger is refused on every way in, before the body."""
    async with member(live_site) as person:
        analysis_id = analysis_of(await person.declare("mix.wav", 1000))
    async with visitor(live_site) as stranger:
        declared = await stranger.declare("mix.wav", 1000)
        assert declared.status_code == 401
        assert says(declared, "Log in")
    for method, path in (("PUT", f"/analyses/{analysis_id}/files/bounce"), ("POST", "/analyses/form")):
        async with connected(live_site) as connection:
            await connection.head(method, path, {"Content-Length": "900000", "HX-Request": "true"})
            answer = await connection.answer()
            assert answer.status == 401
            assert "Log in" in answer.text
    assert uploads_in(live_site.settings) == []


@pytest.mark.parametrize("token", ["", "0" * 64, "not ascii: é"])
async def test_nothing_is_taken_without_the_sessions_token(live_site: Site, token: str) -> None:
    """A missing, wrong or odd token is refused before anything is kept."""
    async with member(live_site) as person:
        analysis_id = analysis_of(await person.declare("mix.wav", 1000))
        person.token = token
        headers = {b"HX-Request": b"true", **({b"X-CSRF-Token": token.encode()} if token else {})}
        form = {"bounce_name": "mix.wav", "bounce_bytes": "1000"}
        declared = await person.client.post("/analyses", data=form, headers=headers)
        sent = await person.client.put(f"/analyses/{analysis_id}/files/bounce", content=bytes(1000), headers=headers)
        for answer in (declared, sent):
            assert answer.status_code == 403
            assert says(answer, "Load the page again")
        assert uploads_in(live_site.settings) == []
        assert await states() == ["receiving"]


async def test_the_token_of_another_session_is_refused(live_site: Site) -> None:
    """A token belongs to one session, not to the site."""
    async with member(live_site) as person, member(live_site, "bob") as other:
        person.token = other.token
        assert (await person.declare("mix.wav", 1000)).status_code == 403
        assert await states() == []


FOREIGN: tuple[dict[str, str], ...] = (
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
    {},
)


async def test_a_foreign_page_changes_nothing(live_site: Site) -> None:
    """A request that another site's page sent is refused, log-in and registration included."""
    async with member(live_site) as person:
        del person.client.headers["Origin"]
        form = {"_csrf": person.token, "bounce_name": "mix.wav", "bounce_bytes": "1000"}
        for path in ("/analyses", "/login", "/register", "/logout"):
            for headers in FOREIGN:
                answer = await person.client.post(path, data=form, headers=person.headers | headers)
                assert answer.status_code == 403, (path, headers)
                assert says(answer, "did not come from a page of this site")
        assert await states() == []
        assert (await person.client.get("/tracks")).status_code == 200


async def test_our_own_pages_are_known_by_what_browsers_say(live_site: Site) -> None:
    """A form of ours is taken with its origin, with a hidden one, or with the browser's word alone."""
    async with member(live_site) as person:
        del person.client.headers["Origin"]
        for headers in (
            {"Origin": live_site.url},
            {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
            {"Sec-Fetch-Site": "same-origin"},
        ):
            form = {"bounce_name": "mix.wav", "bounce_bytes": "1000"}
            answer = await person.client.post("/analyses", data=form, headers=person.headers | headers)
            assert answer.status_code == 201, headers


async def test_the_missing_token_is_noticed_before_the_file_is_read(live_site: Site) -> None:
    """A form whose first field is no token is refused while its file has not been sent."""
    for fields in ({}, {"track_name": "Night Bus"}, {"_csrf": "0" * 64}, {"": ""}):
        async with member(live_site) as person, connected(live_site) as connection:
            body, kind = form_body(fields, [("bounce", "mix.wav", bytes(100_000))])
            headers = {"Cookie": person.cookie, "Content-Type": kind, "Content-Length": str(len(body))}
            await connection.head("POST", "/analyses/form", headers)
            await connection.send(body[:600])
            answer = await connection.answer()
            assert answer.status == 403
            assert "Load the page again" in answer.text
            await assert_nothing_is_left(person)


async def test_the_token_after_the_file_is_too_late(live_site: Site) -> None:
    """The token has to be the first field, so that nothing is read on credit."""
    async with member(live_site) as person:
        body, kind = form_body([("track_name", "x"), ("_csrf", person.token)], [("bounce", "mix.wav", wav(1.0))])
        answer = await person.send_form(body, kind)
        assert answer.status_code == 403
        await assert_nothing_is_left(person)


async def test_over_the_months_analyses_nothing_is_stored(live_site: Site) -> None:
    """When the month's analyses are used, a declaration and a form are refused with the day of new ones."""
    limit = live_site.settings.policy.plans["free"].analyses
    async with member(live_site) as person:
        for _ in range(limit):
            assert (await person.declare("mix.wav", 1000)).status_code == 201
        declared = await person.declare("mix.wav", 1000)
        body, kind = form_body({"_csrf": person.token}, [("bounce", "mix.wav", wav(1.0))])
        sent = await person.send_form(body, kind)
        for answer in (declared, sent):
            assert answer.status_code == 429
            assert f"All {limit} analyses of this month are used." in answer.text
            assert "There are new ones on 1 " in answer.text
        assert await states() == ["receiving"] * limit
        assert uploads_in(live_site.settings) == []
        assert await used_by(person.email) == limit


async def test_a_file_is_taken_once(live_site: Site) -> None:
    """A second body for the same file is refused, and the first stays."""
    async with member(live_site) as person:
        analysis_id = await person.upload("mix.wav", wav(1.0))
        answer = await person.put(analysis_id, wav(1.0))
        assert answer.status_code == 409
        assert says(answer, "has come already")
        assert (await analysis_row(analysis_id))["state"] == "queued"
        assert [path.read_bytes() for path in uploads_in(live_site.settings) if path.is_file()] == [wav(1.0)]


async def test_a_declaration_posted_twice_is_one_analysis(live_site: Site) -> None:
    """The same key gives the same card and takes one analysis of the month."""
    async with member(live_site) as person:
        first = await person.declare("mix.wav", 1000, idempotency_key="the-same")
        second = await person.declare("mix.wav", 1000, idempotency_key="the-same")
        assert analysis_of(first) == analysis_of(second)
        assert await states() == ["receiving"]
        assert await used_by(person.email) == 1


@pytest.mark.parametrize("kind", ["set", "midi", "..%2f..%2fetc"])
async def test_a_file_that_was_not_declared_is_not_found(live_site: Site, kind: str) -> None:
    """Only a declared kind of file has a place."""
    async with member(live_site) as person:
        analysis_id = analysis_of(await person.declare("mix.wav", 1000))
        answer = await person.put(analysis_id, bytes(1000), kind=kind)
        assert answer.status_code == 404
        assert uploads_in(live_site.settings) == []


async def test_names_are_shown_and_never_used_as_paths(live_site: Site) -> None:
    """Whatever a file is called, its bytes lie under an identifier that we made."""
    names = [
        "../../etc/passwd.wav",
        "C:\\mixes\\a.wav",
        "a\x00b.wav",
        "x" * 4000 + ".wav",
        "<script>alert(1)</script>.wav",
    ]
    async with member(live_site) as person:
        for name in names[:3]:
            await person.upload(name, wav(1.0))
        for found in uploads_in(live_site.settings):
            relative = found.relative_to(live_site.settings.uploads_dir).parts
            assert len(relative[0]) == 36
            assert relative[1:] in {(), ("blob",)}
    async with member(live_site, "bob") as person:
        for name in names[3:]:
            card = await person.card(await person.upload(name, wav(1.0)))
            assert "<script>" not in card
            assert "x" * 121 not in card
