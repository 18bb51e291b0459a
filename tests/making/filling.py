"""Rows of an account in every table that the registry declares, each text with a mark of its owner in it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from piccolo.columns import UUID as UUID_COLUMN
from piccolo.columns import BigInt, Boolean, ForeignKey, Integer, Timestamptz

from app.kernel.clock import utc_now
from app.privacy import holdings
from app.registry import PERSONAL_DATA

if TYPE_CHECKING:
    from piccolo.table import Table

    from app.kernel.personal import PersonalData

FIXED = {
    "account.password_hash": "$argon2id$v=19$x",
    "outbox.kind": "verification",
    "outbox.occasion": "verify",
    "entitlement.plan": "pro",
    "entitlement.source": "granted",
    "objection.purpose": "security",
    "departure.error": "",
    "analysis.state": "failed",
    "analysis.purpose": "bounce",
    "analysis.steps": "[]",
    "analysis.stage": "master",
    "upload.kind": "bounce",
    "upload.format": "wav",
}
"""What code reads as one of a few words."""
STRIPES = frozenset({"customer.id", "departure.customer"})
"""What is kept until Stripe has forgotten it, and names nobody here."""
EMPTY = frozenset({"answered_at", "closing_at", "suspended_at", "failed_at", "used_at", "lease_until"})
"""Moments whose being there would mean something."""


async def fill(mark: str, **texts: str) -> UUID:
    """Keep one row in each table for a new account; return the account."""
    keys: dict[type[Table], Any] = {}
    for entry in holdings.by_dependency(PERSONAL_DATA):
        row = _row(entry, mark, keys, texts)
        await entry.table.insert(row)
        keys[entry.table] = getattr(row, holdings.key_name(entry))
    account: UUID = next(key for table, key in keys.items() if table._meta.tablename == "account")
    return account


def _row(entry: PersonalData, mark: str, keys: dict[type[Table], Any], texts: dict[str, str]) -> Table:
    values: dict[str, Any] = {}
    for column in holdings.columns(entry):
        name = str(column._meta.name)
        values[name] = texts.get(f"{entry.name}.{name}", _value(entry, column, name, mark, keys))
    if entry.freed_by is not None:
        values[entry.freed_by[0]] = entry.freed_by[1]
    return entry.table(**values)


def _value(entry: PersonalData, column: Any, name: str, mark: str, keys: dict[type[Table], Any]) -> Any:
    if isinstance(column, ForeignKey):
        return keys.get(holdings.referred(column))
    fixed = FIXED.get(f"{entry.name}.{name}")
    if fixed is not None or name in EMPTY:
        return fixed
    if isinstance(column, Timestamptz):
        return utc_now() + timedelta(days=9 if name in {entry.deadline, "next_attempt_at"} else 0)
    plain = {UUID_COLUMN: uuid4(), Boolean: False, Integer: 1, BigInt: 1}
    return plain.get(type(column), _text(entry, column, name, mark))


def _text(entry: PersonalData, column: Any, name: str, mark: str) -> str:
    if name in entry.structured:
        return f'{{"mark": "{mark}"}}'
    if f"{entry.name}.{name}" in STRIPES:
        return f"cus_{uuid4().hex}"
    if name in {"email", "email_key"}:
        return f"{mark}@example.com"
    return f"{mark}{uuid4().hex}"[: getattr(column, "length", None) or 1000]
