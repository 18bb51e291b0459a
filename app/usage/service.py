"""What an account may still do in its running period."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from app.kernel.errors import PlanLimitReached
from app.usage import store
from app.usage.rules import FREE, Allowance, Entitlement, Kind, Period, Source, plan_and_period

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from app.kernel.clock import Clock
    from app.policy import PlanPolicy


class UsageLedger:
    """Takes from and gives back to an account's period."""

    def __init__(self, plans: dict[str, PlanPolicy], clock: Clock) -> None:
        """Keep the plans of the policy."""
        self._plans = plans
        self._ranks = {plan: rank for rank, plan in enumerate(plans)}
        self._clock = clock

    async def allowance(self, account_id: UUID, kind: Kind) -> Allowance:
        """Tell what is left of the running period."""
        plan, period = await self._plan_and_period(account_id)
        taken = await store.used(account_id, kind, period.start)
        return Allowance(plan=plan, kind=kind, used=taken, limit=self._limit(plan, kind), period=period)

    async def take(self, account_id: UUID, kind: Kind) -> datetime:
        """Take one; return the start of the period it is taken from.

        Raises
        ------
        PlanLimitReached
            When none is left, with the day on which there are new ones.

        """
        plan, period = await self._plan_and_period(account_id)
        limit = self._limit(plan, kind)
        if await store.take(account_id, kind, period, limit):
            return period.start
        raise PlanLimitReached(
            f"All {limit} {kind} of this month are used.",
            way_out=f"There are new ones on {period.end.day} {period.end:%B}."
            " Nothing was stored or counted, and nothing of yours is lost.",
            code="plan_limit",
        )

    async def give_back(self, account_id: UUID, kind: Kind, period_start: datetime) -> None:
        """Give one back that our failure, a refusal or a cancellation did not use."""
        await store.give_back(account_id, kind, period_start)

    async def reset(self, account_id: UUID) -> None:
        """Give back everything of the running period, by the operator's word."""
        for kind in Kind:
            _, period = await self._plan_and_period(account_id)
            await store.reset(account_id, kind, period.start)

    async def plan_of(self, account_id: UUID) -> str:
        """Return the plan that an account is on now."""
        return (await self._plan_and_period(account_id))[0]

    async def set_plan(self, account_id: UUID, plan: str, until: datetime | None = None) -> None:
        """Grant a plan from now on; a change between granted plans keeps the months they count."""
        if plan == FREE:
            await store.delete_entitlement(account_id, Source.GRANTED)
            return
        now = self._clock()
        known = [each for each in await store.entitlements_of(account_id) if each.source is Source.GRANTED]
        anchor = known[0].anchor if known and known[0].holds(now) else now
        await store.put_entitlement(account_id, Entitlement(plan=plan, anchor=anchor, until=until))

    async def set_paid(self, account_id: UUID, entitlement: Entitlement | None) -> None:
        """Keep what a subscription entitles to; nothing: it entitles to nothing any more."""
        if entitlement is None:
            await store.delete_entitlement(account_id, Source.PAID)
        else:
            await store.put_entitlement(account_id, replace(entitlement, source=Source.PAID))

    async def paid_of(self, account_id: UUID) -> Entitlement | None:
        """Return what a subscription entitles to, whether or not it still holds."""
        known = [each for each in await store.entitlements_of(account_id) if each.source is Source.PAID]
        return known[0] if known else None

    async def _plan_and_period(self, account_id: UUID) -> tuple[str, Period]:
        return plan_and_period(await store.entitlements_of(account_id), self._ranks, self._clock())

    def _limit(self, plan: str, kind: Kind) -> int:
        allowed = self._plans[plan]
        return {Kind.ANALYSES: allowed.analyses, Kind.MESSAGES: allowed.messages}[kind]
