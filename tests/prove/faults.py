"""What can fail under a process that goes on: a full disk, a locked database, no Redis."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from tests.prove import disk
from tests.prove.parts import FullStorage

if TYPE_CHECKING:
    from pathlib import Path

    from app.kernel.waypoints import Waypoint
    from tests.prove.stage import Stage

TABLES = '"analysis", "upload", "report", "usage"'


class Fault(Protocol):
    """Something that begins at a waypoint and ends when it is lifted."""

    async def strike(self) -> None:
        """Let it begin."""

    async def lift(self) -> None:
        """Let it be over."""


@dataclass(slots=True)
class FullDisk:
    """No byte is free: on the stage's own disk, or, where none can be made, for uploads alone."""

    stage: Stage
    storages: list[FullStorage] = field(default_factory=list)

    def storage(self, root: Path) -> FullStorage:
        """Make the storage that this fault can fill."""
        self.storages.append(FullStorage(root))
        return self.storages[-1]

    async def strike(self) -> None:
        """Fill it."""
        if self.stage.has_own_disk:
            await asyncio.to_thread(disk.fill, self.stage.settings.data_dir)
            return
        for storage in self.storages:
            storage.is_full = True

    async def lift(self) -> None:
        """Make room."""
        disk.free(self.stage.settings.data_dir)
        for storage in self.storages:
            storage.is_full = False


@dataclass(slots=True)
class LockedDatabase:
    """Somebody else holds the database for a while."""

    stage: Stage
    seconds: float
    _holding: asyncio.Task[None] | None = None

    async def strike(self) -> None:
        """Take the lock; it is let go after its time."""
        held = asyncio.Event()
        self._holding = asyncio.create_task(self._hold(held))
        await held.wait()

    async def lift(self) -> None:
        """Wait until it is let go."""
        if self._holding is not None:
            await self._holding
            self._holding = None

    async def _hold(self, held: asyncio.Event) -> None:
        url = self.stage.settings.database_url
        if url.startswith("sqlite"):
            await self._hold_sqlite(url.removeprefix("sqlite:///"), held)
        else:
            await self._hold_postgres(url, held)

    async def _hold_sqlite(self, path: str, held: asyncio.Event) -> None:
        connection = sqlite3.connect(path, timeout=20, isolation_level=None)
        try:
            connection.execute("BEGIN IMMEDIATE")
            held.set()
            await asyncio.sleep(self.seconds)
            connection.execute("ROLLBACK")
        finally:
            connection.close()

    async def _hold_postgres(self, url: str, held: asyncio.Event) -> None:
        import asyncpg

        connection = await asyncpg.connect(url)
        try:
            async with connection.transaction():
                await connection.execute(f"LOCK TABLE {TABLES} IN ACCESS EXCLUSIVE MODE")
                held.set()
                await asyncio.sleep(self.seconds)
        finally:
            await connection.close()


@dataclass(slots=True)
class NoRedis:
    """Redis is killed."""

    stage: Stage

    async def strike(self) -> None:
        """Kill it."""
        self.stage.redis.kill()

    async def lift(self) -> None:
        """Start another."""
        await self.stage.redis.start()


@dataclass(slots=True)
class Trap:
    """An observer that lets a fault strike when a waypoint is reached first."""

    waypoint: Waypoint
    fault: Fault
    has_struck: bool = False

    async def __call__(self, reached: Waypoint) -> None:
        """Strike once."""
        if reached is self.waypoint and not self.has_struck:
            self.has_struck = True
            await self.fault.strike()

    async def spring(self, life: Any, within_s: float) -> str:
        """Let something live under the fault; return how it ended."""
        try:
            async with asyncio.timeout(within_s):
                await life
        except Exception as error:  # noqa: BLE001 - whatever the fault makes of it
            return type(error).__name__
        finally:
            with suppress(OSError):
                await self.fault.lift()
        return "went on"
