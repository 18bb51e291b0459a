"""Accounts and their sessions."""

from __future__ import annotations

from piccolo.columns import UUID, ForeignKey, Integer, Text, Timestamptz, Varchar
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
    verified_at = Timestamptz(null=True, default=None, help_text="When a mail's link proved the address.")
    suspended_at = Timestamptz(null=True, default=None, help_text="When the operator closed it for now.")
    closing_at = Timestamptz(null=True, default=None, help_text="When its owner deleted it; the rest follows at once.")


class Session(Table, tablename="session"):
    """One log-in; its identifier is the token's ``jti``, so that deleting the row revokes it."""

    id = UUID(primary_key=True, default=UUID4())
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade, index=True)
    created_at = Timestamptz(default=TimestamptzNow())
    seen_at = Timestamptz(default=TimestamptzNow())
    expires_at = Timestamptz(default=TimestamptzNow(), index=True)
    device = Varchar(length=60, default="", help_text="Browser and system, in words.")
    proved_at = Timestamptz(null=True, default=None, help_text="When the password was given last.")


class MailToken(Table, tablename="mail_token"):
    """What a link of a mail proves; the link itself is nowhere, only its SHA-256."""

    id = UUID(primary_key=True, default=UUID4())
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade, index=True)
    kind = Varchar(length=20)
    digest = Varchar(length=64, unique=True)
    address = Varchar(length=254, default="", help_text="The new address, where it is about one.")
    created_at = Timestamptz(default=TimestamptzNow())
    expires_at = Timestamptz(default=TimestamptzNow(), index=True)
    used_at = Timestamptz(null=True, default=None)


class Outbox(Table, tablename="outbox"):
    """A mail that is to be sent: for what occasion and to whom. Its words and links are made when it goes."""

    id = UUID(primary_key=True, default=UUID4())
    account = ForeignKey(Account, on_delete=OnDelete.cascade, null=True, default=None, index=True)
    kind = Varchar(length=20)
    occasion = Varchar(length=30)
    recipient = Varchar(length=254)
    address = Varchar(length=254, default="", help_text="The address that the mail is about, where it is another.")
    attempts = Integer(default=0)
    error = Varchar(length=80, default="", help_text="Kind of the last failure, for the operator.")
    failed_at = Timestamptz(null=True, default=None, help_text="When it was given up.")
    next_attempt_at = Timestamptz(default=TimestamptzNow(), index=True)
    created_at = Timestamptz(default=TimestamptzNow())
    expires_at = Timestamptz(default=TimestamptzNow(), index=True)


class Consent(Table, tablename="consent"):
    """A permission that was given, and when it was withdrawn."""

    id = UUID(primary_key=True, default=UUID4())
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade, index=True)
    kind = Varchar(length=20)
    version = Varchar(length=20, help_text="Version of the policy that it was given under.")
    given_at = Timestamptz(default=TimestamptzNow())
    withdrawn_at = Timestamptz(null=True, default=None)


class SecurityEvent(Table, tablename="security_event"):
    """What happened to an account, for its owner to see."""

    id = UUID(primary_key=True, default=UUID4())
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade, index=True)
    kind = Varchar(length=30)
    device = Varchar(length=60, default="")
    created_at = Timestamptz(default=TimestamptzNow())
    expires_at = Timestamptz(default=TimestamptzNow(), index=True)


HASHED = "A hash of a secret; the secret itself is not kept."

PERSONAL_DATA = (
    PersonalData(Account, owner="id", retention=Retention.ACCOUNT, withheld={"password_hash": HASHED}),
    PersonalData(Session, owner="account", retention=Retention.SESSION, deadline="expires_at", title="Sessions"),
    PersonalData(
        MailToken,
        owner="account",
        retention=Retention.LINK,
        deadline="expires_at",
        title="Links of mails",
        withheld={"digest": HASHED},
    ),
    PersonalData(Outbox, owner="account", retention=Retention.MAIL, deadline="expires_at", title="Mails on their way"),
    PersonalData(Consent, owner="account", retention=Retention.ACCOUNT, title="Consents"),
    PersonalData(
        SecurityEvent, owner="account", retention=Retention.SECURITY, deadline="expires_at", title="Security events"
    ),
)
