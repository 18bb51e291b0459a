"""G14: whatever an answer, a file, a track or a tag says, the page runs no script and asks nobody anything."""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import cycle
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from markupsafe import Markup
from playwright.async_api import Error

from app.analyses.views import ReportPage, report_of, set_page
from app.chat.views import Conversation, ConversationPage, PromptPage, turn_of
from app.kernel.html.chrome import Chrome
from app.kernel.html.headers import ALWAYS
from app.kernel.html.render import Renderer
from app.settings import ROOT
from app.tracks.views import TrackRow
from tests.prove.figure import Figure, Result
from tests.services.browser import running_browser
from tests.unit.views.conversations import FIRST, TOKEN, conversation
from tests.unit.views.made import NOW, document, judged
from tests.unit.views.pages import BOTH, DONE, ROWS, tracks_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.async_api import Page, Request, Route

    from tests.prove.figure import Size

BATCH = 50
ORIGIN = "http://site.test"
FOREIGN = "http://evil.test"
SETTLE_MS = 400
TYPED = frozenset({"name", "given_name", "title", "annotation"})
LOAD_MS = 8000
VECTORS = (
    "<script>{run}</script>",
    "<img src=x onerror={run}>",
    "<img src={foreign}/i.png>",
    "<svg onload={run}></svg>",
    "<svg><script>{run}</script></svg>",
    "<iframe src={foreign}></iframe>",
    "<iframe srcdoc='<script>parent.ran()</script>'></iframe>",
    "<div hx-get=/stolen hx-trigger=load>x</div>",
    "<div hx-post=/stolen hx-trigger='load, every 1s'>x</div>",
    "<div hx-sse:connect=/stolen>x</div>",
    "<div data-hx-get=/stolen data-hx-trigger=load>x</div>",
    "<hx-partial hx-target=#main hx-get=/stolen hx-trigger=load>x</hx-partial>",
    "<a href='javascript:{run}' autofocus onfocus={run}>x</a>",
    "<form action={foreign}><input name=q autofocus onfocus={run}></form>",
    "<link rel=stylesheet href={foreign}/a.css>",
    "<style>@import '{foreign}/a.css'; body{{background:url({foreign}/b.png)}}</style>",
    "<meta http-equiv=refresh content='0;url={foreign}'>",
    "<object data={foreign}></object><embed src={foreign}>",
    "<video poster={foreign}/p.png><source src={foreign}/v.mp4 onerror={run}></video>",
    "<details open ontoggle={run}>x</details>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror={run}&gt;'>",
    "<base href={foreign}/>",
    "![x]({foreign}/i.png)",
    "[x](javascript:{run})",
    "[x]: {foreign}/i.png\n\n![x][x]",
    "<{foreign}/auto>",
    "\ue0000\ue001<img src=x onerror={run}>\ue002",
    "1.2 dBTP<img src=x onerror={run}> at 0:42<script>{run}</script>",
    "| a |\n|---|\n| <img src=x onerror={run}> |",
    "```\n</code></pre><script>{run}</script>\n```",
)
WRAPS = (
    "{0}",
    "**{0}**",
    "- {0}",
    "> {0}",
    "x {0} y",
    "1.2 dBTP {0}",
    "\n\n{0}\n\n",
    "`a` {0} `b`",
    "</p>{0}",
    '">{0}',
)


@dataclass(slots=True)
class Seen:
    """What a page did."""

    ran: int = 0
    foreign: int = 0
    stolen: int = 0

    def note(self, request: Request) -> None:
        """Count a request that the page must not make."""
        parts = urlsplit(request.url)
        if parts.netloc and parts.netloc != urlsplit(ORIGIN).netloc:
            self.foreign += 1
        elif "stolen" in parts.path:
            self.stolen += 1


async def prove(size: Size, seed: int, mutant: bool) -> Result:  # noqa: FBT001 - every figure has this shape
    """Show pages of fifty payloads in Chromium, of each kind that shows names or answers, and watch."""
    chance, result, seen = random.Random(seed), Result(), Seen()  # noqa: S311 - repeatable, no secret
    payloads = [_payload(chance) for _ in range(size.pick(2 * BATCH, 20 * BATCH))]
    async with running_browser() as browser:
        page = await (await browser.new_context()).new_page()
        await page.expose_function("ran", lambda: setattr(seen, "ran", seen.ran + 1))
        page.on("request", lambda request: seen.note(request))  # noqa: PLW0108 - Playwright marks the function
        for start in range(0, len(payloads), BATCH):
            await _show(page, payloads[start : start + BATCH], mutant=mutant)
    result.counts |= {"payloads": len(payloads), "scripts": seen.ran, "foreign": seen.foreign, "htmx": seen.stolen}
    result.check("no script of a payload ran", holds=seen.ran == 0)
    result.check("no request went to another host", holds=seen.foreign == 0)
    result.check("no payload made a request of htmx", holds=seen.stolen == 0)
    return result


def _payload(chance: random.Random) -> str:
    vector = chance.choice(VECTORS).format(run="ran()", foreign=FOREIGN)
    text = chance.choice(WRAPS).format(vector)
    if chance.random() < 0.3:
        text = chance.choice((text.upper, text.title, lambda: text.replace("<", "<\t"), lambda: text * 2))()
    return text


async def _show(page: Page, payloads: list[str], *, mutant: bool) -> None:
    for html in _pages(payloads, mutant=mutant):
        await _look(page, html)


async def _look(page: Page, html: str) -> None:
    """Open a page under the headers of the site, and give it time to do what it must not."""

    async def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        file = ROOT / path.lstrip("/")
        if urlsplit(route.request.url).netloc != urlsplit(ORIGIN).netloc:
            await route.abort()
        elif path == "/page":
            await route.fulfill(body=html, headers={**ALWAYS, "Content-Type": "text/html; charset=utf-8"})
        elif path.startswith("/static/") and file.is_file():
            await route.fulfill(path=file)
        else:
            await route.fulfill(status=404, body="")

    await page.unroute_all()
    await page.route("**/*", answer)
    with suppress(Error):  # a payload that leads the page away is counted by where it leads
        await page.goto(f"{ORIGIN}/page", wait_until="domcontentloaded", timeout=LOAD_MS)
    await page.wait_for_timeout(SETTLE_MS)


def _pages(payloads: list[str], *, mutant: bool) -> Iterator[str]:
    """Render the pages that show what somebody typed or Claude wrote; the mutant is one of them."""
    renderer = Renderer(ROOT / "templates", ROOT / "static")
    chrome = Chrome("/tracks", csrf_token=TOKEN, signed_in_as=payloads[0], notice=payloads[-1])
    yield renderer.render(_conversation(payloads, chrome, mutant=mutant))
    if mutant:
        return
    mix = replace(DONE, track_name=payloads[1])
    measured = {**BOTH, "live_set": _renamed(BOTH["live_set"], cycle(payloads)), "file": {"name": payloads[2]}}
    tracks = tuple(TrackRow(str(index), text, ROWS[1].versions, None, None, "2", text) for index, text in
                   enumerate(payloads))  # fmt: skip
    yield renderer.render(ReportPage(chrome, report_of(mix, judged(measured), NOW, TOKEN)))
    yield renderer.render(set_page(chrome, mix, measured, NOW))
    yield renderer.render(replace(tracks_page(), chrome=chrome, tracks=tracks))
    yield renderer.render(PromptPage(chrome, payloads[1], "v1", "\n".join(payloads), "6.1 kB", "/", "claude"))


def _renamed(value: Any, texts: Iterator[str]) -> Any:
    """Return a Live set in which every name that people type is a payload."""
    if isinstance(value, dict):
        return {
            key: next(texts) if key in TYPED and isinstance(inner, str) else _renamed(inner, texts)
            for key, inner in value.items()
        }
    return [_renamed(inner, texts) for inner in value] if isinstance(value, list) else value


def _conversation(payloads: list[str], chrome: Chrome, *, mutant: bool) -> ConversationPage:
    """Make a conversation whose answers, questions, title and names are payloads."""
    hostile = document()
    names = [{"name": text, "kind": "audio", "devices": []} for text in payloads]
    hostile["live_set"] = {"tracks": names, "locators": [{"name": text} for text in payloads]}
    hostile["file"]["name"] = payloads[0]
    made = []
    for index, text in enumerate(payloads):
        answer = f"{text}\n\nT{index + 1} and L{index + 1}: 1.2 dBTP at 0:42."
        turn = replace(FIRST, id=type(FIRST.id)(int=100 + index), question=text, answer=answer)
        shown = turn_of(turn, hostile, TOKEN)
        made.append(replace(shown, html=Markup(answer)) if mutant else shown)  # noqa: S704 - the mutant is "|safe"
    view: Conversation = replace(conversation(), turns=tuple(made))
    return ConversationPage(chrome, payloads[0], "v1", replace(view, can_ask_for_notes=False), "24 Dec 2026")


FIGURE = Figure(
    name="g14",
    claim="whatever answers, names and tags hold, no script runs, no other host is asked and htmx sends nothing",
    mutant="an answer is shown as it came, as by |safe",
    prove=prove,
)
