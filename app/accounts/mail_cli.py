"""``tracksensei mail``: which mails wait or were given up, and another try."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - msgspec reads the annotations of a line
from uuid import UUID  # noqa: TC003 - as above

import click

from app.accounts import outbox
from app.bootstrap import command
from app.kernel.console import JSON, PERSONAL, YES, Done, Exit, Group, Line, confirm, fail, masked, show, tell


class MailLine(Line, frozen=True):
    """One mail that did not leave yet."""

    id: UUID
    kind: str
    occasion: str
    recipient: str
    """Masked, unless it is asked for."""
    attempts: int
    error: str
    failed_at: datetime | None
    created_at: datetime
    expires_at: datetime


@click.group(cls=Group)
def mail() -> None:
    """See which mails wait or were given up, and try them again."""


@mail.command("list")
@JSON
@PERSONAL
def list_mails(*, as_json: bool, shows_personal: bool) -> None:
    """List the mails that did not leave yet, the oldest first."""
    rows = command(lambda _services: outbox.everything())
    names = ("id", "kind", "occasion", "attempts", "error", "failed_at", "created_at", "expires_at")
    lines = [
        MailLine(
            **{name: row[name] for name in names},
            recipient=row["recipient"] if shows_personal else masked(row["recipient"]),
        )
        for row in rows
    ]
    show(lines, MailLine, as_json=as_json, title="Mails")


@mail.command()
@click.argument("mail_id", type=click.UUID)
@JSON
@YES
def resend(*, mail_id: UUID, as_json: bool, is_sure: bool) -> None:
    """Try the mail MAIL_ID again, from its first attempt."""
    confirm("Send this mail again?", is_sure=is_sure)
    if not command(lambda services: services.mailing.resend(mail_id)):
        fail(Exit.UNKNOWN, "There is no such mail, or its time is over.")
    tell(Done("The mail is tried again."), as_json=as_json)
