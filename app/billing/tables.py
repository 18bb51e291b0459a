"""Who an account is at Stripe, what it pays for, and what Stripe has told."""

from __future__ import annotations

from piccolo.columns import UUID, ForeignKey, Integer, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table

from app.accounts.tables import Account
from app.kernel.personal import PersonalData, Retention

STRIPE_ID = 255
"""Stripe's identifiers are up to 255 characters long."""


class Customer(Table, tablename="customer"):
    """An account as Stripe knows it. No card, no name, no address is kept here."""

    id = Varchar(length=STRIPE_ID, primary_key=True, help_text="Stripe's identifier, cus_...")
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade, unique=True)
    asked = Integer(default=0, help_text="How often Stripe was asked for its subscriptions.")
    applied = Integer(default=0, help_text="Which of these answers is the newest that was kept.")
    created_at = Timestamptz(default=TimestamptzNow())


class Subscription(Table, tablename="subscription"):
    """The subscription of an account as Stripe last told it, for pages to show."""

    id = Varchar(length=STRIPE_ID, primary_key=True, help_text="Stripe's identifier, sub_...")
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade, unique=True)
    status = Varchar(length=20)
    plan = Varchar(length=20)
    interval = Varchar(length=5)
    period_end = Timestamptz(default=TimestamptzNow())
    ends_at = Timestamptz(null=True, default=None, help_text="It is cancelled from here on.")
    unpaid_since = Timestamptz(null=True, default=None, help_text="Date of the bill that is not paid.")
    next_plan = Varchar(length=20, default="", help_text="What it changes to at the end of the period.")
    next_interval = Varchar(length=5, default="")


class StripeEvent(Table, tablename="stripe_event"):
    """A message of Stripe that was taken; its identifier makes a second one of it harmless."""

    id = Varchar(length=STRIPE_ID, primary_key=True, help_text="Stripe's identifier, evt_...")
    account = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.cascade, index=True)
    kind = Varchar(length=100)
    created_at = Timestamptz(default=TimestamptzNow(), help_text="When Stripe says that it happened.")
    received_at = Timestamptz(default=TimestamptzNow())
    expires_at = Timestamptz(default=TimestamptzNow(), index=True)


class Departure(Table, tablename="departure"):
    """A customer that Stripe has still to forget; it outlives its account for as long as that takes."""

    id = UUID(primary_key=True, default=UUID4())
    customer = Varchar(length=STRIPE_ID, unique=True, help_text="Stripe's identifier, cus_...")
    account = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    attempts = Integer(default=0)
    error = Varchar(length=80, default="", help_text="Kind of the last failure, for the operator.")
    next_attempt_at = Timestamptz(default=TimestamptzNow(), index=True)
    created_at = Timestamptz(default=TimestamptzNow())
    expires_at = Timestamptz(default=TimestamptzNow(), index=True)


PERSONAL_DATA = (
    PersonalData(Customer, owner="account", retention=Retention.ACCOUNT, title="Customer at Stripe"),
    PersonalData(Subscription, owner="account", retention=Retention.ACCOUNT),
    PersonalData(
        StripeEvent, owner="account", retention=Retention.PAYMENT, deadline="expires_at", title="Messages of Stripe"
    ),
    PersonalData(Departure, owner="account", retention=Retention.PAYMENT, deadline="expires_at"),
)
