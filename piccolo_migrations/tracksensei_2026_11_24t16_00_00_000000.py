"""The report that a Live set was added to.

Written by hand, as the first one: the same statements run on SQLite and PostgreSQL.
"""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-24T16:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Live sets beside a report"


class RawTable(Table):
    """Stands for no table: it only carries raw statements to the engine."""


async def forwards() -> MigrationManager:
    """Add the column and its index."""
    manager = MigrationManager(migration_id=ID, app_name="tracksensei", description=DESCRIPTION)

    async def run() -> None:
        await RawTable.raw(
            'ALTER TABLE "analysis" ADD COLUMN joined_to UUID REFERENCES analysis (id) ON DELETE CASCADE'
        )
        await RawTable.raw("CREATE INDEX analysis_joined_to ON analysis (joined_to)")

    manager.add_raw(run)
    return manager
