"""The audit for anybody to see: measured every half minute at most, however many ask."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from app.kernel.clock import Clock
    from app.kernel.personal import PersonalData
    from app.privacy.audit import Auditor, Finding

AGE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Seen:
    """What was measured, and when."""

    at: datetime
    findings: tuple[Finding, ...]


class Watching:
    """Keeps the last audit of this process."""

    def __init__(self, auditor: Auditor, entries: Sequence[PersonalData], clock: Clock) -> None:
        """Look at nothing yet."""
        self.entries = entries
        self._auditor = auditor
        self._clock = clock
        self._lock = asyncio.Lock()
        self._seen: Seen | None = None

    async def look(self) -> Seen:
        """Return an audit that is not older than half a minute; one visitor measures, the others wait for it."""
        async with self._lock:
            now = self._clock()
            if self._seen is None or now - self._seen.at >= AGE:
                self._seen = Seen(now, tuple(await self._auditor.audit()))
            return self._seen
