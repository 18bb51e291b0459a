"""Closed accounts, receipts of deletions, exports, objections, news about the policy.

Written by hand, as the first one: the same statements run on SQLite and PostgreSQL.
"""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-24T18:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "rights of a person"

OWNER = "UUID NOT NULL REFERENCES account (id) ON DELETE CASCADE"

COLUMNS = ("suspended_at TIMESTAMPTZ", "closing_at TIMESTAMPTZ")

TABLES = {
    "receipt": (
        "id UUID PRIMARY KEY",
        f"account {OWNER}",
        "kind VARCHAR(10) NOT NULL",
        "name VARCHAR(120) NOT NULL",
        "size_bytes BIGINT NOT NULL",
        "sha256 VARCHAR(64) NOT NULL",
        "received_at TIMESTAMPTZ NOT NULL",
        "analysed_at TIMESTAMPTZ",
        "deleted_at TIMESTAMPTZ NOT NULL",
        "expires_at TIMESTAMPTZ NOT NULL",
    ),
    "export": (
        "id UUID PRIMARY KEY",
        f"account {OWNER}",
        "state VARCHAR(10) NOT NULL",
        "done INTEGER NOT NULL",
        "total INTEGER NOT NULL",
        "lease_until TIMESTAMPTZ",
        "created_at TIMESTAMPTZ NOT NULL",
        "ready_at TIMESTAMPTZ",
        "expires_at TIMESTAMPTZ NOT NULL",
    ),
    "objection": (
        "id UUID PRIMARY KEY",
        f"account {OWNER}",
        "purpose VARCHAR(20) NOT NULL",
        "reason TEXT NOT NULL",
        "created_at TIMESTAMPTZ NOT NULL",
        "answered_at TIMESTAMPTZ",
    ),
    "announcement": (
        "id UUID PRIMARY KEY",
        f"account {OWNER}",
        "version VARCHAR(20) NOT NULL",
        "created_at TIMESTAMPTZ NOT NULL",
    ),
}

INDEXES = {
    "receipt": ("account", "expires_at"),
    "export": ("account", "state", "expires_at"),
    "objection": ("account",),
    "announcement": ("account",),
}


class RawTable(Table):
    """Stands for no table: it only carries raw statements to the engine."""


async def forwards() -> MigrationManager:
    """Add the columns, make the tables and their indexes."""
    manager = MigrationManager(migration_id=ID, app_name="tracksensei", description=DESCRIPTION)

    async def run() -> None:
        for column in COLUMNS:
            await RawTable.raw(f'ALTER TABLE "account" ADD COLUMN {column}')
        for table, columns in TABLES.items():
            await RawTable.raw(f'CREATE TABLE "{table}" ({", ".join(columns)})')
        for table, columns in INDEXES.items():
            for column in columns:
                await RawTable.raw(f'CREATE INDEX {table}_{column} ON "{table}" ({column})')

    manager.add_raw(run)
    return manager
