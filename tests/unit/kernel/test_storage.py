"""Uploads on the disk: one folder each, private, durable, and gone when they are removed."""

from __future__ import annotations

import asyncio
import os
import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from app.kernel.storage import BLOCK_BYTES, LocalStorage, older_files

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600


@pytest.fixture
def storage(tmp_path: Path) -> LocalStorage:
    """Lend a storage whose folder is not made yet."""
    return LocalStorage(tmp_path / "uploads")


async def test_what_is_written_is_there(storage: LocalStorage) -> None:
    """Small blocks and large ones come out in their order."""
    key, blocks = uuid4(), [b"a" * 10, b"b" * BLOCK_BYTES, b"c" * 3, b"d" * (2 * BLOCK_BYTES + 1)]
    async with storage.writer(key) as writer:
        for block in blocks:
            await writer.write(block)
    assert storage.path(key).read_bytes() == b"".join(blocks)


async def test_nobody_else_may_read_it(storage: LocalStorage) -> None:
    """The folder and the file are this user's alone."""
    key = uuid4()
    async with storage.writer(key) as writer:
        await writer.write(b"x")
    path = storage.path(key)
    assert path.stat().st_mode & 0o777 == PRIVATE_FILE
    assert path.parent.stat().st_mode & 0o777 == PRIVATE_FOLDER


async def test_an_upload_cannot_be_written_twice(storage: LocalStorage) -> None:
    """What is there stays as it is."""
    key = uuid4()
    async with storage.writer(key) as writer:
        await writer.write(b"first")
    with pytest.raises(FileExistsError):
        async with storage.writer(key):
            pass
    assert storage.path(key).read_bytes() == b"first"


async def write_and_fail(storage: LocalStorage, key: UUID) -> None:
    """Write a little, then meet an error."""
    async with storage.writer(key) as writer:
        await writer.write(b"x")
        raise ValueError("cut")


async def test_an_error_closes_the_file(storage: LocalStorage) -> None:
    """What came of it can be removed afterwards."""
    key = uuid4()
    with pytest.raises(ValueError, match="cut"):
        await write_and_fail(storage, key)
    await storage.remove(key)
    assert not storage.path(key).parent.exists()


async def test_removing_twice_is_removing_once(storage: LocalStorage) -> None:
    """Also at the same time, and of what never was."""
    key = uuid4()
    async with storage.writer(key) as writer:
        await writer.write(b"x")
    await asyncio.gather(*(storage.remove(key) for _ in range(8)), storage.remove(uuid4()))
    assert [file async for file in storage.files()] == []


async def test_a_half_removed_upload_is_removed(storage: LocalStorage) -> None:
    """A process may die between the file and its folder."""
    key = uuid4()
    async with storage.writer(key) as writer:
        await writer.write(b"x")
    storage.path(key).unlink()
    await storage.remove(key)
    assert not storage.path(key).parent.exists()


async def test_what_is_not_ours_is_left_out(storage: LocalStorage, tmp_path: Path) -> None:
    """The walk finds uploads by their names and nothing else."""
    key = uuid4()
    async with storage.writer(key) as writer:
        await writer.write(b"x")
    (tmp_path / "uploads" / "notes.txt").write_text("mine")
    (tmp_path / "uploads" / "lost+found").mkdir()
    assert [file.key async for file in storage.files()] == [key]


async def test_the_free_part_of_the_disk_is_told(storage: LocalStorage, tmp_path: Path) -> None:
    """In percent, of the disk where uploads lie, even before the first."""
    usage = shutil.disk_usage(tmp_path)
    assert await storage.free_percent() == pytest.approx(100 * usage.free / usage.total, abs=5)


def test_a_folder_that_others_empty_can_be_looked_through(tmp_path: Path) -> None:
    """A name whose file is gone by now, as behind this link, is not there; what is left is told by its age."""
    moment = datetime(2026, 11, 24, tzinfo=UTC)
    for name, age_s in (("due.old", 1), ("other.txt", 1), ("young.old", -1)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (moment.timestamp() - age_s,) * 2)
    (tmp_path / "gone.old").symlink_to(tmp_path / "nowhere")
    assert older_files(tmp_path, "*.old", moment) == [tmp_path / "due.old"]
