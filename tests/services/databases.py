"""A migrated, empty database for each test, of the kind that DATABASE_URL names.

The migrations run once, by the product's own command, into a template; a test gets a copy,
which costs a file copy on SQLite and some 50 ms on PostgreSQL.
"""

from __future__ import annotations

import secrets
import shutil
import subprocess
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from tests.services.files import files_under
from tests.services.processes import own_command
from tests.services.settings import environment_of, make_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager

DEFAULT_URL = "sqlite:///test"


class Databases(Protocol):
    """Where tests get their databases from."""

    def fresh(self, directory: Path) -> AbstractAsyncContextManager[str]:
        """Lend an empty, migrated database; the value is its address."""
        ...


def refuse_real_database(url: str) -> None:
    """Allow only an address whose last part says that it is for tests."""
    if "test" not in urlsplit(url).path.rsplit("/", 1)[-1]:
        raise ValueError("DATABASE_URL must name a database with `test` in its name: the suite writes and drops there.")


def migrate(url: str, directory: Path) -> None:
    """Run ``tracksensei migrate`` on a database."""
    directory.mkdir(parents=True, exist_ok=True)
    settings = make_settings(directory, database_url=url, redis_url="", port=8000)
    command, quiet = own_command("migrate"), subprocess.DEVNULL  # what runs this may print JSON
    subprocess.run(command, env=environment_of(settings), stdout=quiet, check=True, timeout=120)


@dataclass(frozen=True, slots=True)
class SqliteDatabases:
    """Copies of one migrated file."""

    template: Path

    @classmethod
    def prepare(cls, directory: Path) -> SqliteDatabases:
        """Migrate the file that is copied."""
        directory.mkdir(parents=True)
        template = directory / "template.sqlite"
        migrate(f"sqlite:///{template}", directory)
        return cls(template)

    @asynccontextmanager
    async def fresh(self, directory: Path) -> AsyncIterator[str]:
        """Lend a copy."""
        path = directory / "test.sqlite"
        shutil.copyfile(self.template, path)
        yield f"sqlite:///{path}"


@dataclass(frozen=True, slots=True)
class PostgresDatabases:
    """Copies of one migrated database of a running server."""

    url: str
    template: str

    @classmethod
    async def prepare(cls, url: str, directory: Path) -> PostgresDatabases:
        """Migrate the database that is copied."""
        template = f"test_template_{secrets.token_hex(4)}"
        await _execute(url, f"CREATE DATABASE {template}")
        migrate(_named(url, template), directory)
        return cls(url, template)

    async def close(self) -> None:
        """Drop the template."""
        await _execute(self.url, f"DROP DATABASE {self.template} WITH (FORCE)")

    @asynccontextmanager
    async def fresh(self, directory: Path) -> AsyncIterator[str]:  # noqa: ARG002 - the other kind needs it
        """Lend a copy, and drop it after the test."""
        name = f"test_{secrets.token_hex(6)}"
        await _execute(self.url, f"CREATE DATABASE {name} TEMPLATE {self.template} STRATEGY file_copy")
        try:
            yield _named(self.url, name)
        finally:
            await _execute(self.url, f"DROP DATABASE {name} WITH (FORCE)")


async def settled_files(url: str) -> list[Path]:
    """List every file of a database's server, after a PostgreSQL has dropped its old log as deploy.md asks for."""
    if url.startswith("sqlite"):
        return sorted(Path(url.removeprefix("sqlite:///")).parent.glob("*.sqlite*"))
    import asyncpg

    connection = await asyncpg.connect(url)
    try:
        await connection.execute("ALTER SYSTEM SET wal_recycle = off")
        await connection.execute("SELECT pg_reload_conf()")
        for _ in range(3):  # a checkpoint removes what lies before the one before it
            await connection.execute("SELECT pg_switch_wal()")
            await connection.execute("CHECKPOINT")
        folder = Path(await connection.fetchval("SHOW data_directory"))
    finally:
        await connection.close()
    return sorted(files_under(folder))


def _named(url: str, database: str) -> str:
    return urlsplit(url)._replace(path=f"/{database}").geturl()


async def _execute(url: str, statement: str) -> None:
    import asyncpg

    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
