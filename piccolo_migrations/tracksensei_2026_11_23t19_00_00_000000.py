"""Accounts, sessions, usage, tracks, analyses, uploads and reports.

Written by hand: the same statements run on SQLite and PostgreSQL, and both keep the unique
pairs by an index, since SQLite cannot add a constraint to a table.
"""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-23T19:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "accounts, usage, tracks and analyses"

OWNER = "UUID NOT NULL REFERENCES {} (id) ON DELETE CASCADE"

TABLES = {
    "account": (
        "id UUID PRIMARY KEY",
        "email VARCHAR(254) NOT NULL",
        "email_key VARCHAR(254) NOT NULL UNIQUE",
        "display_name VARCHAR(80) NOT NULL",
        "password_hash TEXT NOT NULL",
        "policy_version VARCHAR(20) NOT NULL",
        "created_at TIMESTAMPTZ NOT NULL",
    ),
    "session": (
        "id UUID PRIMARY KEY",
        f"account {OWNER.format('account')}",
        "created_at TIMESTAMPTZ NOT NULL",
        "seen_at TIMESTAMPTZ NOT NULL",
        "expires_at TIMESTAMPTZ NOT NULL",
    ),
    "usage": (
        "id UUID PRIMARY KEY",
        f"account {OWNER.format('account')}",
        "kind VARCHAR(20) NOT NULL",
        "period_start TIMESTAMPTZ NOT NULL",
        "period_end TIMESTAMPTZ NOT NULL",
        "used INTEGER NOT NULL CHECK (used >= 0)",
        "CHECK (period_end > period_start)",
    ),
    "track": (
        "id UUID PRIMARY KEY",
        f"account {OWNER.format('account')}",
        "name VARCHAR(120) NOT NULL",
        "created_at TIMESTAMPTZ NOT NULL",
        "expires_at TIMESTAMPTZ NOT NULL",
    ),
    "analysis": (
        "id UUID PRIMARY KEY",
        f"account {OWNER.format('account')}",
        f"track {OWNER.format('track')}",
        "version INTEGER NOT NULL",
        "state VARCHAR(12) NOT NULL",
        "target VARCHAR(40) NOT NULL",
        "stage VARCHAR(12) NOT NULL",
        "idempotency_key VARCHAR(64) NOT NULL",
        "steps TEXT NOT NULL",
        "attempts INTEGER NOT NULL",
        "run_id UUID",
        "lease_until TIMESTAMPTZ",
        "failure_code VARCHAR(40) NOT NULL",
        "failure_sentence TEXT NOT NULL",
        "is_permanent BOOLEAN NOT NULL",
        "is_charged BOOLEAN NOT NULL",
        "headline TEXT NOT NULL",
        "charged_period TIMESTAMPTZ",
        "created_at TIMESTAMPTZ NOT NULL",
        "queued_at TIMESTAMPTZ",
        "started_at TIMESTAMPTZ",
        "finished_at TIMESTAMPTZ",
        "changed_at TIMESTAMPTZ NOT NULL",
        "expires_at TIMESTAMPTZ NOT NULL",
    ),
    "upload": (
        "id UUID PRIMARY KEY",
        f"analysis {OWNER.format('analysis')}",
        "kind VARCHAR(10) NOT NULL",
        "name VARCHAR(120) NOT NULL",
        "format VARCHAR(8) NOT NULL",
        "state VARCHAR(10) NOT NULL",
        "declared_bytes BIGINT NOT NULL",
        "received_bytes BIGINT NOT NULL",
        "sha256 VARCHAR(64) NOT NULL",
        "created_at TIMESTAMPTZ NOT NULL",
        "started_at TIMESTAMPTZ",
        "stored_at TIMESTAMPTZ",
        "delete_after TIMESTAMPTZ NOT NULL",
        "deleted_at TIMESTAMPTZ",
    ),
    "report": (
        "id UUID PRIMARY KEY",
        "analysis UUID NOT NULL UNIQUE REFERENCES analysis (id) ON DELETE CASCADE",
        "document TEXT NOT NULL",
        "created_at TIMESTAMPTZ NOT NULL",
        "expires_at TIMESTAMPTZ NOT NULL",
    ),
}

UNIQUE = {
    "usage": "account, kind, period_start",
    "analysis": "account, idempotency_key",
    "upload": "analysis, kind",
}

INDEXES = {
    "session": ("account", "expires_at"),
    "track": ("account", "expires_at"),
    "analysis": ("account", "track", "state", "changed_at", "expires_at"),
    "upload": ("state", "delete_after"),
    "report": ("expires_at",),
}


class RawTable(Table):
    """Stands for no table: it only carries raw statements to the engine."""


async def forwards() -> MigrationManager:
    """Make the tables and their indexes."""
    manager = MigrationManager(migration_id=ID, app_name="tracksensei", description=DESCRIPTION)

    async def run() -> None:
        for table, columns in TABLES.items():
            await RawTable.raw(f'CREATE TABLE "{table}" ({", ".join(columns)})')
        for table, columns in UNIQUE.items():
            await RawTable.raw(f'CREATE UNIQUE INDEX {table}_unique ON "{table}" ({columns})')
        for table, columns in INDEXES.items():
            for column in columns:
                await RawTable.raw(f'CREATE INDEX {table}_{column} ON "{table}" ({column})')

    manager.add_raw(run)
    return manager
