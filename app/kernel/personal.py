"""What each table holds of a person: whose it is, and when it goes.

Every subject declares its tables here beside their definition. A table that is not declared
turns the suite red, so that no promise of the privacy policy can be forgotten by a new column.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from piccolo.table import Table


class Retention(StrEnum):
    """How long a class of data is kept."""

    ACCOUNT = "account"
    """As long as the account."""
    SESSION = "session"
    """Until the session ends."""
    UPLOAD = "upload"
    """Until the report exists; after a failure until its deadline."""
    RESULTS = "results"
    """A fixed number of days."""
    USAGE = "usage"
    """Counters of the running period, as long as the account."""
    LINK = "link"
    """Until a link of a mail is too old."""
    MAIL = "mail"
    """Until it is sent; one that cannot be sent until its deadline."""
    SECURITY = "security"
    """Security events, a fixed number of days."""
    PAYMENT = "payment"
    """Which messages of the payment service were taken, and whom it has still to forget: a fixed number of days."""


@dataclass(frozen=True, slots=True)
class PersonalData:
    """One table's promise."""

    table: type[Table]
    owner: str
    """Path from a row to its account, such as ``account`` or ``analysis.account``."""
    retention: Retention
    deadline: str = ""
    """Column that holds the moment after which a row is gone; empty: it goes with its account."""
