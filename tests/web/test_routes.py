"""A walk over the live route table: who may call what, with which headers, and never a 5xx."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from litestar import get

from app.accounts.tables import Session
from app.kernel import errors
from app.kernel.errors import AppError
from app.kernel.html.access import Access
from tests.making.headers import faults_of
from tests.making.people import analysis_of, form_body, member, visitor
from tests.making.routes import UNSAFE, calls, unclassified

if TYPE_CHECKING:
    import httpx

    from tests.services.site import Site

BODIES: list[tuple[str, bytes]] = [
    ("", b""),
    ("application/x-www-form-urlencoded", b"a=b&a=%ff&=&" + b"x" * 3000),
    ("application/x-www-form-urlencoded", b"&".join(b"f%d=1" % number for number in range(200))),
    ("application/x-www-form-urlencoded", b"email=%00&password=" + b"y" * 5000),
    ("application/json", b'{"email": ["a"], "password": {"b": 1}}'),
    form_body({"_csrf": "x"}, [("bounce", "a.wav", b"RIFF")])[::-1],
    ("multipart/form-data", b"--nothing"),
    ("text/plain", b"\xff\xfe" * 100),
]
OWN_WORDS: dict[type[AppError], AppError] = {
    errors.NotFound: errors.NotFound(),
    errors.NotProved: errors.NotProved("/account"),
}
ERRORS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, AppError)]


def assert_headed(answer: httpx.Response) -> None:
    """Check the head of an answer."""
    assert faults_of(answer) == [], answer.request.url


async def test_every_route_is_classified(live_site: Site) -> None:
    """A route that says nothing about who may call it is a defect."""
    assert len(calls(live_site.app)) > 30
    assert unclassified(live_site.app) == ""


async def test_a_route_that_forgot_its_class_is_found_and_closed(live_site: Site) -> None:
    """The walk names it and tells what to add, and until then no stranger gets in."""

    @get("/forgotten")
    async def forgotten() -> str:
        return "open"

    live_site.app.register(forgotten)
    assert "GET /forgotten" in unclassified(live_site.app)
    assert "opt=PUBLIC" in unclassified(live_site.app)
    async with visitor(live_site) as stranger, member(live_site) as person:
        assert (await stranger.client.get("/forgotten")).status_code == 303
        assert (await person.client.get("/forgotten")).text == "open"


async def test_a_look_changes_nothing(live_site: Site) -> None:
    """No route answers to GET and to a method that changes something by one handler."""
    found = calls(live_site.app)
    assert all(call.method in {"GET", "HEAD"} | UNSAFE for call in found)


async def test_strangers_get_into_nothing(live_site: Site) -> None:
    """What needs an account answers a stranger with the log-in page or a 401, whatever the method."""
    async with visitor(live_site) as stranger:
        for call in calls(live_site.app):
            if call.access in {Access.ACCOUNT, Access.OWNER}:
                answer = await stranger.client.request(call.method, call.path())
                assert answer.status_code in {303, 401}, call
                assert answer.status_code == 401 or answer.headers["location"].startswith("/login?next=")
                assert_headed(answer)


async def test_what_is_not_there_and_what_is_not_yours_are_the_same(live_site: Site) -> None:
    """An identifier of nobody is a 404 for every route that names one thing."""
    async with member(live_site) as person:
        for call in calls(live_site.app):
            if call.access == Access.OWNER:
                answer = await person.client.request(
                    call.method, call.path(), headers=person.headers | {"HX-Request": "false"}, content=b"x"
                )
                assert answer.status_code in {404, 411, 422}, (call, answer.status_code)
                assert_headed(answer)


async def test_another_persons_things_are_not_there(live_site: Site) -> None:
    """With a real identifier of somebody else each route answers exactly as with one of nobody."""
    async with member(live_site) as person, member(live_site, "bob") as bob:
        theirs = str(analysis_of(await person.declare("mix.wav", 1000)))
        (row,) = await Session.select(Session.id).where(Session.account.email == person.email)
        for call in calls(live_site.app):
            if call.access == Access.OWNER:
                path = call.path(analysis_id=theirs, session_id=str(row["id"]), kind="bounce")
                found = await bob.client.request(call.method, path, headers=bob.headers, content=b"x")
                nobodys = call.path(kind="bounce")
                none = await bob.client.request(call.method, nobodys, headers=bob.headers, content=b"x")
                assert found.status_code == none.status_code == 404, call
                assert found.text == none.text
        assert (await person.client.get("/tracks")).status_code == 200
        assert await person.state(UUID(theirs)) == "receiving"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_no_foreign_page_changes_anything(live_site: Site, headers: dict[str, str]) -> None:
    """Every unsafe route refuses what another site's page sends, for strangers and for people."""
    async with member(live_site) as person:
        del person.client.headers["Origin"]
        for call in calls(live_site.app):
            if call.is_unsafe and call.access != Access.WEBHOOK:
                answer = await person.client.request(
                    call.method, call.path(), headers={**headers, "X-CSRF-Token": person.token}
                )
                assert answer.status_code == 403, (call, answer.status_code)


async def test_no_form_counts_without_its_sessions_token(live_site: Site) -> None:
    """A missing, wrong or other session's token is refused on every unsafe route."""
    async with member(live_site) as person, member(live_site, "bob") as bob:
        for call in calls(live_site.app):
            if call.is_unsafe and call.access != Access.WEBHOOK and not call.opt.get("csrf"):
                for token in ("", "0" * 64, bob.token):
                    answer = await person.client.request(call.method, call.path(), data={"_csrf": token})
                    assert answer.status_code == 403, (call, answer.status_code)


async def test_a_webhook_hears_only_who_signed(live_site: Site) -> None:
    """What is for another service's server refuses whatever is not signed, from anybody."""
    async with visitor(live_site) as stranger:
        for call in calls(live_site.app):
            if call.access == Access.WEBHOOK:
                for kind, body in BODIES:
                    answer = await stranger.client.request(
                        call.method, call.path(), content=body, headers={"Content-Type": kind} if kind else {}
                    )
                    assert 400 <= answer.status_code < 500, (call, kind, answer.status_code)
                    assert_headed(answer)


async def test_made_bodies_make_no_server_error(live_site: Site) -> None:
    """Whatever is sent to whatever route, the answer is one of ours."""
    async with member(live_site) as person:
        for call in calls(live_site.app):
            # These end the session that the walk goes on with.
            if call.is_unsafe and not call.template.endswith(("/logout", "/end")):
                for kind, body in BODIES:
                    headers = {**person.headers, **({"Content-Type": kind} if kind else {})}
                    answer = await person.client.request(call.method, call.path(), content=body, headers=headers)
                    assert answer.status_code < 500, (call, kind, answer.status_code)
                    assert_headed(answer)


async def test_made_paths_and_queries_make_no_server_error(live_site: Site) -> None:
    """Nor does what stands in the address."""
    words = ["%00", "..%2f..%2fetc", "%ff%fe", "x" * 3000, "{{7*7}}", "'--", "%0d%0aSet-Cookie:a=b"]
    async with member(live_site) as person:
        for call in calls(live_site.app):
            if call.method == "GET" and call.template != "/events":
                for word in words:
                    fields = dict.fromkeys(("token", "kind", "path", "analysis_id", "session_id", "track_id"), word)
                    answer = await person.client.get(call.path(**fields) + f"?since={word}&done={word}&next={word}")
                    assert answer.status_code < 500, (call, word)
                    assert "set-cookie" not in answer.headers


async def test_the_only_cookie_is_the_session(live_site: Site) -> None:
    """It is http-only, lax and for every path; log-out takes it."""
    async with visitor(live_site) as person:
        await person.client.post(await person.ask_for_account(), data={"password": "correct horse battery"})
        assert [cookie.name for cookie in person.client.cookies.jar] == [live_site.settings.cookie_name]
        await person.learn_token()
        answer = await person.client.post("/logout", data={"_csrf": person.token})
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert "path=/" in cookie
        assert "domain" not in cookie
        assert answer.headers["clear-site-data"] == '"cache", "storage"'
        assert person.cookie == ""


@pytest.mark.parametrize("is_fragment", [False, True])
async def test_every_error_is_a_page_and_a_fragment(live_site: Site, *, is_fragment: bool) -> None:
    """Each status has its title, sentence and way out, in the frame of a page or as a notice."""
    from litestar import Request

    from app.kernel.html.answers import Answers
    from app.kernel.html.render import Renderer
    from app.settings import ROOT

    headers = [(b"hx-request", b"true")] if is_fragment else []
    request = Request[Any, Any, Any]({"type": "http", "path": "/", "headers": headers, "user": None})  # type: ignore[arg-type]
    answers = Answers(Renderer(ROOT / "templates", ROOT / "static"))
    seen = set()
    for kind in ERRORS:
        error = OWN_WORDS.get(kind) or kind("What happened.", way_out="The way out.", retry_after_s=40)
        answer = answers.error(request, error)
        seen.add(answer.status_code)
        assert kind.title in answer.content
        assert error.way_out in answer.content
        assert ("<html" in answer.content) is not is_fragment
        assert answer.status_code == kind.status
    assert {400, 401, 403, 404, 409, 411, 413, 415, 422, 429, 500, 503} <= seen
    assert live_site.url


async def test_the_access_log_names_routes_not_secrets(live_site: Site) -> None:
    """A line has address, browser, time, route and status; no link's token and no query."""
    async with visitor(live_site) as person:
        link = await person.ask_for_account()
        await person.client.get(f"{link}?next=/secret-path")
    (file,) = live_site.settings.logs_dir.glob("access-*.log")
    text = file.read_text()
    assert '"route":"/verify/{token}"' in text
    assert '"address":"127.0.0.1"' in text
    assert "python-httpx" in text
    assert link.rpartition("/")[2] not in text
    assert "secret-path" not in text
    assert person.email not in text
