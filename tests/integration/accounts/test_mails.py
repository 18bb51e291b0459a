"""Mails leave through the outbox, each once, whatever the mail server does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.accounts.letters import KINDS, WORDS, MailKind, Occasion
from app.accounts.rules import Client, Registration
from app.accounts.tables import MailToken, Outbox
from app.kernel.errors import Invalid
from app.kernel.mail import Mail, message_of
from app.registry import PERSONAL_DATA
from tests.making.traces import services_after
from tests.services.mailbox import link_in, running_mailbox, text_of
from tests.services.site import running_worker
from tests.services.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.bootstrap import Services
    from app.settings import Settings
    from tests.services.mailbox import Mailbox

CLIENT = Client("192.0.2.7", "Firefox on Linux")
MARA = Registration(email="mara@example.org", password="correct horse battery", display_name="")
HOUR = timedelta(hours=1)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """Run a mail server."""
    with running_mailbox() as running:
        yield running


@pytest.fixture
def settings(settings: Settings, mailbox: Mailbox) -> Settings:
    """Send by the mail server, as in production."""
    return replace(settings, development=False, smtp_url=mailbox.url)


async def test_the_worker_sends_what_the_web_ordered(services: Services, settings: Settings, mailbox: Mailbox) -> None:
    """A registration becomes one mail, as text and HTML, and its row is gone."""
    async with running_worker(settings):
        assert await services.accounts.register(MARA, CLIENT) == ""
        (mail,) = await eventually(lambda: mailbox.to(MARA.email), 60)
        await eventually(_is_empty)
    assert mail["Subject"] == "Confirm your address"
    assert text_of(mail).count(settings.site_url + "/verify/") == 1
    html = mail.get_body(("html",))
    assert html is not None
    assert "<h1" in html.get_content()
    assert len(mailbox.mails) == 1


async def _is_empty() -> bool:
    count: int = await Outbox.count()
    return count == 0


async def test_a_refused_mail_is_tried_again_later(services: Services, settings: Settings, mailbox: Mailbox) -> None:
    """Nothing is tried before its pause is over, and the second attempt succeeds."""
    mailbox.refusals = 1
    await services.accounts.register(MARA, CLIENT)
    assert await services.mailing.deliver_due() == 0
    assert await services.mailing.deliver_due() == 0
    assert mailbox.mails == []
    async with services_after(settings, timedelta(seconds=settings.policy.mail.retry_seconds + 1)) as later:
        assert await later.mailing.deliver_due() == 1
    assert len(mailbox.mails) == 1
    assert await Outbox.count() == 0


async def test_a_mail_that_never_goes_is_given_up_and_can_be_seen(
    services: Services, settings: Settings, mailbox: Mailbox
) -> None:
    """After the last attempt the row stays with its error until its deadline."""
    mailbox.refusals = 100
    await services.accounts.register(MARA, CLIENT)
    span = timedelta()
    for attempt in range(1, settings.policy.mail.attempts + 1):
        async with services_after(settings, span) as later:
            await later.mailing.deliver_due()
        span += settings.policy.mail.pause(attempt) + timedelta(seconds=1)
    (row,) = await Outbox.select()
    assert row["attempts"] == settings.policy.mail.attempts
    assert row["failed_at"] is not None
    assert row["error"] == "SMTPDataError"
    async with services_after(settings, settings.policy.mail.verification + HOUR) as later:
        await later.sweeper.sweep()
    assert await Outbox.count() == 0


async def test_two_workers_send_a_mail_once(services: Services, mailbox: Mailbox) -> None:
    """An attempt is taken by one conditional statement."""
    import asyncio

    await services.accounts.register(MARA, CLIENT)
    await asyncio.gather(*(services.mailing.deliver_due() for _ in range(5)))
    assert len(mailbox.mails) == 1


async def test_a_known_address_is_told_so_by_mail_only(services: Services, mailbox: Mailbox) -> None:
    """Registering again sends a mail, never a second account or a word on the page."""
    await services.accounts.register(MARA, CLIENT)
    await services.mailing.deliver_due()
    token = link_in(mailbox.mails[0]).rpartition("/")[2]
    await services.accounts.confirm(token, MARA.password, None, CLIENT)
    assert await services.accounts.register(MARA, CLIENT) == ""
    await services.mailing.deliver_due()
    assert [mail["Subject"] for mail in mailbox.mails] == ["Confirm your address", "You have an account already"]


async def test_a_link_goes_to_the_address_that_the_account_has(services: Services, mailbox: Mailbox) -> None:
    """However it was typed this time: a mail server may tell mailboxes apart that we fold to one."""
    await services.accounts.register(MARA, CLIENT)
    typed = MARA.email.upper()
    await services.accounts.register(replace(MARA, email=typed), CLIENT)
    await services.accounts.forgot(typed, CLIENT)
    await services.mailing.deliver_due()
    assert [mail["To"] for mail in mailbox.mails] == [MARA.email] * 3


async def test_nobody_unknown_is_mailed(services: Services, mailbox: Mailbox) -> None:
    """A forgotten password of an address without an account leads to no mail and no row."""
    await services.accounts.forgot("stranger@example.org", CLIENT)
    assert await Outbox.count() == 1
    await services.mailing.deliver_due()
    assert mailbox.mails == []
    assert await Outbox.count() == 0


async def test_nothing_that_is_stored_can_be_clicked(services: Services, mailbox: Mailbox) -> None:
    """The link stands in the mail; the database has its SHA-256."""
    await services.accounts.register(MARA, CLIENT)
    await services.mailing.deliver_due()
    token = link_in(mailbox.mails[0]).rpartition("/")[2]
    assert len(token) == 43
    (row,) = await MailToken.select()
    assert token not in str(row)
    assert len(row["digest"]) == 64


def test_every_occasion_has_one_of_six_kinds_and_its_words() -> None:
    """No mail is sent that the privacy page does not name."""
    assert set(KINDS) == set(Occasion)
    assert set(KINDS.values()) == set(MailKind)
    assert len(MailKind) == 6
    assert set(WORDS) == set(Occasion) - {Occasion.REGISTERED}


@pytest.mark.parametrize("address", ["a@example.org\r\nBcc: b@example.org", "a@example.org\nX: y"])
def test_a_line_end_adds_no_header(address: str) -> None:
    """An address or a subject with a line end is refused, not sent."""
    with pytest.raises(Invalid):
        message_of(Mail("1", "hello@example.com", address, "Hello", "text", "<p>html</p>"))
    with pytest.raises(Invalid):
        message_of(Mail("1", "hello@example.com", "a@example.org", f"Hello {address}", "text", "<p>html</p>"))


def test_mails_and_links_have_an_owner_and_a_deadline() -> None:
    """What accounts keep is declared with its end."""
    declared = {entry.table._meta.tablename: entry for entry in PERSONAL_DATA}
    for name in ("outbox", "mail_token", "security_event"):
        assert declared[name].deadline == "expires_at"
        assert declared[name].owner == "account"
