"""Confirmed addresses, devices of sessions, links of mails, outbox, consents and security events.

Written by hand, as the first one: the same statements run on SQLite and PostgreSQL.
"""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-23T20:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "mail, links, consents and security events"

OWNER = "UUID NOT NULL REFERENCES account (id) ON DELETE CASCADE"

COLUMNS = {
    "account": "verified_at TIMESTAMPTZ",
    "session": "device VARCHAR(60) NOT NULL DEFAULT ''",
}

TABLES = {
    "mail_token": (
        "id UUID PRIMARY KEY",
        f"account {OWNER}",
        "kind VARCHAR(20) NOT NULL",
        "digest VARCHAR(64) NOT NULL UNIQUE",
        "address VARCHAR(254) NOT NULL",
        "created_at TIMESTAMPTZ NOT NULL",
        "expires_at TIMESTAMPTZ NOT NULL",
        "used_at TIMESTAMPTZ",
    ),
    "outbox": (
        "id UUID PRIMARY KEY",
        "account UUID REFERENCES account (id) ON DELETE CASCADE",
        "kind VARCHAR(20) NOT NULL",
        "occasion VARCHAR(30) NOT NULL",
        "recipient VARCHAR(254) NOT NULL",
        "address VARCHAR(254) NOT NULL",
        "attempts INTEGER NOT NULL",
        "error VARCHAR(80) NOT NULL",
        "failed_at TIMESTAMPTZ",
        "next_attempt_at TIMESTAMPTZ NOT NULL",
        "created_at TIMESTAMPTZ NOT NULL",
        "expires_at TIMESTAMPTZ NOT NULL",
    ),
    "consent": (
        "id UUID PRIMARY KEY",
        f"account {OWNER}",
        "kind VARCHAR(20) NOT NULL",
        "version VARCHAR(20) NOT NULL",
        "given_at TIMESTAMPTZ NOT NULL",
        "withdrawn_at TIMESTAMPTZ",
    ),
    "security_event": (
        "id UUID PRIMARY KEY",
        f"account {OWNER}",
        "kind VARCHAR(30) NOT NULL",
        "device VARCHAR(60) NOT NULL",
        "created_at TIMESTAMPTZ NOT NULL",
        "expires_at TIMESTAMPTZ NOT NULL",
    ),
}

INDEXES = {
    "mail_token": ("account", "expires_at"),
    "outbox": ("account", "next_attempt_at", "expires_at"),
    "consent": ("account",),
    "security_event": ("account", "expires_at"),
}


class RawTable(Table):
    """Stands for no table: it only carries raw statements to the engine."""


async def forwards() -> MigrationManager:
    """Add the columns, make the tables and their indexes."""
    manager = MigrationManager(migration_id=ID, app_name="tracksensei", description=DESCRIPTION)

    async def run() -> None:
        for table, column in COLUMNS.items():
            await RawTable.raw(f'ALTER TABLE "{table}" ADD COLUMN {column}')
        for table, columns in TABLES.items():
            await RawTable.raw(f'CREATE TABLE "{table}" ({", ".join(columns)})')
        for table, columns in INDEXES.items():
            for column in columns:
                await RawTable.raw(f'CREATE INDEX {table}_{column} ON "{table}" ({column})')

    manager.add_raw(run)
    return manager
