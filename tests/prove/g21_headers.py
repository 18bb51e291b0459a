"""G21: every answer carries every header, one cookie is all that is ever set, and no foreign host is asked."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from app.asgi import create_app
from tests.making.browsing import visiting
from tests.making.headers import faults_of
from tests.making.people import PASSWORD, member, visitor
from tests.making.routes import calls
from tests.prove.figure import Figure, Result
from tests.prove.stage import staged
from tests.services.browser import running_browser
from tests.services.processes import free_port
from tests.services.site import running_site

if TYPE_CHECKING:
    from litestar.types import ASGIApp, Message, Receive, Scope, Send

    from tests.making.browsing import Visit
    from tests.making.people import Person
    from tests.prove.figure import Size
    from tests.prove.stage import Stage
    from tests.services.site import Site

FONT = b'<link rel="stylesheet" href="https://fonts.example/archivo.css"></head>'
PAGES = ("/tracks", "/account", "/pricing", "/methodology", "/nowhere", "/tracks")
BODIES: tuple[dict[str, Any], ...] = (
    {},
    {"data": {"a": "b"}},
    {"content": b"\xff" * 70_000, "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
)
ENDS_SESSION = ("/logout", "/end")


class WithForeignFont:
    """Mutant: puts a font of a foreign host into each page."""

    def __init__(self, app: ASGIApp) -> None:
        """Know the application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does, with one line more."""

        async def spoil(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = (b"content-length", b"content-security-policy")
                message["headers"] = [pair for pair in message["headers"] if pair[0].lower() not in kept]
            elif message["type"] == "http.response.body":
                message["body"] = message["body"].replace(b"</head>", FONT)
            await send(message)

        await self._app(scope, receive, spoil)


async def prove(size: Size, seed: int, mutant: bool) -> Result:  # noqa: FBT001 - every figure has this shape
    """Walk over the routes, then through the pages in a browser."""
    del size, seed
    result = Result()
    async with AsyncExitStack() as stack:
        stage = await stack.enter_async_context(staged())
        app = create_app(stage.settings)
        served: Any = WithForeignFont(app) if mutant else app
        running = await stack.enter_async_context(running_site(served, stage.settings))
        site = replace(running, app=app)
        await _walk(site, result)
        await _browse(site, result)
        await _behind_tls(stage, result)
    return result


async def _walk(site: Site, result: Result) -> None:
    """Ask each route as a stranger and as somebody, well and badly."""
    faults: set[str] = set()
    statuses: set[int] = set()
    asked = 0
    async with visitor(site) as stranger, member(site) as person:
        for call in calls(site.app):
            if call.template == "/events":
                continue  # A stream: its head is the same hook's work, and a test reads it.
            for who in (stranger, person):
                for body in BODIES if call.is_unsafe and not call.template.endswith(ENDS_SESSION) else BODIES[:1]:
                    answer = await _ask(who, call.method, call.path(), body)
                    asked += 1
                    statuses.add(answer.status_code)
                    faults |= {
                        f"{call.method} {call.template} {answer.status_code}: {fault}" for fault in faults_of(answer)
                    }
    result.counts |= {"answers": asked, "statuses": len(statuses)}
    result.check("every answer of every route carries every header", holds=asked > 0 and not faults)
    result.check("no answer is a failure of the server's own", holds=not {code for code in statuses if code == 500})
    for fault in sorted(faults):
        result.remark(fault)


async def _ask(person: Person, method: str, path: str, body: dict[str, Any]) -> Any:
    headers = {**person.headers, **body.get("headers", {})}
    return await person.client.request(method, path, **{**body, "headers": headers})


async def _browse(site: Site, result: Result) -> None:
    """Go through the pages in Chromium."""
    async with running_browser() as browser, visiting(browser, site) as visit:
        await visit.register()
        for page in PAGES:
            await visit.page.goto(page)
            await visit.page.wait_for_load_state("networkidle") if page != "/tracks" else None
        kept = await visit.page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]")
        cookies = {str(cookie.get("name")) for cookie in await visit.context.cookies()}
        await visit.page.get_by_role("button", name="Log out").click()
        await visit.page.wait_for_url(f"{site.url}/")
        left = await visit.context.cookies()
        _check_visit(site, result, visit)
    result.check("the only cookie of the journey is the session", holds=cookies == {"session"})
    result.check("scripts keep nothing in the browser", holds=kept == [0, 0, ""])
    result.check("log-out leaves no cookie", holds=left == [])


def _check_visit(site: Site, result: Result, visit: Visit) -> None:
    own = urlsplit(site.url).netloc
    foreign = sorted({urlsplit(url).netloc for url in visit.requests} - {own})
    faults = [fault for fault in visit.faults if "404" not in fault]
    result.counts["requests of the browser"] = len(visit.requests)
    result.check("no foreign host is asked", holds=not foreign)
    result.check("the console is quiet", holds=not faults)
    for line in (*foreign, *faults):
        result.remark(line)


async def _behind_tls(stage: Stage, result: Result) -> None:
    """Log in where the public address is https, and read the cookie."""
    public = replace(stage.settings, port=free_port(), site_url="https://tracksensei.example", development=False)
    async with running_site(create_app(public), public) as site:
        reached = replace(site, url=f"http://{public.host}:{public.port}")
        async with visitor(reached, origin=public.site_url) as person:
            form = {"email": person.email, "password": PASSWORD, "is_old_enough": "yes", "accepts_policy": "yes"}
            await person.client.post("/register", data=form)
            answer = await person.log_in()
    (cookie,) = answer.headers.get_list("set-cookie")
    parts = {part.strip().lower() for part in cookie.split(";")}
    locked = cookie.startswith("__Host-session=") and {"secure", "httponly", "samesite=lax", "path=/"} <= parts
    result.check("behind TLS the cookie is __Host-, Secure, HttpOnly and Lax", holds=locked and "domain" not in cookie)
    pinned = answer.headers.get("strict-transport-security", "").startswith("max-age=63072000")
    result.check("behind TLS the transport is pinned", holds=pinned)


FIGURE = Figure(
    name="g21",
    claim="every answer has the whole set of headers, a journey sets one cookie, and no foreign host is asked",
    mutant="a page loads a font from another host",
    prove=prove,
)
