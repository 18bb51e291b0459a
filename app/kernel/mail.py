"""The two ways a mail leaves: to a mail server, or into a folder while there is none."""

from __future__ import annotations

import asyncio
import ipaddress
from contextlib import suppress
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib

from app.kernel.errors import Invalid
from app.kernel.storage import older_files

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

TIMEOUT_S = 20.0
PORTS = {"smtp": 587, "smtps": 465}
ENDING = ".eml"


class NotSent(Exception):
    """A mail did not leave; the text is the kind of failure and names nobody."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail, as text and as HTML."""

    id: str
    """Makes a mail that is sent twice one and the same."""
    sender: str
    recipient: str
    subject: str
    text: str
    html: str


class Postman(Protocol):
    """Takes a mail away."""

    async def send(self, mail: Mail) -> None:
        """Send it, or raise :class:`NotSent`."""
        ...

    def remove_before(self, moment: datetime) -> int:
        """Remove what was kept of mails before a moment; tell how many."""
        ...

    async def forget(self, address: str) -> None:
        """Remove what was kept of mails that name an address."""
        ...


class SmtpPostman:
    """Hands mails to a mail server, encrypted unless it is on this machine."""

    def __init__(self, url: str) -> None:
        """Read the server's address; nothing is contacted."""
        parts = urlsplit(url)
        self._host = parts.hostname or "localhost"
        self._port = parts.port or PORTS[parts.scheme]
        self._user = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._is_tls = parts.scheme == "smtps"
        self._starts_tls = not self._is_tls and not _is_here(self._host)

    async def send(self, mail: Mail) -> None:
        """Send it and wait for the server's word."""
        try:
            await aiosmtplib.send(
                message_of(mail),
                hostname=self._host,
                port=self._port,
                username=self._user,
                password=self._password,
                use_tls=self._is_tls,
                start_tls=self._starts_tls,
                timeout=TIMEOUT_S,
            )
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise NotSent(type(error).__name__) from error

    def remove_before(self, moment: datetime) -> int:  # noqa: ARG002 - the other postman keeps files
        """Nothing is kept here."""
        return 0

    async def forget(self, address: str) -> None:
        """Nothing is kept here."""


class FolderPostman:
    """Writes mails into a folder, for a machine without a mail server."""

    def __init__(self, folder: Path) -> None:
        """Make nothing yet."""
        self._folder = folder

    async def send(self, mail: Mail) -> None:
        """Write it as a file that mail programs open."""
        try:
            await asyncio.to_thread(self._write, mail)
        except OSError as error:
            raise NotSent(type(error).__name__) from error

    def read(self) -> list[EmailMessage]:
        """Return all mails, the newest first."""
        if not self._folder.exists():
            return []
        files = sorted(self._folder.glob(f"*{ENDING}"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
        parser = BytesParser(EmailMessage, policy=policy.default)
        return [parser.parsebytes(file.read_bytes()) for file in files]

    def remove_before(self, moment: datetime) -> int:
        """Remove the files that are older; tell how many."""
        old = older_files(self._folder, f"*{ENDING}", moment)
        for file in old:
            file.unlink(missing_ok=True)
        return len(old)

    async def forget(self, address: str) -> None:
        """Remove the mails to an address, and those whose text names it."""
        await asyncio.to_thread(self._forget, address.casefold())

    def _forget(self, address: str) -> None:
        parser = BytesParser(EmailMessage, policy=policy.default)
        for file in self._folder.glob(f"*{ENDING}"):
            with suppress(FileNotFoundError):  # the sweep of another process was faster
                mail = parser.parsebytes(file.read_bytes())
                body = mail.get_body(("plain",))
                named = f"{mail['To']} {body.get_content() if body else ''}".casefold()
                if address in named:
                    file.unlink()

    def _write(self, mail: Mail) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self._folder / f"{mail.id}{ENDING}"
        path.touch(mode=0o600)
        path.write_bytes(message_of(mail).as_bytes(policy=policy.SMTP))


def message_of(mail: Mail) -> EmailMessage:
    """Build the message.

    Raises
    ------
    Invalid
        When a line end in an address or a subject would add a header of its own.

    """
    message = EmailMessage(policy=policy.SMTP)
    try:
        message["From"] = f"TrackSensei <{mail.sender}>"
        message["To"] = mail.recipient
        message["Subject"] = mail.subject
        message["Message-ID"] = f"<{mail.id}@{mail.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
    except (ValueError, IndexError) as error:
        raise Invalid("A mail cannot be sent to this address.", code="email") from error
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
