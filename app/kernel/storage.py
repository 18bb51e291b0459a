"""Uploads on disk: a folder an upload, its name made here, nothing of a stranger's in a path.

``uploads/<uuid>/blob`` is 0600 in a folder of 0700. Every call that touches the disk runs in
a thread, so that the event loop never waits for it.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from types import TracebackType
    from typing import BinaryIO, Self

BLOCK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file found on the disk, whether or not a row knows it."""

    key: UUID
    changed_at: datetime


class Writer:
    """Takes blocks of one upload; gathers small ones, since each write costs a thread's turn."""

    def __init__(self, path: Path) -> None:
        """Open nothing yet."""
        self._path = path
        self._file: BinaryIO | None = None
        self._pending = bytearray()

    async def __aenter__(self) -> Self:
        """Make the folder and the empty file."""
        self._file = await asyncio.to_thread(_create, self._path)
        return self

    async def write(self, block: bytes) -> None:
        """Take the next bytes."""
        self._pending += block
        if len(self._pending) >= BLOCK_BYTES:
            await self._drain()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write what is left and make it durable; after an error only close."""
        file = self._file
        if file is None:
            return
        try:
            if kind is None:
                await self._drain()
                await asyncio.to_thread(os.fsync, file.fileno())
        finally:
            file.close()

    async def _drain(self) -> None:
        if self._file is not None and self._pending:
            block, self._pending = self._pending, bytearray()
            await asyncio.to_thread(self._file.write, block)


class LocalStorage:
    """A folder of uploads on this machine."""

    def __init__(self, root: Path) -> None:
        """Use this folder; it is made at the first write."""
        self._root = root

    def path(self, key: UUID) -> Path:
        """Return where the bytes of an upload are, for the engine's child to open."""
        return self._root / str(key) / "blob"

    def writer(self, key: UUID) -> Writer:
        """Return a context manager that takes the bytes of an upload."""
        return Writer(self.path(key))

    async def remove(self, key: UUID) -> None:
        """Delete an upload for good; deleting it twice is deleting it once."""
        await asyncio.to_thread(self._remove, key)

    async def files(self) -> AsyncIterator[StoredFile]:
        """Walk over everything that lies in the folder."""
        for found in await asyncio.to_thread(self._list):
            yield found

    async def free_percent(self) -> float:
        """Return how much of the disk is free."""
        usage = await asyncio.to_thread(lambda: shutil.disk_usage(self._made_root()))
        return 100 * usage.free / usage.total

    def _made_root(self) -> Path:
        self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self._root

    def _remove(self, key: UUID) -> None:
        folder = self._root / str(key)
        # Worker and web may remove the same one at once; whoever comes second finds nothing to do.
        with suppress(FileNotFoundError):
            for file in folder.iterdir():
                file.unlink(missing_ok=True)
            folder.rmdir()
            _sync_folder(self._root)

    def _list(self) -> list[StoredFile]:
        found = []
        for entry in os.scandir(self._made_root()):
            try:
                key = UUID(entry.name)
                changed_at = datetime.fromtimestamp(entry.stat(follow_symlinks=False).st_mtime, UTC)
            except (ValueError, FileNotFoundError):
                continue
            found.append(StoredFile(key=key, changed_at=changed_at))
        return found


def older_files(folder: Path, pattern: str, before: datetime) -> list[Path]:
    """List what lies in a folder and was last written before a moment, without what others remove meanwhile."""
    found = []
    for path in folder.glob(pattern):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < before.timestamp():
                found.append(path)
    return found


def _create(path: Path) -> BinaryIO:
    path.parent.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.parent.mkdir(mode=0o700)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb", buffering=0)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
