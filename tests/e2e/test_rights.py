"""A whole life here in a browser: the six rights with their effects, and what the browser did and kept meanwhile."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from playwright.async_api import expect

from app.accounts.tables import Account
from tests.making.audio import wav
from tests.making.browsing import visiting
from tests.making.people import PASSWORD
from tests.services.browser import MEASURED_MS
from tests.services.messages import MessagesServer, running_messages
from tests.services.site import running_site, running_worker
from tests.services.stripe import with_stripe

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from playwright.async_api import Browser, Page

    from app.settings import Settings
    from tests.making.browsing import Visit
    from tests.services.site import Site
    from tests.services.stripe import StripeServer


@pytest.fixture
async def messages() -> AsyncIterator[MessagesServer]:
    """Run a Messages server."""
    async with running_messages() as server:
        yield server


@pytest.fixture
async def whole_site(settings: Settings, stripe: StripeServer, messages: MessagesServer) -> AsyncIterator[Site]:
    """Serve a site with everything that may be set up: it sells, and Claude answers."""
    from app.asgi import create_app

    talking = replace(settings, anthropic_api_key="sk-ant-loopback", anthropic_api_base=messages.url)
    selling = with_stripe(talking, stripe.url)
    async with running_site(create_app(selling), selling) as site, running_worker(selling):
        stripe.webhook_url = f"{site.url}/billing/webhook"
        yield site


async def with_a_report(visit: Visit) -> None:
    """Register, and let a mix be measured."""
    await visit.register()
    await visit.measure(("Night Bus.wav", wav(3.0)))
    await visit.page.locator("[data-state=done]").wait_for(timeout=MEASURED_MS)


async def take_everything(page: Page, file: Path) -> None:
    """Order the export, wait until it is made, and keep it."""
    await page.goto("/data")
    await page.get_by_role("button", name="Export everything").click()
    await page.get_by_role("button", name="Download the export").wait_for(timeout=MEASURED_MS)
    async with page.expect_download() as export:
        await page.get_by_role("button", name="Download the export").click()
    await (await export.value).save_as(file)


async def delete_all_results(page: Page) -> None:
    """Press the button and the one that asks whether it is meant."""
    await page.get_by_text("Delete all results").first.click()
    await page.get_by_role("button", name="Delete all results now").click()
    assert await page.locator("#held-report").count() == 0


async def talk(page: Page) -> None:
    """Open the report, and let Claude answer a question about it."""
    await page.locator("[data-state=done] h3 a").click()
    await expect(page.locator(".badges")).to_be_visible()
    await expect(page.get_by_label("coach’s notes").locator(".answer")).to_be_visible(timeout=20_000)
    await page.get_by_label("Your question").fill("Why does it pump at night?")
    await page.get_by_role("button", name="Ask", exact=True).click()
    turn = page.locator(".turn", has_text="Why does it pump at night?")
    await expect(turn.locator(".answer")).to_contain_text("Cut 2 dB at 1.6 kHz")


async def correct_the_name(page: Page) -> None:
    """Change the name, and find it changed."""
    await page.goto("/account")
    await page.locator("#display_name").fill("Mara Vos")
    await page.get_by_role("button", name="Keep name").click()
    await expect(page.locator(".who")).to_have_text("Mara Vos")


async def read_what_is_held(page: Page) -> None:
    """Find the upload in the list of everything, and keep the proof that it is gone."""
    await page.goto("/data")
    await page.get_by_role("link", name="Uploads").click()
    await expect(page.locator("main")).to_contain_text("Night Bus.wav")
    await page.goto("/data")
    async with page.expect_download() as receipt:
        await page.get_by_role("link", name="Download receipt").click()
    assert "Kept for" in (await (await receipt.value).path()).read_text()


async def withdraw_and_object(page: Page) -> None:
    """End the consent to AI, and object to a purpose that a person has to weigh."""
    await page.goto("/data")
    await page.get_by_role("button", name="Withdraw").click()
    await page.goto("/data")
    await expect(page.locator("main")).to_contain_text("Nothing goes to an AI")
    await page.get_by_label("Noticing and stopping abuse").check()
    await page.get_by_role("button", name="Object").click()
    await expect(page.locator("main")).to_contain_text("waits for a person's answer")


async def buy(page: Page) -> str:
    """Choose a plan, pay on Stripe's page and come back; return the address of that page."""
    await page.goto("/pricing")
    await page.get_by_role("button", name="Get Pro").locator("visible=true").click()
    await page.get_by_role("link", name="Go on to Stripe").click()
    await page.get_by_role("heading", name="Payment").wait_for()
    address = page.url
    await page.get_by_role("button", name="Pay").click()
    await page.wait_for_url("**/account/plan?done=paid")
    await expect(page.locator(".plate .meta strong")).to_have_text("Pro, paid monthly")
    return address


async def delete_the_account(page: Page) -> None:
    """Give the password where it is asked for, tick that it is meant, and press."""
    await page.goto("/data")
    await page.get_by_role("link", name="Delete my account").click()
    if "/account/proof" in page.url:
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button").last.click()
    await page.get_by_label("Delete everything, for good").check()
    await page.get_by_role("button", name="Delete my account now").click()
    await expect(page.locator("main")).to_contain_text("Your account is deleted")


async def test_a_whole_life_with_the_six_rights(
    browser: Browser, whole_site: Site, messages: MessagesServer, tmp_path: Path
) -> None:
    """From registration to deletion: each right has its effect, and the browser asks this site and keeps one cookie."""
    async with visiting(browser, whole_site, accept_downloads=True) as visit:
        page = visit.page
        await with_a_report(visit)
        await talk(page)
        asked = len(messages.requests)
        assert asked > 0
        await read_what_is_held(page)
        await correct_the_name(page)
        await take_everything(page, tmp_path / "export.zip")
        assert "data/report.json" in zipfile.ZipFile(tmp_path / "export.zip").namelist()
        await withdraw_and_object(page)
        paid_at = await buy(page)
        await page.goto("/data")
        await delete_all_results(page)
        await visit.assert_storage_empty()
        await visit.assert_private(paid_at)
        await delete_the_account(page)
        await visit.assert_storage_empty()
        assert await visit.context.cookies() == []
        assert len(messages.requests) == asked
        assert await Account.count() == 0
        told = {urlsplit(url).path.strip("/").partition("/")[0] for url in visit.requests}
        assert {"register", "verify", "tracks", "analyses", "data", "pricing", "pay", "account"} <= told, told


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
