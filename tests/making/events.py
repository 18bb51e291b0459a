"""Reading an event stream as a browser does."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.making.people import STATE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

    from tests.making.people import Person

MESSAGE_S = 15.0


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a stream."""

    id: str
    event: str
    data: str

    @property
    def state(self) -> str:
        """The state of the card that it carries."""
        found = STATE.search(self.data)
        return found[1] if found else ""


@dataclass(slots=True)
class Stream:
    """An open stream."""

    answer: httpx.Response
    lines: AsyncIterator[str]
    seen: list[Message] = field(default_factory=list)

    async def next(self, within_s: float = MESSAGE_S) -> Message | None:
        """Return the next message that is no heartbeat; none at the end of the stream."""
        async with asyncio.timeout(within_s):
            while (message := await self._read()) is not None:
                if message.event != "beat":
                    self.seen.append(message)
                    return message
        return None

    async def until_closed(self, within_s: float = MESSAGE_S) -> list[Message]:
        """Return everything up to the end of the stream."""
        while await self.next(within_s):
            pass
        return self.seen

    async def _read(self) -> Message | None:
        fields: dict[str, list[str]] = {}
        async for line in self.lines:
            if line:
                name, _, value = line.partition(":")
                fields.setdefault(name, []).append(value.removeprefix(" "))
            elif fields:
                found = {name: "\n".join(values) for name, values in fields.items()}
                return Message(found.get("id", ""), found.get("event", ""), found.get("data", ""))
        return None


@asynccontextmanager
async def streaming(person: Person, *, last_event_id: str = "", **query: str) -> AsyncIterator[Stream]:
    """Open the stream of somebody's cards; without a position it tells of everything from the beginning."""
    headers = {"Accept": "text/event-stream", **({"Last-Event-ID": last_event_id} if last_event_id else {})}
    params = {"since": "0", **query}
    async with person.client.stream("GET", "/events", params=params, headers=headers, timeout=60) as answer:
        yield Stream(answer, answer.aiter_lines())
