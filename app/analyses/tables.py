"""Analyses, the uploads they are made from and the reports they end in."""

from __future__ import annotations

from typing import Any

from piccolo.columns import UUID, BigInt, Boolean, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table

from app.accounts.tables import Account
from app.kernel.personal import PersonalData, Retention
from app.tracks.tables import Track


class Analysis(Table, tablename="analysis"):
    """One run; the row is the job."""

    id = UUID(primary_key=True, default=UUID4())
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade, index=True)
    track = ForeignKey(Track, null=False, on_delete=OnDelete.cascade, index=True)
    joined_to: ForeignKey[Any] = ForeignKey("self", null=True, default=None, on_delete=OnDelete.cascade, index=True)
    version = Integer(help_text="Which bounce of its track, from 1; that of the report that a set is added to.")
    purpose = Varchar(length=12, default="bounce", help_text="A bounce gets a report, a reference teaches a target.")
    state = Varchar(length=12, index=True)
    target = Varchar(length=40, default="general")
    stage = Varchar(length=12, default="master")
    idempotency_key = Varchar(length=64, help_text="One declaration posted twice is one analysis.")
    steps = Text(default="[]", help_text="Progress of the engine's steps, JSON.")
    attempts = Integer(default=0)
    run_id = UUID(null=True, default=None, help_text="The run that holds the lease.")
    worker = UUID(null=True, default=None, help_text="The worker of that run.")
    lease_until = Timestamptz(null=True, default=None)
    failure_code = Varchar(length=40, default="")
    failure_sentence = Text(default="")
    is_permanent = Boolean(default=False, help_text="A refusal: the same file would be refused again.")
    is_charged = Boolean(default=False, help_text="Whether one analysis of the period is taken for it.")
    headline = Text(default="{}", help_text="The report's few figures that lists show, JSON.")
    charged_period = Timestamptz(null=True, default=None, help_text="Start of the period it is taken from.")
    created_at = Timestamptz(default=TimestamptzNow())
    queued_at = Timestamptz(null=True, default=None)
    started_at = Timestamptz(null=True, default=None)
    finished_at = Timestamptz(null=True, default=None)
    changed_at = Timestamptz(default=TimestamptzNow(), index=True)
    expires_at = Timestamptz(default=TimestamptzNow(), index=True)


class Upload(Table, tablename="upload"):
    """One file of an analysis; the row is there before its first byte."""

    id = UUID(primary_key=True, default=UUID4(), help_text="Also its folder's name.")
    analysis = ForeignKey(Analysis, null=False, on_delete=OnDelete.cascade, index=True)
    kind = Varchar(length=10)
    name = Varchar(length=120, help_text="What its owner called it; shown, never used as a path.")
    format = Varchar(length=8)
    state = Varchar(length=10, index=True)
    declared_bytes = BigInt()
    received_bytes = BigInt(default=0)
    sha256 = Varchar(length=64, default="")
    created_at = Timestamptz(default=TimestamptzNow())
    started_at = Timestamptz(null=True, default=None)
    stored_at = Timestamptz(null=True, default=None)
    delete_after = Timestamptz(default=TimestamptzNow(), index=True)
    deleted_at = Timestamptz(null=True, default=None)


class Report(Table, tablename="report"):
    """The measurements of one analysis, as the JSON document."""

    id = UUID(primary_key=True, default=UUID4())
    analysis = ForeignKey(Analysis, null=False, on_delete=OnDelete.cascade, unique=True)
    document = Text()
    created_at = Timestamptz(default=TimestamptzNow())
    expires_at = Timestamptz(default=TimestamptzNow(), index=True)


class Dismissal(Table, tablename="dismissal"):
    """A finding that the owner of a track meant; it holds for later versions too."""

    id = UUID(primary_key=True, default=UUID4())
    track = ForeignKey(Track, null=False, on_delete=OnDelete.cascade, index=True)
    finding = Varchar(length=80, help_text="The finding's id, stable between versions.")
    created_at = Timestamptz(default=TimestamptzNow())
    expires_at = Timestamptz(default=TimestamptzNow(), index=True, help_text="When its track's newest analysis goes.")


class Receipt(Table, tablename="receipt"):
    """The proof that a file is gone; it outlives the report that was made from it."""

    id = UUID(primary_key=True, help_text="The upload's.")
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade, index=True)
    kind = Varchar(length=10)
    name = Varchar(length=120)
    size_bytes = BigInt()
    sha256 = Varchar(length=64)
    received_at = Timestamptz(default=TimestamptzNow(), help_text="When its first byte came.")
    analysed_at = Timestamptz(null=True, default=None)
    deleted_at = Timestamptz(default=TimestamptzNow())
    expires_at = Timestamptz(default=TimestamptzNow(), index=True)


PERSONAL_DATA = (
    PersonalData(
        Analysis,
        owner="account",
        retention=Retention.RESULTS,
        deadline="expires_at",
        title="Analyses",
        structured=("steps", "headline"),
    ),
    PersonalData(
        Upload,
        owner="analysis.account",
        retention=Retention.UPLOAD,
        deadline="delete_after",
        title="Uploads",
        freed_by=("state", "deleted"),
    ),
    PersonalData(
        Report,
        owner="analysis.account",
        retention=Retention.RESULTS,
        deadline="expires_at",
        title="Reports",
        structured=("document",),
    ),
    PersonalData(
        Receipt, owner="account", retention=Retention.RESULTS, deadline="expires_at", title="Receipts of deletions"
    ),
    PersonalData(
        Dismissal, owner="track.account", retention=Retention.RESULTS, deadline="expires_at", title="Findings meant so"
    ),
)
