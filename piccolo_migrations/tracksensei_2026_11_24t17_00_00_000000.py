"""Turns of conversations and what they cost.

Written by hand, as the first one: the same statements run on SQLite and PostgreSQL.
"""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-24T17:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "conversations"

ACCOUNT = "REFERENCES account (id) ON DELETE CASCADE"

TABLES = {
    "message": (
        "id UUID PRIMARY KEY",
        f"account UUID NOT NULL {ACCOUNT}",
        "analysis UUID NOT NULL REFERENCES analysis (id) ON DELETE CASCADE",
        "kind VARCHAR(10) NOT NULL",
        "author VARCHAR(10) NOT NULL",
        "state VARCHAR(12) NOT NULL",
        "question TEXT NOT NULL",
        "answer TEXT NOT NULL",
        "failure VARCHAR(12) NOT NULL",
        "run_id UUID NOT NULL",
        "lease_until TIMESTAMPTZ",
        "is_charged BOOLEAN NOT NULL",
        "charged_period TIMESTAMPTZ",
        "model VARCHAR(60) NOT NULL",
        "input_tokens INTEGER NOT NULL",
        "cache_write_tokens INTEGER NOT NULL",
        "cache_read_tokens INTEGER NOT NULL",
        "output_tokens INTEGER NOT NULL",
        "cost_microdollars BIGINT NOT NULL",
        "created_at TIMESTAMPTZ NOT NULL",
        "finished_at TIMESTAMPTZ",
        "expires_at TIMESTAMPTZ NOT NULL",
    ),
    "spending": (
        "id UUID PRIMARY KEY",
        f"account UUID {ACCOUNT}",
        "microdollars BIGINT NOT NULL",
        "expires_at TIMESTAMPTZ NOT NULL",
    ),
}
INDEXES = (
    "CREATE INDEX message_account ON message (account)",
    "CREATE INDEX message_analysis ON message (analysis)",
    "CREATE INDEX message_expires_at ON message (expires_at)",
    "CREATE UNIQUE INDEX message_one_written ON message (account) WHERE state = 'writing'",
    "CREATE UNIQUE INDEX message_notes_once ON message (analysis) WHERE kind = 'notes'",
    "CREATE INDEX spending_account ON spending (account)",
    "CREATE INDEX spending_expires_at ON spending (expires_at)",
)


class RawTable(Table):
    """Stands for no table: it only carries raw statements to the engine."""


async def forwards() -> MigrationManager:
    """Make the tables and their indexes."""
    manager = MigrationManager(migration_id=ID, app_name="tracksensei", description=DESCRIPTION)

    async def run() -> None:
        for name, columns in TABLES.items():
            await RawTable.raw(f'CREATE TABLE "{name}" ({", ".join(columns)})')
        for statement in INDEXES:
            await RawTable.raw(statement)

    manager.add_raw(run)
    return manager
