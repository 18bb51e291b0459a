"""The report in a real browser: by keyboard, with and without scripts, in both schemes."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from app.tracks.tables import Track
from tests.making.audio import wav
from tests.making.browsing import visiting
from tests.making.people import member
from tests.making.reports import finish, finished
from tests.services.browser import MEASURED_MS
from tests.unit.advice.documents import with_changes
from tests.unit.views.made import document
from tests.web.test_references import sent

if TYPE_CHECKING:
    import subprocess
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, Locator, Page

    from tests.making.browsing import Visit
    from tests.services.site import Site

MOST_TABS = 60
VERSIONS = 6
WIDTHS = (390, 1280, 1920)


@asynccontextmanager
async def reading(browser: Browser, site: Site, *, scripts: bool = True, **options: Any) -> AsyncIterator[Visit]:
    """Open the report of a rich made document in a browser."""
    async with member(site) as person, visiting(browser, site, scripts=scripts, **options) as visit:
        analysis_id = await finished(person, document())
        name, _, value = person.cookie.partition("=")
        await visit.context.add_cookies([{"name": name, "value": value, "url": site.url}])
        await visit.page.goto(f"/analyses/{analysis_id}")
        yield visit


async def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until something has the focus, as somebody without a mouse does."""
    for _ in range(MOST_TABS):
        await page.keyboard.press("Tab")
        if await wanted.evaluate("item => item === document.activeElement"):
            return
    raise AssertionError(f"{wanted} is not reached by {MOST_TABS} tabs")


async def test_by_keyboard_from_the_upload_to_a_finding(
    live_site: Site, worker: subprocess.Popen[bytes], browser: Browser
) -> None:
    """Choose a file, measure it, open the report, follow the first thing to do, mean it and undo it."""
    async with visiting(browser, live_site) as visit:
        await visit.register()
        page = visit.page
        await page.locator("#upload[data-enhanced]").wait_for()
        async with page.expect_file_chooser() as chooser:
            # Playwright tells Chromium of its interest without waiting: the tabs' own answers
            # come after that, and a key pressed at once would open a dialog that nobody sees.
            await tab_to(page, page.locator("#bounce"))
            await page.keyboard.press("Enter")
        file: Any = {"name": "mix.wav", "mimeType": "audio/wav", "buffer": wav()}
        await (await chooser.value).set_files(file)
        await tab_to(page, page.get_by_role("button", name="Measure", exact=True))
        await page.keyboard.press("Enter")
        open_report = page.get_by_role("link", name="Open report")
        await expect(open_report).to_be_visible(timeout=MEASURED_MS)
        await tab_to(page, open_report)
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/analyses/*")
        first = page.locator(".todo a").first
        title = await first.inner_text()
        await tab_to(page, first)
        await page.keyboard.press("Enter")
        card = page.locator("details[open]", has_text=title)
        await expect(card.get_by_role("heading", name="What to do")).to_be_in_viewport()
        await tab_to(page, card.get_by_role("button", name="I meant it"))
        await page.keyboard.press("Enter")
        undo = page.locator("details.meant").get_by_role("button", name="Undo")
        await expect(undo).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.locator("details.meant")).to_have_count(0)
        assert visit.faults == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_report_is_accessible_and_fits_every_width(live_site: Site, browser: Browser, scheme: str) -> None:
    """No finding of axe, with every card open too, and nothing wider than the page."""
    async with reading(browser, live_site, color_scheme=scheme) as visit:
        page = visit.page
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": 900})
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await page.evaluate("document.querySelectorAll('details').forEach(item => { item.open = true })")
        found = await Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        await page.set_viewport_size({"width": 390, "height": 844})
        found = await Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert visit.faults == []


async def test_another_target_is_judged_in_place(live_site: Site, browser: Browser) -> None:
    """The whole page follows the select, which keeps the focus, and charts can be read afterwards."""
    async with reading(browser, live_site) as visit:
        page = visit.page
        await expect(page.locator(".badges")).to_contain_text("target −18.0 to −6.0")
        await page.locator("#genre").focus()
        await page.locator("#genre").select_option("techno")
        await expect(page.locator(".badges")).to_contain_text("target −14.0 to −5.0")
        await expect(page.locator("#said")).to_contain_text("Techno, streaming")
        assert await page.evaluate("document.activeElement.id") == "genre"
        slider = page.locator("#loudness-chart input")
        await slider.focus()
        await page.keyboard.press("Home")
        await expect(page.locator("#loudness-chart output")).to_contain_text("Time 0:02")
        await page.reload()
        await expect(page.locator("#genre")).to_have_value("techno")
        assert visit.faults == []


async def test_findings_are_filtered_by_severity_and_part(live_site: Site, browser: Browser) -> None:
    """Radios and a select hide what is not asked for, without a request."""
    async with reading(browser, live_site) as visit:
        page, cards = visit.page, visit.page.locator(".find")
        everything = await cards.count()
        await page.get_by_label("Fix", exact=True).check()
        shown = cards.locator("visible=true")
        assert 0 < await shown.count() < everything
        assert await shown.count() == await page.locator(".find-fix").count()
        await page.get_by_label("All", exact=True).check()
        await page.get_by_label("Part", exact=True).select_option("Stereo")
        assert await shown.count() == await page.locator('.find[data-part="Stereo"]').count() < everything


async def test_without_scripts_links_open_findings_and_forms_judge(live_site: Site, browser: Browser) -> None:
    """A link leads into the closed card, and the plain form judges again."""
    async with reading(browser, live_site, scripts=False) as visit:
        page = visit.page
        await page.locator(".todo a").first.click()
        await expect(page.locator("details[open] .card").first).to_be_visible()
        await page.locator("#genre").select_option("jazz")
        await page.get_by_role("button", name="Judge again").click()
        await expect(page.locator("#genre")).to_have_value("jazz")
        await page.locator(".todo a, .find summary").first.click()
        await page.locator("details[open]").get_by_role("button", name="I meant it").first.click()
        await expect(page.locator("details.meant")).to_have_count(1)
        assert visit.faults == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_references_and_versions_are_accessible(live_site: Site, browser: Browser, scheme: str) -> None:
    """Axe finds nothing on both lists, and the keyboard reaches an older version and a reference's removal."""
    async with member(live_site) as person, visiting(browser, live_site, color_scheme=scheme) as visit:
        await finished(person, document())
        (track,) = await Track.select(Track.id)
        for _ in range(VERSIONS - 1):
            await finished(person, document(), track=str(track["id"]))
        await finish(await sent(person), with_changes())
        name, _, value = person.cookie.partition("=")
        await visit.context.add_cookies([{"name": name, "value": value, "url": live_site.url}])
        page = visit.page
        await page.goto("/references")
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": 900})
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        found = await Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        await tab_to(page, page.get_by_role("button", name="Remove").first)
        await page.goto("/tracks")
        await tab_to(page, page.locator("details.more summary"))
        await page.keyboard.press("Enter")
        found = await Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        await tab_to(page, page.locator("details.more a").first)
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/analyses/*")
        assert visit.faults == []
