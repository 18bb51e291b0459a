"""The newest words of answers: in memory where they are written, by Redis to other processes.

A reader takes the longer of what it hears here and what the row has, so that a word that is
lost on the way comes with the next look at the row.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator

    from app.kernel.signals import Signals


class Delta(msgspec.Struct, array_like=True):
    """Words of a run of an answer, from an offset in characters on."""

    message_id: UUID
    run_id: UUID
    offset: int
    text: str


@dataclass(slots=True)
class LiveText:
    """An answer so far, as this process knows it."""

    run_id: UUID | None = None
    text: str = ""
    is_ours: bool = False
    """Whether it is written in this process, so that nothing is newer."""
    readers: set[asyncio.Event] = field(default_factory=set)

    def wake(self) -> None:
        """Let every reader look."""
        for reader in self.readers:
            reader.set()

    def catch_up(self, run_id: UUID, text: str) -> str:
        """Take what the row has where it is newer; return the longest that is known of this run."""
        if not self.is_ours and (self.run_id != run_id or len(text) > len(self.text)):
            self.run_id, self.text = run_id, text
        return self.text if self.run_id == run_id else text


class Live:
    """The answers that are written or read in this process."""

    def __init__(self, signals: Signals) -> None:
        """Listen for what other processes write."""
        self._signals = signals
        self._texts: dict[UUID, LiveText] = {}
        signals.on_live(self._hear)

    def begin(self, message_id: UUID, run_id: UUID) -> LiveText:
        """Lend the text of an answer to the one who writes it, until :meth:`end`."""
        live = self._texts.setdefault(message_id, LiveText())
        live.run_id, live.text, live.is_ours = run_id, "", True
        return live

    def end(self, message_id: UUID) -> None:
        """Say that an answer is not written here any more."""
        live = self._texts[message_id]
        live.is_ours = False
        live.wake()
        self._drop(message_id)

    @contextmanager
    def reading(self, message_id: UUID, event: asyncio.Event) -> Iterator[LiveText]:
        """Lend the text of an answer to a reader, whose event is set at each change."""
        live = self._texts.setdefault(message_id, LiveText())
        live.readers.add(event)
        try:
            yield live
        finally:
            live.readers.discard(event)
            self._drop(message_id)

    async def tell(self, message_id: UUID, run_id: UUID, offset: int, text: str) -> None:
        """Send new words to the readers in other processes."""
        await self._signals.tell(msgspec.json.encode(Delta(message_id, run_id, offset, text)))

    def _drop(self, message_id: UUID) -> None:
        live = self._texts.get(message_id)
        if live is not None and not live.readers and not live.is_ours:
            del self._texts[message_id]

    def _hear(self, data: bytes) -> None:
        delta = msgspec.json.decode(data, type=Delta)
        live = self._texts.get(delta.message_id)
        if live is None or live.is_ours or live.run_id != delta.run_id:
            return
        known = len(live.text)
        if delta.offset <= known < delta.offset + len(delta.text):
            live.text += delta.text[known - delta.offset :]
            live.wake()
