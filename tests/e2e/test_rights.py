"""The six rights in a browser, each with an effect that can be seen; and what a whole journey leaves there."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

from app.accounts.tables import Account
from tests.making.audio import wav
from tests.making.browsing import visiting
from tests.making.people import PASSWORD
from tests.services.site import running_worker

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Browser, Page

    from tests.making.browsing import Visit
    from tests.services.site import Site


async def with_a_report(visit: Visit) -> None:
    """Register, and let a mix be measured."""
    await visit.register()
    await visit.measure(("Night Bus.wav", wav(3.0)))
    await visit.page.locator("[data-state=done]").wait_for(timeout=90_000)


async def take_everything(page: Page, file: Path) -> None:
    """Order the export, wait until it is made, and keep it."""
    await page.goto("/data")
    await page.get_by_role("button", name="Export everything").click()
    await page.get_by_role("button", name="Download the export").wait_for(timeout=60_000)
    async with page.expect_download() as export:
        await page.get_by_role("button", name="Download the export").click()
    await (await export.value).save_as(file)


async def delete_all_results(page: Page) -> None:
    """Press the button and the one that asks whether it is meant."""
    await page.get_by_text("Delete all results").first.click()
    await page.get_by_role("button", name="Delete all results now").click()
    assert await page.locator("#held-report").count() == 0


async def test_the_six_rights_have_an_effect(browser: Browser, live_site: Site, tmp_path: Path) -> None:
    """Access, correction, deletion, a copy, objection, withdrawal, and the end, with one cookie and nothing stored."""
    async with running_worker(live_site.settings), visiting(browser, live_site, accept_downloads=True) as visit:
        page = visit.page
        await with_a_report(visit)
        await page.goto("/data")
        await page.get_by_role("link", name="Uploads").click()
        assert "Night Bus.wav" in await page.inner_text("main")
        await page.goto("/account")
        await page.locator("#display_name").fill("Mara Vos")
        await page.get_by_role("button", name="Keep name").click()
        assert await page.locator("#display_name").input_value() == "Mara Vos"
        await page.goto("/data")
        async with page.expect_download() as receipt:
            await page.get_by_role("link", name="Download receipt").click()
        assert "Kept for" in (await (await receipt.value).path()).read_text()
        await take_everything(page, tmp_path / "export.zip")
        assert "data/report.json" in zipfile.ZipFile(tmp_path / "export.zip").namelist()
        await page.goto("/data")
        await page.get_by_role("button", name="Withdraw").click()
        await page.goto("/data")
        assert "Nothing goes to an AI" in await page.inner_text("main")
        await page.get_by_label("Noticing and stopping abuse").check()
        await page.get_by_role("button", name="Object").click()
        assert "waits for a person's answer" in await page.inner_text("main")
        await delete_all_results(page)
        await visit.assert_storage_empty()
        await visit.assert_private()
        await page.get_by_role("link", name="Delete my account").click()
        if "/account/proof" in page.url:
            await page.get_by_label("Password").fill(PASSWORD)
            await page.get_by_role("button").last.click()
        await page.get_by_label("Delete everything, for good").check()
        await page.get_by_role("button", name="Delete my account now").click()
        assert "Your account is deleted" in await page.inner_text("main")
        assert await visit.context.cookies() == []
        assert await Account.count() == 0


async def test_a_copy_is_whole_without_the_site(browser: Browser, live_site: Site, tmp_path: Path) -> None:
    """Kept as one file, the report opens with no network and no scripts, charts and findings in it, on paper too."""
    async with running_worker(live_site.settings), visiting(browser, live_site, accept_downloads=True) as visit:
        page = visit.page
        await with_a_report(visit)
        await page.goto("/tracks")
        await page.locator("#tracks tbody a").first.click()
        drawings = await page.locator("#report svg.chart").count()
        integrated = await page.locator(".badges").inner_text()
        async with page.expect_download() as kept:
            await page.get_by_role("link", name="Keep a copy").first.click()
        file = tmp_path / "report.html"
        await (await kept.value).save_as(file)
        await visit.assert_private()
    context = await browser.new_context(offline=True, java_script_enabled=False)
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    alone = await context.new_page()
    await alone.goto(file.as_uri())
    assert "Night Bus" in await alone.inner_text("h1")
    assert await alone.locator("svg.chart").count() == drawings > 5
    assert await alone.locator(".badges").inner_text() == integrated
    assert await alone.locator("form, script, link, button, img").count() == 0
    assert asked == [file.as_uri()]
    await alone.emulate_media(media="print")
    for card in await alone.locator("details.find .card").all():
        assert await card.is_visible()
    assert len(await alone.pdf()) > 20_000
    await context.close()


async def test_an_export_comes_back(browser: Browser, live_site: Site, tmp_path: Path) -> None:
    """All results are deleted, and the export that was taken before brings the report back."""
    async with running_worker(live_site.settings), visiting(browser, live_site, accept_downloads=True) as visit:
        page = visit.page
        await with_a_report(visit)
        await take_everything(page, tmp_path / "export.zip")
        await page.goto("/data")
        await delete_all_results(page)
        await page.get_by_text("Bring an export back").click()
        await page.get_by_label("The ZIP as you downloaded it").set_input_files(tmp_path / "export.zip")
        await page.get_by_role("button", name="Bring it back").click()
        assert "Your export is here" in await page.inner_text("main")
        assert await page.locator("#held-report").count() == 1
        await page.goto("/tracks")
        await page.locator("#tracks tbody a").first.click()
        assert "Night Bus" in await page.inner_text("h1")
        await visit.assert_private()
