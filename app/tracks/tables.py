"""Tracks: songs of one account."""

from __future__ import annotations

from piccolo.columns import UUID, ForeignKey, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table

from app.accounts.tables import Account
from app.kernel.personal import PersonalData, Retention


class Track(Table, tablename="track"):
    """A song; its bounces are the versions."""

    id = UUID(primary_key=True, default=UUID4())
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade, index=True)
    name = Varchar(length=120)
    created_at = Timestamptz(default=TimestamptzNow())
    expires_at = Timestamptz(default=TimestamptzNow(), index=True, help_text="When its newest analysis goes.")


PERSONAL_DATA = (
    PersonalData(Track, owner="account", retention=Retention.RESULTS, deadline="expires_at", title="Tracks"),
)
