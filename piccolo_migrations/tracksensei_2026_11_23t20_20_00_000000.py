"""Entitlements: which plan an account is on, since when and until when."""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-23T20:20:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "entitlements"


class RawTable(Table):
    """Stands for no table: it only carries raw statements to the engine."""


async def forwards() -> MigrationManager:
    """Make the table."""
    manager = MigrationManager(migration_id=ID, app_name="tracksensei", description=DESCRIPTION)

    async def run() -> None:
        await RawTable.raw(
            "CREATE TABLE entitlement ("
            "id UUID PRIMARY KEY, "
            "account UUID NOT NULL UNIQUE REFERENCES account (id) ON DELETE CASCADE, "
            "plan VARCHAR(20) NOT NULL, "
            "anchor TIMESTAMPTZ NOT NULL, "
            "until TIMESTAMPTZ)"
        )

    manager.add_raw(run)
    return manager
