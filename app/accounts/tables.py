"""Accounts and their sessions."""

from __future__ import annotations

from piccolo.columns import UUID, ForeignKey, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table

from app.kernel.personal import PersonalData, Retention


class Account(Table, tablename="account"):
    """A person who uploads."""

    id = UUID(primary_key=True, default=UUID4())
    email = Varchar(length=254, help_text="As typed, for mails and the page.")
    email_key = Varchar(length=254, unique=True, help_text="Folded, to find it by.")
    display_name = Varchar(length=80, default="")
    password_hash = Text(help_text="argon2id, with its parameters.")
    policy_version = Varchar(length=20, help_text="Version of the privacy policy that was accepted.")
    created_at = Timestamptz(default=TimestamptzNow())


class Session(Table, tablename="session"):
    """One log-in; its identifier is the token's ``jti``, so that deleting the row revokes it."""

    id = UUID(primary_key=True, default=UUID4())
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade, index=True)
    created_at = Timestamptz(default=TimestamptzNow())
    seen_at = Timestamptz(default=TimestamptzNow())
    expires_at = Timestamptz(default=TimestamptzNow(), index=True)


PERSONAL_DATA = (
    PersonalData(Account, owner="id", retention=Retention.ACCOUNT),
    PersonalData(Session, owner="account", retention=Retention.SESSION, deadline="expires_at"),
)
