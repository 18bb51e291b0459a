"""Variants of the product's parts, handed to its composition root: fast ones, watched ones, weakened ones."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from app.analyses import store
from app.analyses.deleting import Deleting
from app.analyses.running import Runs
from app.bootstrap import Parts
from app.kernel.isolate import Isolator
from app.kernel.storage import LocalStorage, Writer
from app.kernel.waypoints import Waypoint
from tests.prove import fast_analyser
from tests.prove.parts_of_accounts import QuickPasswords, StockLimiter, TrustingAccounts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from uuid import UUID

    from app.kernel.isolate import Bounds, Task
    from app.kernel.waypoints import Observer


class FastIsolator(Isolator):
    """Starts real confined children, in which the made-up engine runs."""

    def __init__(self, _: str) -> None:
        """Load the made-up engine instead of the named one."""
        super().__init__(fast_analyser.__name__)

    def run(self, task: Task, bounds: Bounds) -> AsyncIterator[dict[str, Any]]:
        """Yield what the made-up engine says."""
        return super().run(replace(task, function=f"{fast_analyser.__name__}:measure", programs=None), bounds)


class NeverReconciles(Runs):
    """Mutant: hears the bell and looks after nothing that was lost."""

    async def reconcile(self) -> int:
        """Find nothing."""
        return 0


class ForgetsFirst(Deleting):
    """Mutant: writes that the bytes are gone before they are."""

    async def finish(self, analysis_id: UUID | None = None) -> int:
        """Commit, then unlink."""
        marked = await store.deleting(analysis_id)
        for upload_id in marked:
            await store.mark_deleted(upload_id, self._clock())
            await self._reached(Waypoint.UNLINKED)
            await self._storage.remove(upload_id)
            await self._reached(Waypoint.FORGOTTEN)
        return len(marked)


class LeavesFiles(LocalStorage):
    """Mutant: what a cut connection has brought stays on the disk."""

    async def remove(self, key: UUID) -> None:
        """Forget to."""


class FullWriter(Writer):
    """Meets a disk that is full when its storage says so."""

    def __init__(self, path: Any, storage: FullStorage) -> None:
        """Know the storage."""
        super().__init__(path)
        self._storage = storage

    async def write(self, block: bytes) -> None:
        """Fail as a full disk does."""
        if self._storage.is_full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        await super().write(block)


class FullStorage(LocalStorage):
    """A folder on a disk that can be full."""

    is_full = False

    def writer(self, key: UUID) -> Writer:
        """Return a writer that meets the full disk."""
        return FullWriter(self.path(key), self)


def die_at(waypoint: int, mark: Path) -> Observer:
    """Return an observer that kills its process when it gets somewhere; the file is a sign that it did."""

    async def observer(reached: Waypoint) -> None:
        if reached == waypoint:
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
            await asyncio.Event().wait()

    return observer


PARTS: dict[str, Parts] = {
    "real": Parts(),
    "fast": Parts(isolator=FastIsolator),
    "fast, never reconciles": Parts(isolator=FastIsolator, runs=NeverReconciles),
    "real, never reconciles": Parts(runs=NeverReconciles),
    "fast, forgets first": Parts(isolator=FastIsolator, deleting=ForgetsFirst),
    "fast, leaves files": Parts(isolator=FastIsolator, storage=LeavesFiles),
    "stock limiter": Parts(limiter=StockLimiter),
    "quick passwords": Parts(passwords=QuickPasswords),
    "quick passwords, trusting": Parts(passwords=QuickPasswords, accounts=TrustingAccounts),
}
"""By the name that a process gets in its environment."""
