"""Development's mailbox: what would have been sent. Elsewhere there is nothing at its address."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from litestar import Controller, Request, get

from app.accounts.views import MailRow, MailsPage
from app.kernel.errors import NotFound
from app.kernel.html.access import PUBLIC
from app.kernel.html.answers import Answers, chrome_of
from app.kernel.html.inject import Part
from app.kernel.mail import FolderPostman
from app.settings import Settings

if TYPE_CHECKING:
    from email.message import EmailMessage

LINK = re.compile(r"^https?://[^/\s]+(/\S*)", re.MULTILINE)
SHOWN = 50


class MailPages(Controller):
    """Everything under /dev/mail."""

    path = "/dev/mail"

    @get("/", opt=PUBLIC)
    async def mails(self, request: Request[Any, Any, Any], answers: Part[Answers], settings: Part[Settings]) -> Any:
        """Show the newest mails."""
        if not settings.development:
            raise NotFound
        mails = FolderPostman(settings.outbox_dir).read()[:SHOWN]
        return answers.html(MailsPage(chrome_of(request), mails=tuple(_row(mail) for mail in mails)))


def _row(mail: EmailMessage) -> MailRow:
    body = mail.get_body(("plain",))
    text = str(body.get_content()) if body is not None else ""
    found = LINK.search(text)
    return MailRow(
        id=str(mail["Message-ID"]).strip("<>").partition("@")[0],
        recipient=str(mail["To"]),
        subject=str(mail["Subject"]),
        text=text,
        link=found[1] if found else "",
    )
