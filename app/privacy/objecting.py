"""Objections to purposes: one ends its purpose at once, the others are answered by a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from app.accounts.letters import Occasion
from app.accounts.rules import ConsentKind
from app.kernel.db import transaction
from app.kernel.errors import Invalid
from app.privacy.promises import PURPOSES, Purpose
from app.privacy.tables import Objection as ObjectionRow

if TYPE_CHECKING:
    from datetime import datetime

    from piccolo.engine.base import Engine

    from app.accounts.mailing import Mailing
    from app.accounts.owner import OwnAccount
    from app.accounts.rules import Client, Viewer
    from app.kernel.clock import Clock
    from app.kernel.ratelimit import RateLimiter

REASON_MAX = 2000


@dataclass(frozen=True, slots=True)
class Objection:
    """One objection."""

    id: UUID
    account_id: UUID
    email: str
    purpose: Purpose
    reason: str
    created_at: datetime
    answered_at: datetime | None


class Objections:
    """Takes objections, and lists them for the operator."""

    def __init__(
        self,
        *,
        engine: Engine[Any],
        clock: Clock,
        limiter: RateLimiter,
        mailing: Mailing,
        own_account: OwnAccount,
    ) -> None:
        """Keep the parts."""
        self._limiter = limiter
        self._engine = engine
        self._clock = clock
        self._mailing = mailing
        self._own_account = own_account

    async def object(self, viewer: Viewer, purpose: str, reason: str, client: Client) -> str:
        """Take an objection; return what it does, as a sentence.

        Raises
        ------
        Invalid
            When there is no such purpose.

        """
        if purpose not in PURPOSES:
            raise Invalid("Choose what you object to.", code="purpose")
        await self._limiter.hit("objection", account=str(viewer.account.id))
        facts, now, account = PURPOSES[Purpose(purpose)], self._clock(), viewer.account
        if facts.stops_at_once:
            await self._own_account.consent(viewer, ConsentKind.AI_FEEDBACK, client, is_given=False)
        async with transaction(self._engine):
            await ObjectionRow.insert(
                ObjectionRow(
                    id=uuid4(),
                    account=account.id,
                    purpose=purpose,
                    reason=reason.strip()[:REASON_MAX],
                    created_at=now,
                    answered_at=now if facts.stops_at_once else None,
                )
            )
            order = await self._mailing.order(Occasion.OBJECTION_TAKEN, account.email, account_id=account.id)
        await self._mailing.post(order)
        return facts.objection

    async def of(self, account_id: UUID) -> list[Objection]:
        """List an account's objections, the newest first."""
        return await _select(ObjectionRow.account == account_id)

    async def open(self) -> list[Objection]:
        """List the objections that wait for a person's answer."""
        return await _select(ObjectionRow.answered_at.is_null())

    async def answered(self, objection_id: UUID) -> bool:
        """Note that a person has answered; tell whether that is news."""
        changed = (
            await ObjectionRow.update({ObjectionRow.answered_at: self._clock()})
            .where((ObjectionRow.id == objection_id) & ObjectionRow.answered_at.is_null())
            .returning(ObjectionRow.id)
        )
        return bool(changed)


async def _select(where: Any) -> list[Objection]:
    rows = (
        await ObjectionRow.select(*ObjectionRow.all_columns(), ObjectionRow.account.email.as_alias("email"))
        .where(where)
        .order_by(ObjectionRow.created_at, ascending=False)
    )
    names = ("id", "email", "reason", "created_at", "answered_at")
    return [
        Objection(**{name: row[name] for name in names}, account_id=row["account"], purpose=Purpose(row["purpose"]))
        for row in rows
    ]
