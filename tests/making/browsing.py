"""A person in a browser, and what the browser did on the way."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

from tests.making.people import PASSWORD

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

    from tests.services.site import Site

# Notes each distinct state of each card: its state, its bold word, and the step that runs.
OBSERVER = """
const last = {};
const note = () => {
  for (const card of document.querySelectorAll("[data-analysis]")) {
    const word = card.querySelector(".st b")?.textContent.trim() ?? "";
    const step = card.querySelector("[aria-current=step]")?.firstChild.textContent.trim() ?? "";
    const key = [card.dataset.state, word, step].join(" ").trim();
    if (last[card.dataset.analysis] !== key) {
      last[card.dataset.analysis] = key;
      window.tellState(card.dataset.analysis, key);
    }
  }
};
new MutationObserver(note).observe(document, {
  subtree: true, childList: true, attributes: true, characterData: true,
});
"""


@dataclass(slots=True)
class Visit:
    """One browser profile with one page."""

    page: Page
    context: BrowserContext
    site: Site
    has_scripts: bool = True
    faults: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    states: dict[str, list[str]] = field(default_factory=dict)
    """What each card showed, in order, by analysis; kept here, since a page that goes on forgets it."""

    async def register(self) -> None:
        """Fill in the registration form as a person does."""
        await self.page.goto("/register")
        await self.page.get_by_label("E-mail").fill(f"ada-{uuid4().hex[:8]}@example.com")
        await self.page.get_by_label("Password").fill(PASSWORD)
        await self.page.get_by_label("Name", exact=False).last.fill("Ada")
        for box in await self.page.get_by_role("checkbox").all():
            await box.check()
        await self.page.get_by_role("button", name="Register").click()
        await self.page.get_by_role("link", name="Follow the link").click()
        await self.page.get_by_label("Password").fill(PASSWORD)
        await self.page.get_by_role("button", name="Confirm").click()
        await self.page.wait_for_url("**/tracks?done=confirmed")
        await self.page.goto("/tracks")

    async def choose(self, files: Sequence[tuple[str, bytes]], field: str = "#bounce") -> None:
        """Choose files in a field, once the page's own scripts stand ready."""
        if self.has_scripts:
            await self.page.locator("#upload[data-enhanced]").wait_for()
        payload: Any = [
            {"name": name, "mimeType": "application/octet-stream", "buffer": content} for name, content in files
        ]
        await self.page.locator(field).set_input_files(payload)

    async def measure(self, *files: tuple[str, bytes]) -> None:
        """Choose files and press the button."""
        await self.choose(files)
        await self.page.get_by_role("button", name="Measure", exact=True).click()

    async def states_seen(self) -> dict[str, list[str]]:
        """Return the distinct states of each card in order, by analysis; needs scripts."""
        await self.page.evaluate("0")  # what was told before is here now
        return self.states

    async def assert_private(self, *followed: str) -> None:
        """Check one cookie, empty storage, no fault, and no foreign request but pages whose link was followed."""
        assert [cookie.get("name") for cookie in await self.context.cookies()] == ["session"]
        own = urlsplit(self.site.url).netloc
        assert {url for url in self.requests if urlsplit(url).netloc != own} == set(followed)
        assert self.faults == [], self.faults
        assert self.context.service_workers == []
        state = await self.context.storage_state(indexed_db=True)
        assert state["origins"] == []

    async def assert_storage_empty(self) -> None:
        """Check that scripts keep nothing in the browser."""
        kept = await self.page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]")
        assert kept == [0, 0, ""]


def _watch(visit: Visit) -> None:
    """Note what the page asks and what goes wrong in it."""

    def on_console(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            visit.faults.append(f"{message.type}: {message.text}")

    def on_error(error: Any) -> None:
        visit.faults.append(f"exception: {error}")

    def on_request(request: Request) -> None:
        if not request.url.startswith(("data:", "blob:")):
            visit.requests.append(request.url)

    def on_response(response: Response) -> None:
        if response.status >= 500:
            visit.faults.append(f"{response.status}: {response.url}")

    visit.page.on("console", on_console)
    visit.page.on("pageerror", on_error)
    visit.page.on("websocket", lambda socket: visit.requests.append(socket.url))
    visit.context.on("request", on_request)
    visit.context.on("response", on_response)


@asynccontextmanager
async def visiting(browser: Browser, site: Site, *, scripts: bool = True, **options: Any) -> AsyncIterator[Visit]:
    """Open a profile of its own and note what it asks and what goes wrong in it."""
    context = await browser.new_context(base_url=site.url, java_script_enabled=scripts, **options)
    page = await context.new_page()
    visit = Visit(page=page, context=context, site=site, has_scripts=scripts)

    _watch(visit)

    def on_state(analysis: str, state: str) -> None:
        seen = visit.states.setdefault(analysis, [])
        if not seen or seen[-1] != state:
            seen.append(state)

    if scripts:
        await context.expose_function("tellState", on_state)
        await context.add_init_script(OBSERVER)
    try:
        yield visit
    finally:
        await context.close()
