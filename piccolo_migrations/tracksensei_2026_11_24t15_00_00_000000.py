"""Customers, subscriptions, events and departures at Stripe; entitlements by their source.

Written by hand, as the first one: the same statements run on SQLite and PostgreSQL.
"""

from __future__ import annotations

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "2026-11-24T15:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "payment"

OWNER = "UUID NOT NULL REFERENCES account (id) ON DELETE CASCADE"

TABLES = {
    "customer": (
        "id VARCHAR(255) PRIMARY KEY",
        f"account {OWNER} UNIQUE",
        "asked INTEGER NOT NULL",
        "applied INTEGER NOT NULL",
        "created_at TIMESTAMPTZ NOT NULL",
    ),
    "subscription": (
        "id VARCHAR(255) PRIMARY KEY",
        f"account {OWNER} UNIQUE",
        "status VARCHAR(20) NOT NULL",
        "plan VARCHAR(20) NOT NULL",
        "interval VARCHAR(5) NOT NULL",
        "period_end TIMESTAMPTZ NOT NULL",
        "ends_at TIMESTAMPTZ",
        "unpaid_since TIMESTAMPTZ",
        "next_plan VARCHAR(20) NOT NULL",
        "next_interval VARCHAR(5) NOT NULL",
    ),
    "stripe_event": (
        "id VARCHAR(255) PRIMARY KEY",
        "account UUID REFERENCES account (id) ON DELETE CASCADE",
        "kind VARCHAR(100) NOT NULL",
        "created_at TIMESTAMPTZ NOT NULL",
        "received_at TIMESTAMPTZ NOT NULL",
        "expires_at TIMESTAMPTZ NOT NULL",
    ),
    "departure": (
        "id UUID PRIMARY KEY",
        "customer VARCHAR(255) NOT NULL UNIQUE",
        "account UUID REFERENCES account (id) ON DELETE SET NULL",
        "attempts INTEGER NOT NULL",
        "error VARCHAR(80) NOT NULL",
        "next_attempt_at TIMESTAMPTZ NOT NULL",
        "created_at TIMESTAMPTZ NOT NULL",
        "expires_at TIMESTAMPTZ NOT NULL",
    ),
    "entitlement_by_source": (
        "id UUID PRIMARY KEY",
        f"account {OWNER}",
        "source VARCHAR(10) NOT NULL",
        "plan VARCHAR(20) NOT NULL",
        "anchor TIMESTAMPTZ NOT NULL",
        "until TIMESTAMPTZ",
        "UNIQUE (account, source)",
    ),
}

INDEXES = {
    "stripe_event": ("account", "expires_at"),
    "departure": ("account", "next_attempt_at", "expires_at"),
    "entitlement": ("account",),
}


class RawTable(Table):
    """Stands for no table: it only carries raw statements to the engine."""


async def forwards() -> MigrationManager:
    """Make the tables and their indexes; what there was of entitlements was given by the operator."""
    manager = MigrationManager(migration_id=ID, app_name="tracksensei", description=DESCRIPTION)

    async def run() -> None:
        for table, columns in TABLES.items():
            await RawTable.raw(f'CREATE TABLE "{table}" ({", ".join(columns)})')
        await RawTable.raw(
            "INSERT INTO entitlement_by_source (id, account, source, plan, anchor, until) "
            "SELECT id, account, 'granted', plan, anchor, until FROM entitlement"
        )
        await RawTable.raw("DROP TABLE entitlement")
        await RawTable.raw("ALTER TABLE entitlement_by_source RENAME TO entitlement")
        for table, columns in INDEXES.items():
            for column in columns:
                await RawTable.raw(f'CREATE INDEX {table}_{column} ON "{table}" ({column})')

    manager.add_raw(run)
    return manager
