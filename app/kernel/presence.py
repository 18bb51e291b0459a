"""Signs of life: each worker locks a file of its own, and the kernel lets the lock go when the worker ends.

Unlike a lease, which must run out first, this tells at once that a worker is gone, however it
ended. It tells of workers that share the folder; of others, the leases do.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


class Presence:
    """One worker's sign of life, and a look at those of others."""

    def __init__(self, folder: Path) -> None:
        """Give no sign yet."""
        self._folder = folder
        self._descriptor: int | None = None
        self.id = uuid4()

    def begin(self) -> None:
        """Give the sign, once; on a full disk there is none, and only the leases tell."""
        if self._descriptor is not None:
            return
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            # Locked before it has its name, so that nobody ever sees it unlocked.
            nameless = self._folder / f"{self.id}.new"
            self._descriptor = os.open(nameless, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            nameless.rename(self._folder / str(self.id))

    def end(self) -> None:
        """Take the sign back."""
        if self._descriptor is not None:
            self.forget([self.id])
            os.close(self._descriptor)
            self._descriptor = None

    def gone(self) -> set[UUID]:
        """Return the workers that ended without taking back their sign."""
        return {worker_id for worker_id in self._signs() if worker_id != self.id and self._is_gone(worker_id)}

    def forget(self, worker_ids: Iterable[UUID]) -> None:
        """Remove the signs of workers after whom all is done."""
        for worker_id in worker_ids:
            (self._folder / str(worker_id)).unlink(missing_ok=True)

    def _signs(self) -> Iterator[UUID]:
        if self._folder.is_dir():
            for path in self._folder.iterdir():
                with suppress(ValueError):
                    yield UUID(path.name)

    def _is_gone(self, worker_id: UUID) -> bool:
        try:
            descriptor = os.open(self._folder / str(worker_id), os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            return False  # another worker has looked after it
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        else:
            return True
        finally:
            os.close(descriptor)
