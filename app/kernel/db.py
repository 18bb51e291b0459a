"""The database: SQLite on a laptop, PostgreSQL in production, one way to ask either."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing, redirect_stdout
from io import StringIO
from typing import TYPE_CHECKING, Any

import aiosqlite
import asyncpg
from piccolo.engine.postgres import PostgresEngine
from piccolo.engine.sqlite import SQLiteEngine, TransactionType, dict_factory
from piccolo.querystring import QueryString

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractAsyncContextManager

    from piccolo.engine.base import Engine
    from piccolo.table import Table

    from app.settings import Settings

TAKEN: tuple[type[Exception], ...] = (sqlite3.IntegrityError, asyncpg.UniqueViolationError)
"""What the drivers raise where somebody else was faster with what exists once."""
GONE: tuple[type[Exception], ...] = (sqlite3.IntegrityError, asyncpg.ForeignKeyViolationError)
"""What the drivers raise where somebody else was faster in deleting what a new row belongs to."""
BUSY_TIMEOUT_S = 10.0
POOL_CONNECTIONS = 10
ANSWER_S = 5.0
"""How long a command waits for a database before it says that there is none."""
QUERIES_AT_ONCE = 16
"""On SQLite, beside transactions."""
PICCOLO_APP = "tracksensei"


class _Connection(sqlite3.Connection):
    """Piccolo opens a connection for each query, so that each must bring its own settings."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Readers beside one writer; deleted rows are overwritten, not only unlinked from the tree.
        self.execute("PRAGMA journal_mode = WAL")
        self.execute("PRAGMA secure_delete = ON")
        self.execute("PRAGMA synchronous = NORMAL")


class _SqliteEngine(SQLiteEngine):
    """Piccolo's engine, with two of its habits mended.

    It leaves a connection open whose first statement fails, as on a full disk: its thread must not keep the
    process from ending. And it opens a connection with a thread for each query: five hundred streams that look
    at one moment would hold 66 MiB of stacks and caches for the rest of the process, and be no faster.
    """

    _turns: tuple[asyncio.AbstractEventLoop, asyncio.Semaphore] | None = None

    async def _run_in_new_connection(self, *args: Any, **kwargs: Any) -> Any:
        """Wait for a turn, then ask; a transaction asks over its own connection and waits for none."""
        loop = asyncio.get_running_loop()
        if self._turns is None or self._turns[0] is not loop:
            self._turns = loop, asyncio.Semaphore(QUERIES_AT_ONCE)
        async with self._turns[1]:
            return await super()._run_in_new_connection(*args, **kwargs)

    async def get_connection(self) -> aiosqlite.Connection:
        """Open the connection of a transaction."""
        connection = aiosqlite.connect(**self.connection_kwargs)
        connection._thread.daemon = True  # noqa: SLF001 - aiosqlite has no option for it
        await connection
        connection.row_factory = dict_factory  # type: ignore[assignment]
        await connection.execute("PRAGMA foreign_keys = 1")
        return connection


def make_engine(settings: Settings) -> Engine[Any]:
    """Return an engine that has opened nothing yet."""
    url = settings.database_url
    if url.startswith("sqlite:///"):
        return _SqliteEngine(path=url.removeprefix("sqlite:///"), timeout=BUSY_TIMEOUT_S, factory=_Connection)
    return PostgresEngine(config={"dsn": url}, extensions=())


def bind(engine: Engine[Any], tables: Iterable[type[Table]]) -> None:
    """Let these tables ask this engine."""
    for table in tables:
        table._meta.db = engine  # noqa: SLF001 - Piccolo's documented place of a table's engine


async def open_engine(engine: Engine[Any]) -> None:
    """Open what the engine keeps open."""
    if isinstance(engine, PostgresEngine):
        await engine.start_connection_pool(max_size=POOL_CONNECTIONS)


async def close_engine(engine: Engine[Any]) -> None:
    """Close what the engine kept open; SQLite's log goes back into its file, erased rows with it."""
    if isinstance(engine, PostgresEngine):
        await engine.close_connection_pool()


async def truncate_log(engine: Engine[Any]) -> None:
    """Write SQLite's log into the database and cut it, since a deleted row lives on in it."""
    if isinstance(engine, SQLiteEngine):
        await engine._run_in_new_connection("PRAGMA wal_checkpoint(TRUNCATE)")  # noqa: SLF001 - no public raw call


async def rewrite_tables(engine: Engine[Any]) -> None:
    """Write every table anew, so that no byte of a deleted row is left in the files of the database.

    PostgreSQL marks a deleted row as free and leaves its bytes until something is written over
    them, and keeps samples of columns for its planner. Each table is locked while it is written.
    """
    await truncate_log(engine)
    if isinstance(engine, PostgresEngine):
        for statement in ("ANALYZE", "VACUUM (FULL)"):  # fresh samples first: the old ones go with the rewrite
            await engine.run_ddl(statement)


async def table_names(engine: Engine[Any]) -> set[str]:
    """Name every table that is really there, the database's own left out."""
    if isinstance(engine, SQLiteEngine):
        asked = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    else:
        asked = "SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()"
    rows: Any = await engine.run_querystring(QueryString(asked))
    return {str(row["name"]) for row in rows}


def transaction(engine: Engine[Any]) -> AbstractAsyncContextManager[Any]:
    """Begin a transaction that writes.

    SQLite takes its write lock at once: a deferred transaction that reads first fails with
    "database is locked" instead of waiting. Nothing is sent, published or started inside.
    """
    if isinstance(engine, SQLiteEngine):
        return engine.transaction(transaction_type=TransactionType.immediate)
    return engine.transaction()  # type: ignore[no-any-return]


async def answers(engine: Engine[Any]) -> bool:
    """Tell whether the database can be asked."""
    try:
        await engine.run_ddl("SELECT 1")
    except Exception:  # noqa: BLE001 - whatever a driver raises, the answer is no
        return False
    return True


async def migrate(settings: Settings) -> int:
    """Bring the database to the newest migration; tell how many there were to run."""
    from piccolo.apps.migrations.commands.forwards import run_forwards  # noqa: PLC0415 - only commands need it

    engine = _engine_for_migrations(settings)
    if isinstance(engine, SQLiteEngine):
        await asyncio.to_thread(_check_file, engine.path)
    pending = await pending_migrations(settings)
    said = StringIO()
    with redirect_stdout(said):
        result = await run_forwards(PICCOLO_APP)
    if not result.success:
        raise RuntimeError(f"{engine.engine_type}: {result.message}\n{said.getvalue()}")
    return len(pending)


async def fault_of(settings: Settings) -> str:
    """Say in a sentence why the database cannot be used as it is; nothing where it can."""
    kind = "SQLite" if settings.database_url.startswith("sqlite") else "PostgreSQL"
    engine = make_engine(settings)
    try:
        if isinstance(engine, SQLiteEngine):
            await asyncio.to_thread(_check_file, engine.path)
        async with asyncio.timeout(ANSWER_S):
            pending = await pending_migrations(settings)
    except Exception as error:  # noqa: BLE001 - whatever the driver raises is the answer
        return f"{kind} does not answer: {(str(error).strip().splitlines() or [type(error).__name__])[0]}"
    return f"{kind}: migrations due: {len(pending)}; `make run` and `tracksensei migrate` run them" if pending else ""


async def pending_migrations(settings: Settings) -> list[str]:
    """Name the migrations that have not run yet."""
    from piccolo.apps.migrations.commands.base import BaseMigrationManager  # noqa: PLC0415 - only commands need it
    from piccolo.apps.migrations.tables import Migration  # noqa: PLC0415

    _engine_for_migrations(settings)
    manager = BaseMigrationManager()
    folder = manager.get_app_config(PICCOLO_APP).resolved_migrations_folder_path
    known = manager.get_migration_ids(manager.get_migration_modules(folder))
    if not await Migration.table_exists():
        return sorted(known)
    return sorted(set(known) - set(await Migration.get_migrations_which_ran(app_name=PICCOLO_APP)))


def _check_file(path: str) -> None:
    """Fail on a file that cannot be a database here, where the error is simple.

    aiosqlite's thread answers a failed connection when its event loop is already closed, and
    prints a traceback of its own.
    """
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version")


def _engine_for_migrations(settings: Settings) -> Engine[Any]:
    """Point Piccolo's migration machinery, which asks ``piccolo_conf``, at these settings."""
    from piccolo.apps.migrations.tables import Migration  # noqa: PLC0415

    import piccolo_conf  # noqa: PLC0415 - it reads the environment

    piccolo_conf.DB = make_engine(settings)
    bind(piccolo_conf.DB, [Migration])
    return piccolo_conf.DB
