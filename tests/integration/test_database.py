"""The schema says what the tables say, every table keeps a promise, and SQLite is set up to forget."""

from __future__ import annotations

import asyncio
import inspect
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from piccolo.columns import ForeignKey
from piccolo.engine.sqlite import SQLiteEngine
from piccolo.table import Table

from app import accounts, analyses, tracks, usage
from app.accounts.tables import Account, Session
from app.kernel.db import QUERIES_AT_ONCE, transaction
from app.kernel.personal import Retention
from app.registry import PERSONAL_DATA, TABLES
from tests.making.people import member

if TYPE_CHECKING:
    from app.bootstrap import Services
    from tests.services.site import Site


async def columns_of(services: Services, table: str) -> dict[str, bool]:
    """Return a migrated table's columns, and whether each may be null."""
    if isinstance(services.engine, SQLiteEngine):
        rows = await Account.raw(f"PRAGMA table_info('{table}')")
        # A primary key is never null, although SQLite does not list it as such.
        return {row["name"]: not row["notnull"] and not row["pk"] for row in rows}
    query = f"SELECT column_name, is_nullable FROM information_schema.columns WHERE table_name = '{table}'"
    rows = await Account.raw(query)
    return {row["column_name"]: row["is_nullable"] == "YES" for row in rows}


async def test_the_migrations_make_the_tables(services: Services) -> None:
    """Each table has the columns of its class, no more and no fewer, on this engine."""
    for table in TABLES:
        declared = {column._meta.db_column_name: column._meta.null for column in table._meta.columns}
        assert await columns_of(services, table._meta.tablename) == declared, table


async def indexed_columns_of(services: Services, table: str) -> set[str]:
    """Return the columns that a migrated table has an index on, by its first column."""
    if isinstance(services.engine, SQLiteEngine):
        indexes = await Account.raw(f"PRAGMA index_list('{table}')")
        found = set()
        for index in indexes:
            columns = await Account.raw(f"PRAGMA index_info('{index['name']}')")
            found.add(columns[0]["name"])
        return found
    rows = await Account.raw(f"SELECT indexdef FROM pg_indexes WHERE tablename = '{table}'")
    return {row["indexdef"].partition("(")[2].rstrip(")").split(",")[0].strip() for row in rows}


async def test_the_migrations_make_the_indexes(services: Services) -> None:
    """What a table says is indexed or unique is so on this engine."""
    for table in TABLES:
        indexed = await indexed_columns_of(services, table._meta.tablename)
        wanted = {column._meta.db_column_name for column in table._meta.columns if column._meta.index}
        assert wanted <= indexed, table


async def test_no_table_is_unknown_to_the_registry(services: Services) -> None:
    """What the database holds beside the registry's tables is the migrations' own."""
    if isinstance(services.engine, SQLiteEngine):
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    else:
        query = "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'"
    rows = await Account.raw(query)
    assert {row["name"] for row in rows} - {"migration"} == {table._meta.tablename for table in TABLES}


def test_every_table_declares_what_it_promises() -> None:
    """A table of a subject without a retention class turns this red."""
    subjects = Path(inspect.getfile(accounts)).parents[1]
    defined = {
        cls.__name__
        for path in subjects.glob("*/tables.py")
        for cls in vars(__import__(f"app.{path.parent.name}.tables", fromlist=["x"])).values()
        if inspect.isclass(cls) and issubclass(cls, Table) and cls is not Table
    }
    assert defined == {table.__name__ for table in TABLES}
    assert {accounts, analyses, tracks, usage}
    assert len(set(TABLES)) == len(PERSONAL_DATA)


@pytest.mark.parametrize("entry", PERSONAL_DATA, ids=lambda entry: entry.table.__name__)
def test_a_promise_names_columns_that_are_there(entry: object) -> None:
    """The owner's path leads to an account, and a term has an indexed column."""
    from app.kernel.personal import PersonalData

    assert isinstance(entry, PersonalData)
    table: type[Table] = entry.table
    *path, last = entry.owner.split(".")
    for step in path:
        column = table._meta.get_column_by_name(step)
        assert isinstance(column, ForeignKey)
        table = column._foreign_key_meta.resolved_references
    if last != "id":
        column = table._meta.get_column_by_name(last)
        assert isinstance(column, ForeignKey)
        assert column._foreign_key_meta.resolved_references is Account
    if entry.retention not in {Retention.ACCOUNT, Retention.USAGE}:
        assert entry.table._meta.get_column_by_name(entry.deadline)._meta.index
    else:
        assert entry.deadline == ""


@pytest.mark.sqlite_only
async def test_every_sqlite_connection_forgets_and_waits(services: Services) -> None:
    """Each connection writes ahead, overwrites what is deleted, keeps foreign keys and waits for a lock."""
    engine = services.engine
    if not isinstance(engine, SQLiteEngine):
        pytest.skip("PostgreSQL has no PRAGMA")
    expected = {"journal_mode": "wal", "secure_delete": 1, "foreign_keys": 1, "synchronous": 1, "busy_timeout": 10_000}
    for name, value in expected.items():
        (row,) = await Account.raw(f"PRAGMA {name}")
        assert next(iter(row.values())) == value, name
        async with transaction(engine):
            (row,) = await Account.raw(f"PRAGMA {name}")
            assert next(iter(row.values())) == value, name


@pytest.mark.sqlite_only
async def test_a_deleted_row_is_in_no_byte_of_the_database(live_site: Site) -> None:
    """After the sweep that ends a session and an account's deletion nothing of it lies in the files."""
    if not live_site.settings.database_url.startswith("sqlite"):
        pytest.skip("PostgreSQL keeps its files elsewhere")
    from datetime import timedelta

    from tests.making.traces import services_after

    path = Path(live_site.settings.database_url.removeprefix("sqlite:///"))
    async with member(live_site, "canary-7f3a") as person:
        mark = person.email.split("@")[0].encode()
        assert any(mark in file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
        await Account.delete().where(Account.email == person.email)
    assert await Session.count() == 0
    async with member(live_site), services_after(live_site.settings, timedelta(days=31)) as later:
        # Something due makes the sweep cut the log.
        assert (await later.sweeper.sweep()).sessions == 1
    assert not any(mark in file.read_bytes() for file in path.parent.glob(f"{path.name}*"))


@pytest.mark.sqlite_only
async def test_a_crowd_of_queries_takes_turns(services: Services) -> None:
    """Two hundred at one moment are answered by a handful of connections, not by two hundred threads."""
    if not isinstance(services.engine, SQLiteEngine):
        pytest.skip("PostgreSQL has a pool")
    before, most = threading.active_count(), 0

    async def ask() -> int:
        nonlocal most
        count = await Account.count()
        most = max(most, threading.active_count() - before)
        return int(count)

    assert await asyncio.gather(*(ask() for _ in range(200))) == [0] * 200
    assert 0 < most <= 2 * QUERIES_AT_ONCE
