"""Queries on the counters; each moves by one conditional statement."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid4, uuid5

from app.usage.rules import Entitlement, Source
from app.usage.tables import Entitlement as EntitlementRow
from app.usage.tables import Usage

if TYPE_CHECKING:
    from datetime import datetime

    from app.usage.rules import Kind, Period

NAMESPACE = UUID("6d1f6a0a-27c8-4a56-9f38-1d0a1f1d8e6b")


def counter_id(account_id: UUID, kind: Kind, period_start: datetime) -> UUID:
    """Return the one identifier that this counter can have."""
    return uuid5(NAMESPACE, f"{account_id}:{kind}:{period_start.isoformat()}")


async def entitlements_of(account_id: UUID) -> list[Entitlement]:
    """Return the plans that an account was given or pays for, whether or not they still hold."""
    rows = await EntitlementRow.select().where(EntitlementRow.account == account_id)
    return [
        Entitlement(plan=row["plan"], anchor=row["anchor"], until=row["until"], source=Source(row["source"]))
        for row in rows
    ]


async def put_entitlement(account_id: UUID, entitlement: Entitlement) -> None:
    """Give an account a plan in place of the one it has from the same source."""
    row = EntitlementRow(
        id=uuid4(),
        account=account_id,
        source=entitlement.source,
        plan=entitlement.plan,
        anchor=entitlement.anchor,
        until=entitlement.until,
    )
    await EntitlementRow.insert(row).on_conflict(
        target=(EntitlementRow.account, EntitlementRow.source),
        action="DO UPDATE",
        values=[EntitlementRow.plan, EntitlementRow.anchor, EntitlementRow.until],
    )


async def delete_entitlement(account_id: UUID, source: Source) -> None:
    """Take the plan that an account has from this source."""
    await EntitlementRow.delete().where((EntitlementRow.account == account_id) & (EntitlementRow.source == source))


async def take(account_id: UUID, kind: Kind, period: Period, limit: int) -> bool:
    """Take one of the period's allowance; tell whether there was one."""
    key = counter_id(account_id, kind, period.start)
    await Usage.insert(
        Usage(id=key, account=account_id, kind=kind, period_start=period.start, period_end=period.end, used=0)
    ).on_conflict(target=Usage.id, action="DO NOTHING")
    taken = (
        await Usage.update({Usage.used: Usage.used + 1})
        .where((Usage.id == key) & (Usage.used < limit))
        .returning(Usage.used)
    )
    return bool(taken)


async def give_back(account_id: UUID, kind: Kind, period_start: datetime) -> None:
    """Give one back to the period it was taken from."""
    key = counter_id(account_id, kind, period_start)
    await Usage.update({Usage.used: Usage.used - 1}).where((Usage.id == key) & (Usage.used > 0))


async def reset(account_id: UUID, kind: Kind, period_start: datetime) -> None:
    """Give back everything that was taken from a period."""
    key = counter_id(account_id, kind, period_start)
    await Usage.update({Usage.used: 0}).where(Usage.id == key)


async def used(account_id: UUID, kind: Kind, period_start: datetime) -> int:
    """Return how many were taken in a period."""
    rows = await Usage.select(Usage.used).where(Usage.id == counter_id(account_id, kind, period_start))
    return int(rows[0]["used"]) if rows else 0
