"""When a session's password was given last.

Written by hand, as the first one: the same statement runs on SQLite and PostgreSQL.
"""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-24T14:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "re-authentication"


class RawTable(Table):
    """Stands for no table: it only carries raw statements to the engine."""


async def forwards() -> MigrationManager:
    """Add the column; a session from before counts from its log-in."""
    manager = MigrationManager(migration_id=ID, app_name="tracksensei", description=DESCRIPTION)

    async def run() -> None:
        await RawTable.raw('ALTER TABLE "session" ADD COLUMN proved_at TIMESTAMPTZ')
        await RawTable.raw('UPDATE "session" SET proved_at = created_at')

    manager.add_raw(run)
    return manager
