"""Turns of conversations, and what answers cost a day."""

from __future__ import annotations

from piccolo.columns import UUID, BigInt, Boolean, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table

from app.accounts.tables import Account
from app.analyses.tables import Analysis
from app.kernel.personal import PersonalData, Retention


class Message(Table, tablename="message"):
    """A question with its answer; one is written at a time for an account, and notes exist once a report."""

    id = UUID(primary_key=True, default=UUID4())
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade, index=True)
    analysis = ForeignKey(Analysis, null=False, on_delete=OnDelete.cascade, index=True)
    kind = Varchar(length=10)
    author = Varchar(length=10)
    state = Varchar(length=12)
    question = Text(default="")
    answer = Text(default="", help_text="So far, or whole.")
    failure = Varchar(length=12, default="")
    run_id = UUID(help_text="The writing that may change the answer.")
    lease_until = Timestamptz(null=True, default=None, help_text="Interrupted, if it is still written after this.")
    is_charged = Boolean(default=False, help_text="Whether one message of the period is taken for it.")
    charged_period = Timestamptz(null=True, default=None, help_text="Start of the period it is taken from.")
    model = Varchar(length=60, default="")
    input_tokens = Integer(default=0)
    cache_write_tokens = Integer(default=0)
    cache_read_tokens = Integer(default=0)
    output_tokens = Integer(default=0)
    cost_microdollars = BigInt(default=0)
    created_at = Timestamptz(default=TimestamptzNow())
    finished_at = Timestamptz(null=True, default=None)
    expires_at = Timestamptz(default=TimestamptzNow(), index=True)


class Spending(Table, tablename="spending"):
    """What Claude's answers cost on one day: a row an account, and one of the site."""

    id = UUID(primary_key=True)
    account = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.cascade, index=True)
    microdollars = BigInt(default=0)
    expires_at = Timestamptz(default=TimestamptzNow(), index=True)


PERSONAL_DATA = (
    PersonalData(Message, owner="account", retention=Retention.RESULTS, deadline="expires_at", title="Messages"),
    PersonalData(Spending, owner="account", retention=Retention.USAGE, title="What answers cost"),
)
