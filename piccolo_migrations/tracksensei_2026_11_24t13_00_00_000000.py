"""Dismissals: findings that were meant.

Written by hand, as the first one: the same statements run on SQLite and PostgreSQL.
"""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-24T13:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "dismissals"


class RawTable(Table):
    """Stands for no table: it only carries raw statements to the engine."""


async def forwards() -> MigrationManager:
    """Make the table and its indexes."""
    manager = MigrationManager(migration_id=ID, app_name="tracksensei", description=DESCRIPTION)

    async def run() -> None:
        await RawTable.raw(
            "CREATE TABLE dismissal ("
            "id UUID PRIMARY KEY, "
            "track UUID NOT NULL REFERENCES track (id) ON DELETE CASCADE, "
            "finding VARCHAR(80) NOT NULL, "
            "created_at TIMESTAMPTZ NOT NULL, "
            "expires_at TIMESTAMPTZ NOT NULL, "
            "UNIQUE (track, finding))"
        )
        await RawTable.raw("CREATE INDEX dismissal_track ON dismissal (track)")
        await RawTable.raw("CREATE INDEX dismissal_expires_at ON dismissal (expires_at)")

    manager.add_raw(run)
    return manager
