"""A life with a plan in a real browser: subscribe, upgrade, hit a limit, cancel, lapse, come back."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from app.policy import PlanPolicy
from tests.making.audio import wav
from tests.making.browsing import visiting
from tests.services.site import running_site
from tests.services.stripe import with_stripe
from tests.services.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Browser, Page

    from app.settings import Settings
    from tests.making.browsing import Visit
    from tests.services.site import Site
    from tests.services.stripe import StripeServer

PLANS = {"free": PlanPolicy(1, 20), "pro": PlanPolicy(2, 400), "studio": PlanPolicy(3, 2000)}


@pytest.fixture
async def shop(settings: Settings, stripe: StripeServer) -> AsyncIterator[Site]:
    """Serve a site whose plans end soon, so that limits are met."""
    from app.asgi import create_app

    few = replace(settings, policy=replace(settings.policy, plans=PLANS))
    selling = with_stripe(few, stripe.url)
    async with running_site(create_app(selling), selling) as site:
        stripe.webhook_url = f"{site.url}/billing/webhook"
        yield site


async def assert_accessible(page: Page) -> None:
    """Check that axe finds nothing."""
    found = await Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


async def buy(visit: Visit, plan: str, *, press: str) -> None:
    """Choose a plan on the page of prices, and say yes on Stripe's page."""
    await visit.page.goto("/pricing")
    await visit.page.get_by_role("button", name=plan, exact=False).locator("visible=true").click()
    link = visit.page.get_by_role("link", name="Go on to Stripe")
    await expect(link).to_be_visible()
    if visit.has_scripts:
        await assert_accessible(visit.page)
    await link.click()
    await visit.page.get_by_role("button", name=press).click()
    await visit.page.wait_for_url("**/account/plan?done=paid")


async def has_plan(page: Page, title: str, *sentences: str) -> None:
    """Check what the page of the plan says."""
    await page.goto("/account/plan")
    await expect(page.locator(".plate .meta strong")).to_have_text(title)
    for sentence in sentences:
        await expect(page.locator("#main")).to_contain_text(sentence)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
async def test_a_life_with_a_plan(shop: Site, stripe: StripeServer, browser: Browser, *, scripts: bool) -> None:
    """From the free plan to Studio, to the end of it, and back, by links and forms."""
    async with visiting(browser, shop, scripts=scripts) as visit:
        page = visit.page
        await visit.register()
        await has_plan(page, "Free", "Analyses 0 of 1 used, 1 left", "New ones on 1 ")
        await buy(visit, "Get Pro", press="Pay")
        await has_plan(page, "Pro, paid monthly", "It renews on", "0 of 2 used")
        (subscription_id,) = stripe.world.subscriptions
        await buy(visit, "Upgrade to Studio", press="Confirm")
        await has_plan(page, "Studio, paid monthly", "0 of 3 used")
        await page.goto("/pricing")
        await page.get_by_role("button", name="Change to Pro").locator("visible=true").click()
        await expect(page.locator("#notices")).to_contain_text("changes at the end of its period")
        await expect(page.locator(".plate")).to_contain_text("It changes to Pro, paid monthly")
        await page.get_by_role("button", name="Keep Studio").click()
        await expect(page.locator(".plate")).to_contain_text("It renews on")
        await page.locator("summary", has_text="Cancel the plan").click()
        await page.get_by_role("button", name="Cancel it").click()
        await expect(page.locator("#notices")).to_contain_text("Nothing more will be charged")
        await has_plan(page, "Studio, paid monthly", "It ends on", "0 of 3 used")
        stripe.world.pass_period(subscription_id)
        await stripe.deliver_new()
        await has_plan(page, "Free", "0 of 1 used")
        await buy(visit, "Get Studio", press="Pay")
        await has_plan(page, "Studio, paid monthly", "It renews on")
        await page.get_by_role("link", name="Card and bills").click()
        await expect(page.get_by_role("heading", name="Card and bills")).to_be_visible()
        assert visit.faults == []


async def test_a_limit_keeps_what_was_chosen_and_names_the_way_out(shop: Site, browser: Browser) -> None:
    """A mix that is refused stays chosen; after an upgrade in another tab the same press sends it."""
    async with visiting(browser, shop) as visit:
        page = visit.page
        await visit.register()
        await visit.measure(("one.wav", wav(1.0)))
        await expect(page.locator("[data-analysis]")).to_have_count(1)
        await visit.measure(("two.wav", wav(1.0)))
        refusal = page.locator("#refusals .notice")
        await expect(refusal).to_contain_text("All 1 analyses of this month are used")
        await expect(refusal).to_contain_text("nothing of yours is lost")
        await expect(page.locator("#chosen li")).to_contain_text("two.wav")
        await assert_accessible(page)
        async with page.expect_popup() as opened:
            await refusal.get_by_role("link", name="See the plans").click()
        tab = await opened.value
        await tab.get_by_role("button", name="Get Pro").locator("visible=true").click()
        await tab.get_by_role("link", name="Go on to Stripe").click()
        await tab.get_by_role("button", name="Pay").click()
        await tab.wait_for_url("**/account/plan?done=paid")
        await expect(page.locator("#chosen li")).to_contain_text("two.wav")
        await page.get_by_role("button", name="Measure", exact=True).click()
        await expect(page.locator("[data-analysis]")).to_have_count(2)
        await expect(page.locator("#chosen li")).to_have_count(0)
        # The one fault of the console is the refusal itself, which Chromium notes as such.
        assert [fault for fault in visit.faults if "429" not in fault] == []


async def test_a_limit_without_scripts_is_a_calm_page(shop: Site, browser: Browser) -> None:
    """The page says what is used, when there is more and where the plans are; the list says so before."""
    async with visiting(browser, shop, scripts=False) as visit:
        page = visit.page
        await visit.register()
        await visit.measure(("one.wav", wav(1.0)))
        await page.goto("/tracks")
        await expect(page.locator("#used-up")).to_contain_text("There are new ones on 1 ")
        await visit.measure(("two.wav", wav(1.0)))
        await expect(page.get_by_role("heading", name="That is all for this month")).to_be_visible()
        await expect(page.locator("#main")).to_contain_text(re.compile("nothing of yours is lost"))
        await page.get_by_role("link", name="See the plans").click()
        await expect(page).to_have_url(re.compile("/pricing$"))


async def test_an_unpaid_bill_is_told_with_its_way_out(shop: Site, stripe: StripeServer, browser: Browser) -> None:
    """While Stripe tries again the plan holds, and the page leads to the card; a paid bill ends the notice."""
    async with visiting(browser, shop) as visit:
        page = visit.page
        await visit.register()
        await buy(visit, "Get Pro", press="Pay")
        (subscription_id,) = stripe.world.subscriptions
        stripe.world.fail_payment(subscription_id)
        await stripe.deliver_new()
        await has_plan(page, "Pro, paid monthly", "is not paid. Stripe tries again; the plan holds until")
        await assert_accessible(page)
        await expect(page.get_by_role("link", name="See card and bills")).to_be_visible()
        stripe.world.recover(subscription_id)
        await stripe.deliver_new()
        await has_plan(page, "Pro, paid monthly", "It renews on")
        await expect(page.locator(".notice-fix")).to_have_count(0)


async def test_the_pages_of_payment_are_accessible(shop: Site, browser: Browser) -> None:
    """Prices, plan and account: axe finds nothing, in both schemes, and the keyboard reaches everything."""
    async with visiting(browser, shop) as visit:
        page = visit.page
        await page.goto("/pricing")
        await assert_accessible(page)
        await visit.register()
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme)
            for path in ("/pricing", "/account/plan", "/account"):
                await page.goto(path)
                await page.wait_for_load_state("networkidle")
                await assert_accessible(page)
        await page.goto("/account")
        await expect(page.locator("#usage")).to_contain_text("Analyses 0 of 1 used, 1 left")
        await page.goto("/pricing")
        await page.locator("[name=paid][value=month]").focus()
        await page.keyboard.press("ArrowRight")
        await expect(page.locator(".cost")).to_contain_text("€120")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Get Pro")).to_be_visible()
        await expect(page.locator(".receipt")).to_contain_text("€120")


async def test_a_form_cannot_lead_to_stripe_but_a_link_can(shop: Site, stripe: StripeServer, browser: Browser) -> None:
    """Chromium stops a form whose answer leads away; that is why the last step to Stripe is a link."""
    async with visiting(browser, shop) as visit:
        page = visit.page
        await visit.register()
        policy = (await page.request.get("/pricing")).headers["content-security-policy"]
        assert "form-action 'self'" in policy
        assert "stripe" not in policy
        await buy(visit, "Get Pro", press="Pay")
        await page.goto("/pricing")
        await page.locator("form.plans").evaluate(
            "form => { form.method = 'get'; form.action = '/billing/portal'; form.submit(); }"
        )
        await eventually(lambda: any("form-action" in fault for fault in visit.faults))
        await expect(page).to_have_url(re.compile("/pricing$"))
        await page.goto("/account/plan")
        await page.get_by_role("link", name="Card and bills").click()
        await page.wait_for_url(f"{stripe.url}/portal/**")
