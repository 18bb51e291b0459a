"""The end of an account: nobody is let in any more, then everything of it goes, then a last mail.

Each step may be repeated, and the sweep repeats them for an account that a death left half gone.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import structlog

from app.accounts.letters import Occasion
from app.kernel.db import transaction, truncate_log

if TYPE_CHECKING:
    from uuid import UUID

    from piccolo.engine.base import Engine

    from app.accounts.mailing import Mailing
    from app.accounts.office import Office, Record
    from app.analyses.service import Analyses
    from app.billing.service import Billing
    from app.kernel.clock import Clock
    from app.privacy.erasure_log import ErasureLog
    from app.privacy.exporting import Exports

log = structlog.get_logger()


class Erasing:
    """Ends accounts."""

    def __init__(  # noqa: PLR0913 - the composition root hands over its parts by name
        self,
        *,
        engine: Engine[Any],
        clock: Clock,
        office: Office,
        mailing: Mailing,
        analyses: Analyses,
        billing: Billing,
        exports: Exports,
        erasures: ErasureLog,
    ) -> None:
        """Keep the parts."""
        self._engine = engine
        self._clock = clock
        self._office = office
        self._mailing = mailing
        self._analyses = analyses
        self._billing = billing
        self._exports = exports
        self._erasures = erasures

    async def erase(self, account_id: UUID) -> bool:
        """Erase an account now; tell whether there was one."""
        await self._office.close(account_id)
        record = await self._office.find(str(account_id))
        if record is None:
            return False
        await asyncio.shield(self._finish(record))
        return True

    async def finish_due(self) -> int:
        """Finish the erasures that a death left half done; tell how many."""
        closing = await self._office.closing()
        for record in closing:
            await self._finish(record)
        return len(closing)

    async def replay(self) -> int:
        """Erase again whom the log names and a restored backup brought back; no mail, they had one."""
        known = await self._office.everyone()
        back = set(await asyncio.to_thread(self._erasures.among, [record.id for record in known]))
        for record in known:
            if record.id in back:
                await self._office.close(record.id)
                await self._finish(record, says_goodbye=False)
        return len(back)

    async def _finish(self, record: Record, *, says_goodbye: bool = True) -> None:
        await asyncio.to_thread(self._erasures.add, record.id, self._clock())
        await self._exports.remove_all(record.id)
        while await self._analyses.erase_all(record.id):
            pass
        await self._mailing.forget(record.email)
        orders = []
        async with transaction(self._engine):
            await self._billing.account_is_going(record.id)
            is_gone = await self._office.remove(record.id)
            if is_gone and says_goodbye:
                orders = [await self._mailing.order(Occasion.ACCOUNT_DELETED, record.email)]
        if is_gone:
            await self._mailing.post(*orders)
            log.info("account.erased")
        await truncate_log(self._engine)
