"""What each table holds of a person: whose it is, and when it goes.

Every subject declares its tables here beside their definition. A table that is not declared
turns the suite red, so that no promise of the privacy policy can be forgotten by a new column.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    EXPORT = "export"
    """Until it is fetched, a fixed number of minutes at most."""


@dataclass(frozen=True, slots=True)
class PersonalData:
    """One table's promise."""

    table: type[Table]
    owner: str
    """Path from a row to its account, such as ``account`` or ``analysis.account``."""
    retention: Retention
    deadline: str = ""
    """Column that holds the moment after which a row is gone; empty: it goes with its account."""
    title: str = ""
    """What its rows are called on the page of one's data; empty: the table's own name."""
    withheld: Mapping[str, str] = field(default_factory=dict)
    """Columns that an export leaves out, each with the reason."""
    structured: tuple[str, ...] = ()
    """Text columns that hold JSON."""
    freed_by: tuple[str, str] | None = None
    """Column and value by which a row says that what the deadline is about is gone already."""

    @property
    def name(self) -> str:
        """The table's name."""
        return self.table._meta.tablename  # noqa: SLF001 - Piccolo's documented place

    @property
    def label(self) -> str:
        """What a page calls its rows."""
        return self.title or self.name.replace("_", " ").capitalize()
