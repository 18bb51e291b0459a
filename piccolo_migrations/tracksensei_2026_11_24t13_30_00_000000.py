"""What an upload is measured for: a report, or a target of its owner's.

Written by hand, as the first one: the same statement runs on SQLite and PostgreSQL.
"""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-24T13:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "references"


class RawTable(Table):
    """Stands for no table: it only carries a raw statement to the engine."""


async def forwards() -> MigrationManager:
    """Add the column."""
    manager = MigrationManager(migration_id=ID, app_name="tracksensei", description=DESCRIPTION)

    async def run() -> None:
        await RawTable.raw("ALTER TABLE \"analysis\" ADD COLUMN purpose VARCHAR(12) NOT NULL DEFAULT 'bounce'")

    manager.add_raw(run)
    return manager
