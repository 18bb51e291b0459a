"""News about the policy, mailed to every registered user, each once however often it is begun."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from app.accounts.letters import Occasion
from app.kernel.db import transaction
from app.privacy.tables import Announcement as AnnouncementRow

if TYPE_CHECKING:
    from piccolo.engine.base import Engine

    from app.accounts.mailing import Mailing
    from app.accounts.office import Office, Record
    from app.kernel.clock import Clock

NAMESPACE = UUID("2f0c3f0e-5f43-4f0c-8a53-7e5b6c2d9a10")


class Announcing:
    """Tells everybody of a new version; a death in between is followed by the next call."""

    def __init__(self, *, engine: Engine[Any], clock: Clock, office: Office, mailing: Mailing) -> None:
        """Keep the parts."""
        self._engine = engine
        self._clock = clock
        self._office = office
        self._mailing = mailing

    async def waiting(self, version: str) -> list[Record]:
        """List the confirmed accounts that were not told of a version yet."""
        told = await AnnouncementRow.select(AnnouncementRow.account).where(AnnouncementRow.version == version)
        known = {row["account"] for row in told}
        everyone = await self._office.everyone()
        return [
            record for record in everyone if record.verified_at and not record.closing_at and record.id not in known
        ]

    async def announce(self, version: str) -> int:
        """Order the mail for whoever was not told yet; tell how many."""
        orders = []
        for record in await self.waiting(version):
            async with transaction(self._engine):
                row = AnnouncementRow(
                    id=uuid5(NAMESPACE, f"{record.id}:{version}"),
                    account=record.id,
                    version=version,
                    created_at=self._clock(),
                )
                is_news = await AnnouncementRow.insert(row).on_conflict(target=AnnouncementRow.id, action="DO NOTHING")
                if is_news:
                    order = await self._mailing.order(Occasion.POLICY_CHANGED, record.email, account_id=record.id)
                    orders.append(order)
        if orders:
            await self._mailing.post(*orders)
        return len(orders)
