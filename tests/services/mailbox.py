"""A real mail server on loopback that keeps what it is given."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller

from tests.services.processes import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

LINK = re.compile(r"https?://[^/\s]+(/\S+)")


@dataclass(slots=True)
class Mailbox:
    """What has arrived, and how many of the next mails are refused."""

    url: str = ""
    mails: list[EmailMessage] = field(default_factory=list)
    refusals: int = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Take a mail, or refuse it for the moment."""
        del server, session
        if self.refusals:
            self.refusals -= 1
            return "451 Come again later"
        self.mails.append(BytesParser(EmailMessage, policy=policy.default).parsebytes(envelope.content))
        return "250 Taken"

    def to(self, address: str) -> list[EmailMessage]:
        """List what came for an address."""
        return [mail for mail in self.mails if mail["To"] == address]


@contextmanager
def running_mailbox() -> Iterator[Mailbox]:
    """Run a mail server."""
    mailbox = Mailbox()
    port = free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    mailbox.url = f"smtp://127.0.0.1:{port}"
    try:
        yield mailbox
    finally:
        controller.stop()


def text_of(mail: EmailMessage) -> str:
    """Return a mail's plain text."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def link_in(mail: EmailMessage) -> str:
    """Return the path of a mail's link."""
    found = LINK.search(text_of(mail))
    assert found is not None
    return found[1]
