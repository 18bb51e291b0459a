"""Live sets in a real browser: with their mix, alone without scripts, and added to a report later."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from tests.making.audio import wav
from tests.making.browsing import visiting
from tests.making.large_sets import HOSTILE, large_set
from tests.making.sets import small_set
from tests.making.traces import states, uploads_in
from tests.making_sets.xml import Writer
from tests.services.browser import MEASURED_MS
from tests.services.waiting import eventually

if TYPE_CHECKING:
    import subprocess

    from playwright.async_api import Browser, Page

    from tests.making.browsing import Visit
    from tests.services.site import Site

WIDTHS = (390, 1280, 1920)
TRACKS = 200


async def assert_readable(page: Page, width: int) -> None:
    """Check that nothing stands outside the window, and that names and lines meet."""
    await page.set_viewport_size({"width": width, "height": 900})
    await page.wait_for_function("width => document.documentElement.scrollWidth <= width", arg=width)
    picture = await page.get_by_role("img", name="Arrangement").bounding_box()
    names = await page.locator(".arr-names").bounding_box()
    assert picture is not None
    assert names is not None
    assert picture["width"] > 0.6 * width
    assert picture["height"] == pytest.approx(names["height"], abs=1)


async def assert_accessible(page: Page) -> None:
    """Check that axe finds nothing."""
    found = await Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


async def open_report(visit: Visit) -> None:
    """Wait for the report and open it."""
    link = visit.page.get_by_role("link", name="Open report")
    await expect(link).to_be_visible(timeout=MEASURED_MS)
    await link.click()
    await visit.page.wait_for_url("**/analyses/*")


async def test_a_set_of_200_tracks_stands_under_its_mix(
    live_site: Site, worker: subprocess.Popen[bytes], browser: Browser
) -> None:
    """Picture, tree and inventory at three widths, read by keys, with markup in names as text."""
    async with visiting(browser, live_site) as visit:
        page = visit.page
        await visit.register()
        await visit.measure(("night bus.wav", wav(8.0)), ("night bus.als", Writer(large_set(TRACKS), 12).packed()))
        await open_report(visit)
        await expect(page.locator("#set")).to_contain_text("night bus.als")
        await page.get_by_role("link", name="Open the Live set").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("Live set")
        await expect(page.locator(".arr-names li")).to_have_count(TRACKS + TRACKS // 10)
        await expect(page.locator("#track-1 th")).to_have_text(HOSTILE[:120])
        assert await page.locator("main img").count() == 0
        await expect(page.locator(".badges")).to_contain_text("20 groups")
        for width in WIDTHS:
            await assert_readable(page, width)
        slider = page.get_by_role("slider", name="Arrangement")
        await slider.focus()
        await page.keyboard.press("Home")
        before = await page.locator(".arr-fig output").inner_text()
        assert re.match(r"Bar 1, Time 0:00, Loudness .*, Tracks \d+: ", before)
        await page.keyboard.press("ArrowRight")
        await expect(page.locator(".arr-fig output")).not_to_have_text(before)
        await page.get_by_role("link", name="Group 7").click()
        await expect(page.locator("#track-77")).to_be_in_viewport()
        await page.get_by_role("link", name="Back to the mix").click()
        await expect(page.locator("#set")).to_be_visible()
        await visit.assert_storage_empty()
        await visit.assert_private()
        await eventually(lambda: not uploads_in(live_site.settings))


async def test_a_set_alone_without_scripts(live_site: Site, worker: subprocess.Popen[bytes], browser: Browser) -> None:
    """The form takes it without a mix, its page is the report, and it can be deleted there."""
    async with visiting(browser, live_site, scripts=False) as visit:
        page = visit.page
        await visit.register()
        await visit.choose([("Night Bus.als", small_set())], field="#live_set")
        await page.get_by_role("button", name="Measure", exact=True).click()
        await page.wait_for_url("**/analyses/*")
        await expect(page.get_by_role("heading", level=1)).to_contain_text("Night Bus Live set", timeout=MEASURED_MS)
        await expect(page.get_by_role("img", name="Arrangement")).to_be_visible()
        await expect(page.locator("#locators")).to_contain_text("Drop")
        await page.get_by_text("Arrangement as a table").click()
        await expect(page.locator("#arrangement-chart tbody")).to_contain_text("1: Kick")
        await page.get_by_text("Delete this report").click()
        await page.get_by_role("button", name="Delete now").click()
        await page.wait_for_url("**/tracks")
        assert await states() == []


async def test_a_set_is_added_to_a_report_later(
    live_site: Site, worker: subprocess.Popen[bytes], browser: Browser
) -> None:
    """The form in the report sends it; what waits becomes the report again, with the set in it."""
    async with visiting(browser, live_site) as visit:
        page = visit.page
        await visit.register()
        await visit.measure(("night bus.wav", wav(8.0)))
        await open_report(visit)
        report = page.url
        project = Writer(large_set(10), 11).packed()
        files: Any = [{"name": "later.als", "mimeType": "application/gzip", "buffer": project}]
        await page.locator("#add-set-file").set_input_files(files)
        await page.get_by_role("button", name="Add the set").click()
        await page.wait_for_url(re.compile(re.escape(report) + "(#set)?$"), timeout=MEASURED_MS)
        await expect(page.locator("#set")).to_contain_text("later.als", timeout=MEASURED_MS)
        await assert_accessible(page)
        await page.get_by_role("link", name="Open the Live set").click()
        await expect(page.locator("#tracks")).to_contain_text("Group 0")
        for width in WIDTHS:
            await assert_readable(page, width)
            await assert_accessible(page)
        await visit.assert_private()
