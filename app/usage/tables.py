"""Which plan an account is on, and how much of its period's allowance is used."""

from __future__ import annotations

from piccolo.columns import UUID, ForeignKey, Integer, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table

from app.accounts.tables import Account
from app.kernel.personal import PersonalData, Retention


class Usage(Table, tablename="usage"):
    """One account's counter of one kind in one period."""

    id = UUID(primary_key=True)
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade, index=True)
    kind = Varchar(length=20, help_text="analyses or messages.")
    period_start = Timestamptz(default=TimestamptzNow())
    period_end = Timestamptz(default=TimestamptzNow())
    used = Integer(default=0)


class Entitlement(Table, tablename="entitlement"):
    """A plan that an account has beyond the free one; one a source, and the best that holds counts."""

    id = UUID(primary_key=True, default=UUID4())
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade, index=True)
    source = Varchar(length=10, help_text="granted by the operator, or paid.")
    plan = Varchar(length=20)
    anchor = Timestamptz(default=TimestamptzNow(), help_text="Its months are counted from here.")
    until = Timestamptz(null=True, default=None, help_text="Free again from here on; null: open.")


PERSONAL_DATA = (
    PersonalData(Usage, owner="account", retention=Retention.USAGE, title="Usage counts"),
    PersonalData(Entitlement, owner="account", retention=Retention.ACCOUNT, title="Plan"),
)
