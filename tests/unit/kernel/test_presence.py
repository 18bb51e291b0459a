"""A worker that is gone is known to be gone, however it ended."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest

from app.kernel.presence import Presence

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def look(tmp_path: Path) -> Presence:
    """Lend another worker's view of the folder."""
    return Presence(tmp_path / "workers")


def in_a_process(act: Callable[[], None]) -> int:
    """Fork a process that acts and then waits to be killed; return its number once it has acted."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        act()
        os.write(writing, b"x")
        signal.pause()
    assert os.read(reading, 1) == b"x"
    os.close(reading)
    os.close(writing)
    return pid


def test_nobody_is_gone_where_nobody_was(look: Presence) -> None:
    """The folder need not be there."""
    assert look.gone() == set()


def test_a_killed_worker_is_gone_and_a_living_one_is_not(tmp_path: Path, look: Presence) -> None:
    """The kernel lets the lock go, at once."""
    worker = Presence(tmp_path / "workers")
    pid = in_a_process(worker.begin)
    assert look.gone() == set()
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    assert look.gone() == {worker.id}
    look.forget(look.gone())
    assert look.gone() == set()


def test_who_says_goodbye_is_not_missed(tmp_path: Path, look: Presence) -> None:
    """A sign that was taken back leaves nothing; beginning and ending twice is once."""
    worker = Presence(tmp_path / "workers")
    worker.begin()
    worker.begin()
    worker.end()
    worker.end()
    assert look.gone() == set()
    assert list((tmp_path / "workers").iterdir()) == []


def test_a_worker_does_not_miss_itself(look: Presence) -> None:
    """Its own sign is no other's."""
    look.begin()
    assert look.gone() == set()
    look.end()


def test_what_is_no_sign_is_left_alone(tmp_path: Path, look: Presence) -> None:
    """A name that is no worker's says nothing, nor does one that is about to be a sign."""
    (tmp_path / "workers").mkdir()
    for name in ("notes.txt", f"{uuid4()}.new"):
        (tmp_path / "workers" / name).touch()
    assert look.gone() == set()
    assert len(list((tmp_path / "workers").iterdir())) == 2


def test_without_room_for_a_sign_there_is_none(tmp_path: Path) -> None:
    """A worker that cannot give a sign works all the same: leases tell of it."""
    (tmp_path / "workers").touch()
    worker = Presence(tmp_path / "workers")
    worker.begin()
    assert isinstance(worker.id, UUID)
    worker.end()
