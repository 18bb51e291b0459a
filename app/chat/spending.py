"""What answers cost a day: reserved before they are asked for, by one conditional statement each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from app.chat.tables import Spending
from app.kernel.errors import LimitReached

if TYPE_CHECKING:
    from app.chat.rules import Tokens
    from app.policy import ChatPolicy, TokenPrices

NAMESPACE = UUID("0e0a54ad-0d0f-4a30-9a3c-2a52a3f8f6d1")
MILLION = 1_000_000
KEPT = timedelta(days=2)


def cost_microdollars(prices: TokenPrices, tokens: Tokens) -> int:
    """Return what tokens cost; a dollar for a million tokens is a microdollar each."""
    return round(
        prices.input * tokens.input
        + prices.cache_write * tokens.cache_write
        + prices.cache_read * tokens.cache_read
        + prices.output * tokens.output
    )


async def reserve(policy: ChatPolicy, account_id: UUID, microdollars: int, now: datetime) -> None:
    """Take what an answer may cost at most; inside the transaction that makes its row.

    Raises
    ------
    LimitReached
        When the account's or the site's ceiling of the day would be passed.

    """
    for owner, dollars in ((account_id, policy.account_dollars_a_day), (None, policy.site_dollars_a_day)):
        if not await _take(owner, microdollars, round(dollars * MILLION), now):
            whose = "your account's" if owner else "this site's"
            raise LimitReached(
                f"Claude's answers reached {whose} ceiling of cost for today.",
                way_out="The report guide still answers, and Claude again tomorrow. Nothing was counted.",
                code="cost_ceiling",
            )


async def settle(account_id: UUID, reserved: int, spent: int, now: datetime) -> None:
    """Put what was really spent in place of what was reserved, on the day it was reserved."""
    for owner in (account_id, None):
        await Spending.update({Spending.microdollars: Spending.microdollars + (spent - reserved)}).where(
            Spending.id == _row_id(owner, now)
        )


async def end_due(now: datetime) -> None:
    """Delete the days that no ceiling asks for any more."""
    await Spending.delete().where(Spending.expires_at <= now)


async def _take(owner: UUID | None, microdollars: int, most: int, now: datetime) -> bool:
    row_id = _row_id(owner, now)
    row = Spending(id=row_id, account=owner, microdollars=0, expires_at=_day(now) + KEPT)
    await Spending.insert(row).on_conflict(target=Spending.id, action="DO NOTHING")
    taken = (
        await Spending.update({Spending.microdollars: Spending.microdollars + microdollars})
        .where((Spending.id == row_id) & (Spending.microdollars <= most - microdollars))
        .returning(Spending.id)
    )
    return bool(taken)


def _row_id(owner: UUID | None, now: datetime) -> UUID:
    return uuid5(NAMESPACE, f"{owner or 'site'}:{_day(now).isoformat()}")


def _day(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
