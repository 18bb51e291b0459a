"""What happens to accounts: for the owner as rows, for whoever guards the service as a log.

The log names accounts and addresses by a keyed hash only: it can tell that the same one came
again, not who it was.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from app.accounts import records

if TYPE_CHECKING:
    from datetime import timedelta
    from uuid import UUID

    from app.accounts.rules import Client, EventKind
    from app.kernel.clock import Clock
    from app.kernel.journal import Journal


class Watch:
    """Writes both down."""

    def __init__(self, clock: Clock, journal: Journal, *, key: bytes, term: timedelta) -> None:
        """Keep what is needed."""
        self._clock = clock
        self._journal = journal
        self._key = key
        self._term = term

    async def happened(self, account_id: UUID, kind: EventKind, client: Client) -> None:
        """Write down what an owner should be able to see."""
        now = self._clock()
        await records.add_event(account_id, kind, client.device, now=now, until=now + self._term)
        self.log(kind, str(account_id), client)

    def log(self, event: str, account: str, client: Client) -> None:
        """Write a line of the security log."""
        self._journal.write(event=event, account=self._hidden(account), address=self._hidden(client.address))

    def _hidden(self, text: str) -> str:
        return hmac.new(self._key, b"log:" + text.encode(), hashlib.sha256).hexdigest()[:16]
