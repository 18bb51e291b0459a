"""The conversation in a real browser: both schemes, by keyboard, without scripts, and where streams fail."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from tests.making.browsing import visiting
from tests.making.conversations import allow_claude, ask, is_done, with_report
from tests.making.people import member
from tests.services.messages import MessagesServer, Script, running_messages
from tests.services.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from playwright.async_api import Browser, Route

    from app.settings import Settings
    from tests.making.browsing import Visit
    from tests.making.people import Person
    from tests.services.site import Site

WIDTHS = (390, 1280, 1920)
TRUE_AND_FALSE = "True peak is **+1.2 dBTP**, and the crest factor is 31 dB. Look at 0:42.\n\n- Cut 2 dB at 1.6 kHz."


@pytest.fixture
async def messages() -> AsyncIterator[MessagesServer]:
    """Run a Messages server."""
    async with running_messages() as server:
        yield server


@pytest.fixture
def settings(settings: Settings, messages: MessagesServer) -> Settings:
    """Let the site ask the loopback server."""
    return replace(settings, anthropic_api_key="sk-ant-loopback", anthropic_api_base=messages.url)


@asynccontextmanager
async def talking(
    browser: Browser, site: Site, *, scripts: bool = True, has_consent: bool = True, **options: Any
) -> AsyncIterator[tuple[Visit, Person, UUID]]:
    """Lend a browser that is logged in, its person, and the report to talk about."""
    async with member(site) as person, visiting(browser, site, scripts=scripts, **options) as visit:
        analysis_id = await with_report(person)
        if has_consent:
            await allow_claude(person)
        name, _, value = person.cookie.partition("=")
        await visit.context.add_cookies([{"name": name, "value": value, "url": site.url}])
        yield visit, person, analysis_id


async def said(person: Person, analysis_id: UUID, question: str) -> None:
    """Ask, and wait for the end of the answer."""
    await ask(person, analysis_id, question)
    await eventually(lambda: is_done(analysis_id))


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_conversation_is_accessible_and_fits_every_width(
    live_site: Site, messages: MessagesServer, browser: Browser, scheme: str
) -> None:
    """With a marked figure, a broken answer and what Claude sees: no finding of axe, nothing wider than the page."""
    async with talking(browser, live_site, color_scheme=scheme) as (visit, person, analysis_id):
        messages.script = Script(text=TRUE_AND_FALSE)
        await said(person, analysis_id, "What is wrong?")
        messages.script = Script(text=TRUE_AND_FALSE, after_pieces=3, fault="cut")
        await said(person, analysis_id, "And then?")
        messages.script = Script()
        page = visit.page
        for path in ("conversation", "conversation/prompt"):
            await page.goto(f"/analyses/{analysis_id}/{path}")
            for width in WIDTHS:
                await page.set_viewport_size({"width": width, "height": 900})
                assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            found = await Axe().run(page)
            assert found.violations_count == 0, found.generate_report()
        await page.goto(f"/analyses/{analysis_id}/conversation")
        await expect(page.locator(".unsure")).to_contain_text(["31 dB"])
        await expect(page.locator(".ok").first).to_have_text(re.compile(r"1\.2 dBTP"))
        await expect(page.get_by_role("button", name="Try again")).to_be_visible()
        assert visit.faults == []


async def test_by_keyboard_from_a_question_to_its_end(
    live_site: Site, messages: MessagesServer, browser: Browser
) -> None:
    """Type, ask with Ctrl and Enter, read what streams in, delete it; no mouse."""
    async with talking(browser, live_site) as (visit, _person, analysis_id):
        messages.script = Script(text=TRUE_AND_FALSE, gap_s=0.02)
        page = visit.page
        await page.goto(f"/analyses/{analysis_id}/conversation")
        await expect(page.get_by_label("coach’s notes").locator(".answer")).to_be_visible(timeout=20_000)
        await page.locator("#question").focus()
        await page.keyboard.type("What is wrong?")
        await page.keyboard.press("Control+Enter")
        last = page.locator(".turn", has_text="What is wrong?")
        await expect(last.locator(".answer .unsure")).to_have_text("31 dB")
        await expect(page.locator("#question")).to_have_value("")
        await last.get_by_role("button", name="Delete").focus()
        await page.keyboard.press("Enter")
        await expect(last).to_have_count(0)
        assert visit.faults == []


async def test_without_scripts_a_page_comes_back_with_the_answer(
    live_site: Site, messages: MessagesServer, browser: Browser
) -> None:
    """Consent, question, answer and deletion are plain forms."""
    messages.script = Script(text=TRUE_AND_FALSE)
    async with talking(browser, live_site, scripts=False, has_consent=False) as (visit, _person, analysis_id):
        page = visit.page
        await page.goto(f"/analyses/{analysis_id}/conversation")
        await page.get_by_role("button", name="Let Claude answer").click()
        await page.get_by_label("Your question").fill("What is wrong?")
        await page.get_by_role("button", name="Ask", exact=True).click()
        await expect(page.locator(".answer .unsure")).to_have_text("31 dB")
        await page.locator("summary", has_text="Delete all").click()
        await page.get_by_role("button", name="Delete the conversation").click()
        await expect(page.locator(".turn")).to_have_count(0)
        await page.get_by_role("link", name="What Claude sees").click()
        await expect(page.locator("pre.literal")).to_contain_text("<report>")


async def test_where_streams_fail_the_answer_comes_by_asking(
    live_site: Site, messages: MessagesServer, browser: Browser
) -> None:
    """A proxy that lets no stream through costs seconds, not the answer."""
    messages.script = Script(text=TRUE_AND_FALSE, first_s=1.0)

    async def refuse(route: Route) -> None:
        await route.fulfill(status=503, body="")

    async with talking(browser, live_site) as (visit, _person, analysis_id):
        page = visit.page
        await page.route("**/events*", refuse)
        await page.goto(f"/analyses/{analysis_id}/conversation")
        await page.get_by_label("Your question").fill("What is wrong?")
        await page.get_by_role("button", name="Ask", exact=True).click()
        await expect(page.locator(".answer .unsure").last).to_have_text("31 dB")
