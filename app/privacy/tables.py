"""What the rights of a person leave behind: exports, objections, who was told of a new policy."""

from __future__ import annotations

from piccolo.columns import UUID, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table

from app.accounts.tables import Account
from app.kernel.personal import PersonalData, Retention


class Export(Table, tablename="export"):
    """A copy of everything that somebody ordered; the row is the job, its file lies in the exports folder."""

    id = UUID(primary_key=True, default=UUID4(), help_text="Also its file's name.")
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade, index=True)
    state = Varchar(length=10, index=True)
    done = Integer(default=0, help_text="How many tables are in it.")
    total = Integer(default=0)
    lease_until = Timestamptz(null=True, default=None)
    created_at = Timestamptz(default=TimestamptzNow())
    ready_at = Timestamptz(null=True, default=None)
    expires_at = Timestamptz(default=TimestamptzNow(), index=True)


class Objection(Table, tablename="objection"):
    """Somebody objects to a purpose; a person answers unless the objection itself has ended it."""

    id = UUID(primary_key=True, default=UUID4())
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade, index=True)
    purpose = Varchar(length=20)
    reason = Text(default="")
    created_at = Timestamptz(default=TimestamptzNow())
    answered_at = Timestamptz(null=True, default=None)


class Announcement(Table, tablename="announcement"):
    """That an account was told of a version of the policy; its identifier is made of both, so that it is told once."""

    id = UUID(primary_key=True)
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade, index=True)
    version = Varchar(length=20)
    created_at = Timestamptz(default=TimestamptzNow())


PERSONAL_DATA = (
    PersonalData(Export, owner="account", retention=Retention.EXPORT, deadline="expires_at", title="Exports"),
    PersonalData(Objection, owner="account", retention=Retention.ACCOUNT, title="Objections"),
    PersonalData(Announcement, owner="account", retention=Retention.ACCOUNT, title="News about the policy"),
)
