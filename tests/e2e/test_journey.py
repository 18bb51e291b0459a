"""The main journey in a real browser: register, drop a mix, watch, read the report."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from app.kernel.html import numbers
from tests.making.audio import ENCODINGS, encoded, wav
from tests.making.browsing import visiting
from tests.making.files import TEXT, live_set
from tests.making.traces import reports, states, uploads_in
from tests.services.browser import MEASURED_MS
from tests.services.site import running_worker
from tests.services.waiting import eventually

if TYPE_CHECKING:
    import subprocess

    from playwright.async_api import Browser, Page, Route

    from tests.making.browsing import Visit
    from tests.services.site import Site

LEAST_STATES = 5
WATCHED_S = 10.0
"""Length of the music whose states are watched: each step then lasts longer than a browser takes to show it."""
SLOW_BYTES_PER_S = 600_000


async def assert_accessible(page: Page) -> None:
    """Check that axe finds nothing."""
    found = await Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


async def document_of(visit: Visit, address: str) -> dict[str, Any]:
    """Return the report's JSON document."""
    answer = await visit.context.request.get(f"{address}/report.json")
    assert answer.status == 200
    document: dict[str, Any] = await answer.json()
    return document


async def assert_report_shows_its_figures(visit: Visit, address: str, report_format: str) -> None:
    """Check that the page of an analysis shows what its document holds."""
    document = await document_of(visit, address)
    assert document["file"]["format"] == report_format
    assert -40 < document["loudness"]["integrated_lufs"] < 0
    shown = await visit.page.locator(".badges").inner_text()
    assert numbers.fixed(document["loudness"]["integrated_lufs"]) in shown
    assert "LUFS" in shown
    assert numbers.signed(document["loudness"]["true_peak_dbtp"]) in shown


async def test_every_format_is_measured_with_scripts(
    live_site: Site, worker: subprocess.Popen[bytes], browser: Browser
) -> None:
    """Twelve files dropped together show at least five states each, and end in a report each."""
    async with visiting(browser, live_site) as visit:
        await visit.register()
        await visit.measure(*((encoding.name, encoded(encoding, WATCHED_S)) for encoding in ENCODINGS))
        done = visit.page.locator("#queue [data-state=done]")
        await expect(done).to_have_count(len(ENCODINGS), timeout=MEASURED_MS)
        await expect(visit.page.locator("#tracks tbody tr")).to_have_count(len(ENCODINGS))
        seen = await visit.states_seen()
        links = {
            await card.locator("h3 a").inner_text(): await card.locator("h3 a").get_attribute("href")
            for card in await done.all()
        }
        for encoding in ENCODINGS:
            address = links[encoding.name]
            assert address is not None
            told = seen[address.rsplit("/", 1)[1]]
            assert len(set(told)) >= LEAST_STATES, (encoding.name, told)
            assert told[0].startswith("receiving")
            assert told[-1] == "done Done"
            await visit.page.goto(address)
            await assert_report_shows_its_figures(visit, address, encoding.report_format)
        await visit.assert_storage_empty()
        await visit.assert_private()
    await eventually(lambda: not uploads_in(live_site.settings))
    assert len(await reports()) == len(ENCODINGS)


async def test_every_format_is_measured_without_scripts(
    live_site: Site, worker: subprocess.Popen[bytes], browser: Browser
) -> None:
    """Twelve forms lead to a page that waits, and each to a report."""
    async with visiting(browser, live_site, scripts=False) as visit:
        await visit.register()
        addresses = {}
        for encoding in ENCODINGS:
            await visit.page.goto("/tracks")
            await visit.measure((encoding.name, encoded(encoding)))
            await visit.page.wait_for_url(re.compile(r"/analyses/[0-9a-f-]{36}$"))
            addresses[encoding] = visit.page.url
        for encoding, address in addresses.items():
            await visit.page.goto(address)
            await expect(visit.page.locator(".badges")).to_be_visible(timeout=MEASURED_MS)
            await assert_report_shows_its_figures(visit, address, encoding.report_format)
        await visit.assert_private()
    await eventually(lambda: not uploads_in(live_site.settings))
    assert await states() == ["done"] * len(ENCODINGS)


async def test_the_whole_journey_without_scripts(live_site: Site, browser: Browser) -> None:
    """Forms and links alone: the waiting page refreshes itself until the report is there, which can be deleted."""
    async with visiting(browser, live_site, scripts=False) as visit:
        page = visit.page
        await page.goto("/")
        await page.get_by_role("link", name="Measure a mix").first.click()
        await visit.register()
        await visit.choose([("Night Bus.als", live_set())], field="#live_set")
        await page.get_by_label("Name").fill("Night Bus")
        await visit.measure(("night bus.wav", wav()))
        await page.wait_for_url("**/analyses/*")
        await expect(page.locator("[data-state=queued]")).to_contain_text("Waiting")
        assert "and Night Bus.als" in await page.locator("#queue").inner_text()
        assert len([path for path in uploads_in(live_site.settings) if path.is_file()]) == 2
        async with running_worker(live_site.settings):
            await expect(page.get_by_role("heading", level=1)).to_contain_text("Night Bus v1", timeout=MEASURED_MS)
        address = page.url
        await assert_report_shows_its_figures(visit, address, "wav")
        await expect(page.locator("#report-head")).to_contain_text("Upload deleted after")
        assert uploads_in(live_site.settings) == []
        await page.goto("/tracks")
        await expect(page.locator("#tracks tbody tr")).to_contain_text("Night Bus")
        await page.goto(address)
        await page.get_by_text("Delete this report").click()
        await page.get_by_role("button", name="Delete now").click()
        await page.wait_for_url("**/tracks")
        await expect(page.locator("#tracks")).to_contain_text("No track yet")
        gone = await page.goto(address)
        assert gone is not None
        assert gone.status == 404
        await page.get_by_role("button", name="Log out").click()
        await page.wait_for_url(f"{live_site.url}/")
        assert await visit.context.cookies() == []


async def test_the_whole_journey_with_scripts(live_site: Site, browser: Browser) -> None:
    """Bytes are counted while they come, steps while they run; the page that waits becomes the report."""
    async with visiting(browser, live_site) as visit:
        page = visit.page
        await visit.register()
        await assert_accessible(page)
        await slow_down(visit)
        await visit.measure(("night bus.wav", wav(20.0)), ("night bus.als", live_set()))
        card = page.locator("#queue article")
        await expect(card.locator(".st")).to_have_text(
            re.compile(r"Uploading, [\d.]+ [kM]B of 3\.5 MB at [\d.]+ [kM]B/s, \d+ s to go")
        )
        await expect(card.get_by_role("progressbar")).to_be_visible()
        await expect(card.locator(".st")).to_contain_text("Waiting")
        assert len([path for path in uploads_in(live_site.settings) if path.is_file()]) == 2
        await assert_accessible(page)
        await card.locator("h3 a").click()
        await page.wait_for_url("**/analyses/*")
        async with running_worker(live_site.settings):
            await expect(page.locator(".badges")).to_be_visible(timeout=MEASURED_MS)
        (seen,) = (await visit.states_seen()).values()
        assert {"receiving Ready", "receiving Uploading", "queued Waiting"} <= set(seen)
        assert any(state.startswith("running Measuring ") for state in seen), seen
        await assert_report_shows_its_figures(visit, page.url, "wav")
        await assert_accessible(page)
        for figure in ("timeline", "loudness", "tone", "dynamics"):
            await expect(page.locator(f"#{figure} svg.chart").first).to_be_visible()
        assert uploads_in(live_site.settings) == []
        await visit.assert_storage_empty()
        await visit.assert_private()


async def slow_down(visit: Visit) -> None:
    """Send no faster than a modest line does."""
    session = await visit.context.new_cdp_session(visit.page)
    await session.send("Network.enable")
    limits = {"offline": False, "latency": 5, "downloadThroughput": -1, "uploadThroughput": SLOW_BYTES_PER_S}
    await session.send("Network.emulateNetworkConditions", limits)


async def test_a_running_upload_can_be_cancelled(live_site: Site, browser: Browser) -> None:
    """The button ends the transfer, and nothing of it is left."""
    async with visiting(browser, live_site) as visit:
        await visit.register()
        await slow_down(visit)
        await visit.measure(("night bus.wav", wav(20.0)))
        card = visit.page.locator("#queue article")
        await expect(card.locator(".st")).to_contain_text("Uploading")
        await card.get_by_role("button", name="Cancel").click()
        await expect(card.locator(".st")).to_contain_text("Cancelled. Nothing was kept of the upload")
        await eventually(lambda: not uploads_in(live_site.settings))
        assert await states() == ["cancelled"]
        await expect(visit.page.locator("#refusals")).to_be_empty()


async def test_a_refusal_is_shown_where_the_file_was_chosen(live_site: Site, browser: Browser) -> None:
    """A text named .wav is refused with a sentence on the page, with the choice still there."""
    async with visiting(browser, live_site) as visit:
        await visit.register()
        await visit.measure(("notes.wav", TEXT))
        await expect(visit.page.locator("#refusals")).to_contain_text("notes.wav is a text file.")
        await expect(visit.page.locator("#queue article")).to_contain_text("Not measured")
        await expect(visit.page.locator("#chosen")).to_contain_text("notes.wav")
        await assert_accessible(visit.page)
        assert uploads_in(live_site.settings) == []


async def test_a_file_that_was_chosen_before_the_scripts_came_is_sent(live_site: Site, browser: Browser) -> None:
    """Whoever is faster than the scripts on a slow line loses nothing."""
    async with visiting(browser, live_site) as visit:
        await visit.register()
        may_come = asyncio.Event()

        async def late(route: Route) -> None:
            await may_come.wait()
            await route.continue_()

        await visit.page.route("**/js/upload.js*", late)
        await visit.page.goto("/tracks", wait_until="commit")
        files: Any = [{"name": "night bus.wav", "mimeType": "audio/wav", "buffer": wav(1.0)}]
        await visit.page.locator("#bounce").set_input_files(files)
        may_come.set()
        await visit.page.locator("#upload[data-enhanced]").wait_for()
        await visit.page.get_by_role("button", name="Measure", exact=True).click()
        await expect(visit.page.locator("#queue article")).to_contain_text("Waiting")
        assert await states() == ["queued"]


async def test_the_list_of_tracks_catches_up_with_what_came_while_it_was_fetched(
    live_site: Site, worker: subprocess.Popen[bytes], browser: Browser
) -> None:
    """The answer to an earlier request is late: what was measured since is asked for again."""
    async with visiting(browser, live_site) as visit:
        await visit.register()
        asked, may_come = asyncio.Event(), asyncio.Event()

        async def late(route: Route) -> None:
            answer = await route.fetch()
            asked.set()
            await may_come.wait()
            await route.fulfill(response=answer)

        await visit.page.route("**/tracks", late)
        await visit.measure(("first.wav", wav(1.0)))
        await asked.wait()
        await visit.measure(("second.wav", wav(1.0)))
        await expect(visit.page.locator("#queue [data-state=done]")).to_have_count(2, timeout=MEASURED_MS)
        await expect(visit.page.locator("#tracks")).to_contain_text("No track yet")
        may_come.set()
        await expect(visit.page.locator("#tracks tbody tr")).to_have_count(2)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_pages_of_strangers_are_accessible_and_quiet(live_site: Site, browser: Browser, scheme: str) -> None:
    """Home, log-in, registration and a missing page: no finding of axe, no cookie, no foreign request."""
    async with visiting(browser, live_site, color_scheme=scheme) as visit:
        for path in ("/", "/login", "/register"):
            await visit.page.goto(path)
            await assert_accessible(visit.page)
            await visit.assert_storage_empty()
        assert visit.faults == []
        assert all(url.startswith(live_site.url) for url in visit.requests)
        assert await visit.context.cookies() == []
        await visit.page.goto("/nowhere")
        await assert_accessible(visit.page)


async def test_the_session_survives_and_ends_in_the_browser(live_site: Site, browser: Browser) -> None:
    """Logging out closes every page of the session; logging in leads back to where one wanted to go."""
    async with visiting(browser, live_site) as visit:
        await visit.register()
        email = await visit.page.locator(".who").inner_text()
        assert email == "Ada"
        other = await visit.context.new_page()
        await other.goto("/tracks")
        await visit.page.get_by_role("button", name="Log out").click()
        await visit.page.wait_for_url(f"{live_site.url}/")
        await other.goto("/tracks")
        await other.wait_for_url("**/login?next=/tracks")
