"""What is held of one account, table by table, asked by nothing but the registry.

A new table needs its declaration and nothing here: the owner's path says whose a row is, the
deadline column until when it is shown, the class what may be done with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from piccolo.columns import ForeignKey
from piccolo.query.functions.aggregate import Count, Min

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from piccolo.columns import Column
    from piccolo.custom_types import Combinable
    from piccolo.table import Table

    from app.kernel.personal import PersonalData


@dataclass(frozen=True, slots=True)
class Held:
    """How much of one table is held of an account."""

    entry: PersonalData
    count: int
    next_goes_at: datetime | None
    """When the first of them goes; none: with the account."""


async def held(entry: PersonalData, account_id: UUID, now: datetime) -> Held:
    """Count an account's rows of one table."""
    key = _key(entry.table)
    rows = await entry.table.select(Count(key, alias="count")).where(_visible(entry, account_id, now))
    next_goes_at = None
    if entry.deadline:
        pending = _visible(entry, account_id, now) & _not_freed(entry)
        (row,) = await entry.table.select(Min(_column(entry, entry.deadline), alias="first")).where(pending)
        next_goes_at = row["first"]
    return Held(entry, int(rows[0]["count"]), _moment(next_goes_at))


async def rows_of(entry: PersonalData, account_id: UUID, now: datetime) -> list[dict[str, Any]]:
    """Return an account's rows of one table, in the order of their keys."""
    return await entry.table.select().where(_visible(entry, account_id, now)).order_by(_key(entry.table))


async def row_of(entry: PersonalData, account_id: UUID, row_id: Any, now: datetime) -> dict[str, Any] | None:
    """Return one row of an account."""
    rows = await entry.table.select().where(_visible(entry, account_id, now) & (_key(entry.table) == row_id))
    return rows[0] if rows else None


async def delete_rows(entry: PersonalData, account_id: UUID, row_id: Any = None) -> int:
    """Delete an account's rows of one table, or one of them; tell how many."""
    where: Combinable = owner_column(entry) == account_id
    if row_id is not None:
        where = where & (_key(entry.table) == row_id)
    # A subquery by keys: a DELETE cannot join on the way to its owner.
    keys = [row["key"] for row in await entry.table.select(_key(entry.table).as_alias("key")).where(where)]
    if keys:
        await entry.table.delete().where(_key(entry.table).is_in(keys))
    return len(keys)


async def overdue(entry: PersonalData, before: datetime) -> int:
    """Count the rows whose deadline passed before a moment."""
    if not entry.deadline:
        return 0
    late = _column(entry, entry.deadline) <= before
    rows = await entry.table.select(Count(_key(entry.table), alias="count")).where(late & _not_freed(entry))
    return int(rows[0]["count"])


async def ownerless(entry: PersonalData) -> int:
    """Count the rows that name an owner who is not there."""
    lost = 0
    for name, _ in references(entry):
        column = _column(entry, name)
        rows = await entry.table.select(Count(_key(entry.table), alias="count")).where(
            column.is_not_null() & _key_of(column).is_null()
        )
        lost += int(rows[0]["count"])
    return lost


async def delete_due(entry: PersonalData, now: datetime) -> int:
    """Delete the rows whose deadline has passed; files are their subjects' matter, and so are rows with files."""
    if not entry.deadline or entry.freed_by:
        return 0
    gone = await entry.table.delete().where(_column(entry, entry.deadline) <= now).returning(_key(entry.table))
    return len(gone)


async def all_rows(entry: PersonalData) -> list[dict[str, Any]]:
    """Return every row of a table, for a backup."""
    return await entry.table.select().order_by(_key(entry.table))


def owner_column(entry: PersonalData) -> Any:
    """Return the column at the end of the owner's path."""
    column: Any = entry.table
    for name in entry.owner.split("."):
        column = getattr(column, name)
    return column


def by_dependency(entries: Iterable[PersonalData]) -> list[PersonalData]:
    """Order tables so that a row's owner comes before the row."""
    left, ordered = list(entries), []
    done: set[type[Table]] = set()
    while left:
        ready = [entry for entry in left if needs(entry) <= done | {entry.table}]
        if not ready:
            raise ValueError("tables refer to each other in a circle")
        ordered += ready
        done |= {entry.table for entry in ready}
        left = [entry for entry in left if entry not in ready]
    return ordered


def needs(entry: PersonalData) -> set[type[Table]]:
    """Return the tables that a table's foreign keys name."""
    return {target for _, target in references(entry)}


def references(entry: PersonalData) -> list[tuple[str, type[Table]]]:
    """Return the foreign keys of a table, each with the table that it names."""
    return [(name_of(column), referred(column)) for column in columns(entry) if isinstance(column, ForeignKey)]


def referred(column: ForeignKey[Any]) -> type[Table]:
    """Return the table that a foreign key names."""
    return column._foreign_key_meta.resolved_references  # noqa: SLF001 - Piccolo's documented place


def columns(entry: PersonalData) -> Sequence[Column]:
    """Return every column of a table."""
    return entry.table._meta.columns  # noqa: SLF001 - as above


def key_name(entry: PersonalData) -> str:
    """Return the name of a table's primary key."""
    return name_of(_key(entry.table))


def name_of(column: Any) -> str:
    """Return the name of a column."""
    return str(column._meta.name)  # noqa: SLF001 - as above


def _visible(entry: PersonalData, account_id: UUID, now: datetime) -> Combinable:
    where: Combinable = owner_column(entry) == account_id
    if entry.deadline:
        in_time = _column(entry, entry.deadline) > now
        where = where & (in_time | _freed(entry) if entry.freed_by else in_time)
    return where


def _freed(entry: PersonalData) -> Combinable:
    name, value = entry.freed_by or ("", "")
    is_freed: Combinable = _column(entry, name) == value
    return is_freed


def _not_freed(entry: PersonalData) -> Combinable:
    if entry.freed_by is None:
        always: Combinable = _key(entry.table).is_not_null()
        return always
    name, value = entry.freed_by
    is_not: Combinable = _column(entry, name) != value
    return is_not


def _column(entry: PersonalData, name: str) -> Any:
    return getattr(entry.table, name)


def _key(table: type[Table]) -> Any:
    return table._meta.primary_key  # noqa: SLF001 - as above


def _key_of(column: Any) -> Any:
    """Return the key of the row that a foreign key names, by a join."""
    return getattr(column, name_of(_key(referred(column))))


def _moment(value: Any) -> datetime | None:
    """Return a moment that an aggregate gave, which SQLite tells as text without its zone."""
    if value is None:
        return None
    moment = datetime.fromisoformat(value) if isinstance(value, str) else datetime.fromtimestamp(value.timestamp(), UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
