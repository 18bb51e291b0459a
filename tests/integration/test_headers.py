"""Every answer carries the same strict headers, error pages and refusals included."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from tests.making.audio import wav
from tests.making.people import member
from tests.services.site import running_site

if TYPE_CHECKING:
    import httpx

    from app.settings import Settings
    from tests.services.site import Site

DIRECTIVES = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
}


def assert_strict(answer: httpx.Response) -> None:
    """Check what every answer must carry."""
    policy = answer.headers["content-security-policy"]
    assert {part.strip() for part in policy.split(";")} >= DIRECTIVES
    assert "unsafe" not in policy
    assert "http:" not in policy
    assert "*" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert "server" not in answer.headers
    assert not any(name.startswith("access-control") for name in answer.headers)


async def test_every_answer_is_strict(live_site: Site) -> None:
    """Pages, fragments, redirects, files, refusals and faults of the request alike."""
    async with member(live_site) as person:
        analysis_id = await person.upload("mix.wav", wav(1.0))
        asked = [
            ("GET", "/", 303),
            ("GET", "/login", 303),
            ("GET", "/tracks", 200),
            ("GET", f"/analyses/{analysis_id}", 200),
            ("GET", f"/analyses/{analysis_id}/card", 200),
            ("GET", f"/analyses/{analysis_id}/report.json", 404),
            ("GET", f"/analyses/{uuid4()}", 404),
            ("GET", "/analyses/not-an-id", 404),
            ("GET", "/nowhere", 404),
            ("GET", "/static/nowhere.css", 404),
            ("GET", "/static/../policy.toml", 404),
            ("GET", "/static/%2e%2e/policy.toml", 404),
            ("GET", "/static/css/base.css", 200),
            ("GET", "/health/live", 200),
            ("GET", "/health/ready", 200),
            ("DELETE", "/tracks", 404),
            ("POST", "/analyses", 422),
            ("PUT", f"/analyses/{analysis_id}/files/bounce", 422),
        ]
        for method, path, status in asked:
            answer = await person.client.request(method, path, headers={"X-CSRF-Token": person.token})
            assert answer.status_code == status, (method, path, answer.status_code)
            assert_strict(answer)
        del person.client.headers["Origin"]
        refused = await person.client.post("/analyses", headers=person.headers)
        assert refused.status_code == 403
        assert_strict(refused)


async def test_private_pages_are_kept_by_nobody(live_site: Site) -> None:
    """What shows a person's things is not stored; what is named by its hash may be for ever."""
    async with member(live_site) as person:
        page = await person.client.get("/tracks")
        assert page.headers["cache-control"] == "no-store"
        assert "Cookie" in page.headers["vary"]
        style = page.text.split('href="/static/css/base.css')[1].split('"')[0]
        answer = await person.client.get(f"/static/css/base.css{style}")
        assert "immutable" in answer.headers["cache-control"]
        missing = await person.client.get("/static/css/nowhere.css")
        assert missing.headers.get("cache-control", "no-store") == "no-store"


async def test_an_error_looks_like_the_site(live_site: Site) -> None:
    """A page gets a page and a script gets a notice, each with a sentence and without a trace."""
    async with member(live_site) as person:
        page = await person.client.get("/nowhere")
        assert "</html>" in page.text
        assert "There is nothing at this address" in page.text
        notice = await person.client.get("/nowhere", headers=person.headers)
        assert notice.text.lstrip().startswith('<div class="notice')
        for answer in (page, notice):
            assert "Traceback" not in answer.text
            assert "litestar" not in answer.text.lower()


@pytest.mark.parametrize("path", ["/schema", "/schema/openapi.json", "/docs", "/metrics", "/.git/config", "/.env"])
async def test_nothing_of_the_workshop_is_served(live_site: Site, path: str) -> None:
    """No schema, no metrics, no files of the repository."""
    async with member(live_site) as person:
        assert (await person.client.get(path)).status_code == 404


async def test_behind_tls_the_cookie_is_bound_to_the_host(settings: Settings) -> None:
    """With an https address the cookie is __Host- and Secure, and the transport is pinned."""
    from app.asgi import create_app
    from tests.making.people import PASSWORD, visitor

    public = replace(settings, site_url="https://tracksensei.example", development=False)
    loopback = f"http://{settings.host}:{settings.port}"
    async with running_site(create_app(public), public) as site:
        reached = replace(site, url=loopback)
        async with visitor(reached, origin=public.site_url) as person:
            form = {"email": person.email, "password": PASSWORD, "is_old_enough": "yes", "accepts_policy": "yes"}
            assert (await person.client.post("/register", data=form)).status_code == 200
            answer = await person.log_in()
            assert answer.status_code == 303
            (cookie,) = answer.headers.get_list("set-cookie")
            assert cookie.startswith("__Host-session=")
            assert "secure" in cookie.lower()
            assert "max-age=63072000" in answer.headers["strict-transport-security"]
            assert_strict(answer)
