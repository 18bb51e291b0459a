"""The life of an account in a browser, with a real mail server, with scripts and without."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

from app.accounts.tables import Account, Outbox, Session
from app.kernel.clock import utc_now
from tests.making.browsing import visiting
from tests.making.traces import services_after
from tests.services.mailbox import link_in, running_mailbox
from tests.services.site import running_worker
from tests.services.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from playwright.async_api import Browser, Page

    from app.settings import Settings
    from tests.services.mailbox import Mailbox
    from tests.services.site import Site

PASSWORD, SECOND, THIRD = "correct horse battery", "violet engine tuesday", "paper lantern harbour"
EMAIL, NEW_EMAIL = "mara@example.org", "mara@example.net"
MAIL_S = 120.0


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """Run a mail server."""
    with running_mailbox() as running:
        yield running


@pytest.fixture
def settings(settings: Settings, mailbox: Mailbox) -> Settings:
    """Send by the mail server, as in production."""
    return replace(settings, development=False, smtp_url=mailbox.url)


@dataclass(slots=True)
class Somebody:
    """A person with a browser and mailboxes."""

    page: Page
    mailbox: Mailbox
    has_scripts: bool = False

    async def fill(self, **fields: str) -> None:
        """Fill in fields by their names."""
        for name, value in fields.items():
            await self.page.locator(f"main [name={name}]").fill(value)

    async def press(self, name: str) -> None:
        """Press a button."""
        await self.page.get_by_role("button", name=name, exact=True).click()

    async def register(self, email: str, *, is_old_enough: bool = True) -> None:
        """Send the registration form; AI feedback stays unticked."""
        await self.page.goto("/register")
        await self.fill(email=email, password=PASSWORD, display_name="Mara")
        if is_old_enough:
            await self.page.locator("#is_old_enough").check()
        await self.page.locator("#accepts_policy").check()
        await self.press("Register")

    async def log_in(self, email: str, password: str) -> None:
        """Send the log-in form."""
        await self.page.goto("/login")
        await self.fill(email=email, password=password)
        await self.press("Log in")

    async def link(self, address: str, subject: str, count: int = 1) -> str:
        """Wait for so many mails of a subject; return the newest one's link."""

        def arrived() -> str:
            mails = [mail for mail in self.mailbox.to(address) if mail["Subject"] == subject]
            return link_in(mails[-1]) if len(mails) >= count else ""

        return await eventually(arrived, MAIL_S)

    async def says(self, text: str) -> None:
        """Wait until the page says something."""
        await expect(self.page.locator("main")).to_contain_text(text)


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
async def somebody(
    request: pytest.FixtureRequest, live_site: Site, browser: Browser, mailbox: Mailbox
) -> AsyncIterator[Somebody]:
    """Lend a person; their browser asks this site only, and nothing goes wrong in it."""
    async with running_worker(live_site.settings), visiting(browser, live_site, scripts=request.param) as visit:
        yield Somebody(visit.page, mailbox, visit.has_scripts)
        assert all(url.startswith(live_site.url) for url in visit.requests)
        assert [fault for fault in visit.faults if not any(code in fault for code in ("404", "422"))] == []


async def test_an_account_begins_when_its_address_is_confirmed(somebody: Somebody, live_site: Site) -> None:
    """The gate keeps nothing; a second mail voids the first; unconfirmed accounts go after their days."""
    page = somebody.page
    await somebody.register(EMAIL, is_old_enough=False)
    await expect(page.locator("#is_old_enough:invalid")).to_have_count(1)
    assert (await Account.count(), await Outbox.count()) == (0, 0)
    await page.locator("#is_old_enough").check()
    await somebody.press("Register")
    await somebody.says("Look into your mailbox")
    assert not await page.context.cookies()
    first = await somebody.link(EMAIL, "Confirm your address")
    await somebody.log_in(EMAIL, PASSWORD)
    await somebody.says("Confirm your address")
    await somebody.press("Send the mail again")
    second = await somebody.link(EMAIL, "Confirm your address", 2)
    await page.goto(first)
    await somebody.says("This link does not work any more")
    await page.goto(second)
    await somebody.press("Confirm")
    await somebody.says("Your address is confirmed.")
    await page.goto("/account")
    for event in ("Address confirmed", "Logged in"):
        await somebody.says(event)
    await somebody.press("Log out")
    await page.wait_for_url(f"{live_site.url}/")
    assert await page.context.cookies() == []
    other = "never@example.org"
    await somebody.register(other)
    await somebody.link(other, "Confirm your address")
    async with services_after(live_site.settings, timedelta(days=8)) as later:
        await later.sweeper.sweep()
    await somebody.log_in(other, PASSWORD)
    await somebody.says("The address or the password is not right.")
    assert [row["email"] for row in await Account.select(Account.email)] == [EMAIL]


async def _open_account(somebody: Somebody) -> None:
    """Register and confirm with the password, as a stranger to the site."""
    await somebody.register(EMAIL)
    await somebody.page.goto(await somebody.link(EMAIL, "Confirm your address"))
    await somebody.fill(password="not this one")
    await somebody.press("Confirm")
    await somebody.says("That is not the password of this account.")
    await somebody.fill(password=PASSWORD)
    await somebody.press("Confirm")
    await somebody.says("Your address is confirmed.")


async def test_a_password_is_forgotten_changed_and_asked_again(somebody: Somebody) -> None:
    """By mail, on the page of the account, and before what hurts."""
    page = somebody.page
    await _open_account(somebody)
    await somebody.press("Log out")
    await page.goto("/login")
    await page.get_by_role("link", name="Forgotten password").click()
    await somebody.fill(email=EMAIL)
    await somebody.press("Send the mail")
    await somebody.says("If there is an account")
    await page.goto(await somebody.link(EMAIL, "Choose a new password"))
    await somebody.fill(password="password123")
    await somebody.press("Change password")
    await expect(page.locator("#password-error")).to_be_visible()
    await somebody.fill(password=SECOND)
    await somebody.press("Change password")
    await somebody.says("Your password is changed. Log in with the new one.")
    await somebody.log_in(EMAIL, PASSWORD)
    await somebody.says("The address or the password is not right.")
    await somebody.log_in(EMAIL, SECOND)
    await page.goto("/account")
    await somebody.fill(display_name="Mara K.")
    await somebody.press("Keep name")
    await expect(page.locator(".who")).to_have_text("Mara K.")
    await somebody.fill(current_password=PASSWORD, new_password=THIRD)
    await somebody.press("Change password")
    await expect(page.locator("#current_password-error")).to_be_visible()
    await somebody.fill(current_password=SECOND, new_password=THIRD)
    await somebody.press("Change password")
    await somebody.says("every other session is ended")
    await somebody.link(EMAIL, "Your password was changed", 2)
    await Session.update({Session.proved_at: utc_now() - timedelta(days=1)}, force=True)
    await page.goto("/account/proof?next=/account")
    await somebody.fill(current_password=THIRD)
    await somebody.press("Go on")
    await page.wait_for_url("**/account")
    for event in ("Password set anew by mail", "Password changed"):
        await somebody.says(event)
    if somebody.has_scripts:  # axe is one
        assert (await Axe().run(page)).violations_count == 0


async def test_an_address_moves_and_sessions_end(somebody: Somebody, live_site: Site, browser: Browser) -> None:
    """Both mailboxes agree; one session ends from the list, then all of them."""
    page = somebody.page
    await _open_account(somebody)
    async with visiting(browser, live_site, scripts=False) as elsewhere:
        other = Somebody(elsewhere.page, somebody.mailbox)
        await other.log_in(EMAIL, PASSWORD)
        await page.goto("/account")
        await expect(page.get_by_role("button", name="End the session of")).to_have_count(2)
        await page.get_by_role("row").filter(has_not_text="this one").get_by_role("button", name="End").click()
        await somebody.says("The session is ended.")
        await other.page.goto("/tracks")
        await other.page.wait_for_url("**/login?next=/tracks")
        await somebody.fill(new_email=NEW_EMAIL, email_password=PASSWORD)
        await somebody.press("Change address")
        await somebody.says("The address changes when both agree.")
        old, new = (
            await somebody.link(EMAIL, "Is your address to change?"),
            await somebody.link(NEW_EMAIL, "Is this your new address?"),
        )
        await page.goto(old)
        await somebody.press("Agree")
        await somebody.says("The address changes when the other mailbox agrees too.")
        await other.page.goto(new)
        await other.press("Agree")
        await other.says("Your address is changed.")
        await eventually(lambda: len(somebody.mailbox.to(EMAIL)) >= 3, MAIL_S)
        assert somebody.mailbox.to(EMAIL)[-1]["Subject"] == "Your address was changed"
        await other.log_in(EMAIL, PASSWORD)
        await other.says("The address or the password is not right.")
        await other.log_in(NEW_EMAIL, PASSWORD)
        await other.page.wait_for_url("**/tracks")
        await page.goto("/account")
        await somebody.says("Address changed")
        await somebody.press("Log out everywhere")
        await page.wait_for_url(f"{live_site.url}/")
        await other.page.goto("/account")
        await other.page.wait_for_url("**/login?next=/account**")
    assert await Session.count() == 0
