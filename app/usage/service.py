"""What an account may still do this month."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.kernel.errors import LimitReached
from app.usage import store
from app.usage.rules import Allowance, Kind, calendar_month

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from app.kernel.clock import Clock
    from app.settings import PlanPolicy


class UsageLedger:
    """Takes from and gives back to an account's month."""

    def __init__(self, plans: dict[str, PlanPolicy], clock: Clock) -> None:
        """Keep the plans; every account is on the free one until there are others to have."""
        self._plans = plans
        self._clock = clock

    async def allowance(self, account_id: UUID, kind: Kind) -> Allowance:
        """Tell what is left of the running period."""
        period = calendar_month(self._clock())
        taken = await store.used(account_id, kind, period.start)
        return Allowance(kind=kind, used=taken, limit=self._limit(kind), period=period)

    async def take(self, account_id: UUID, kind: Kind) -> datetime:
        """Take one; return the start of the period it is taken from.

        Raises
        ------
        LimitReached
            When none is left, with the day on which there are new ones.

        """
        period = calendar_month(self._clock())
        limit = self._limit(kind)
        if await store.take(account_id, kind, period, limit):
            return period.start
        raise LimitReached(
            f"All {limit} {kind} of this month are used.",
            way_out=f"There are new ones on {period.end.day} {period.end:%B}. Nothing was stored or counted.",
            code="plan_limit",
        )

    async def give_back(self, account_id: UUID, kind: Kind, period_start: datetime) -> None:
        """Give one back that our failure, a refusal or a cancellation did not use."""
        await store.give_back(account_id, kind, period_start)

    def _limit(self, kind: Kind) -> int:
        plan = self._plans["free"]
        return {Kind.ANALYSES: plan.analyses, Kind.MESSAGES: plan.messages}[kind]
