"""What is kept running comes back, and nothing of it stays behind."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.supervisor import EXIT_REFUSED, Keeper, Program
from tests.services.processes import ROOT
from tests.services.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

pytestmark = pytest.mark.sqlite_only

TELL_AND_WAIT = """
import os, pathlib, sys, time
pathlib.Path(sys.argv[1]).open("a").write(f"{os.getpid()}\\n")
time.sleep(600)
"""
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + TELL_AND_WAIT
WITH_A_CHILD = "import subprocess, sys; subprocess.Popen([sys.executable, *sys.argv[1:]]).wait()"
KEEP_ONE = """
import asyncio, os, sys
from app.supervisor import Keeper, Program
async def main():
    program = Program(name="kept", command=tuple(sys.argv[1:]), environment=dict(os.environ))
    await Keeper(program, lambda *_: None).start()
asyncio.run(main())
"""


@pytest.fixture
def pids_file(tmp_path: Path) -> Path:
    """Lend a file in which programs write their process ids."""
    path = tmp_path / "pids"
    path.touch()
    return path


@pytest.fixture
async def keep(pids_file: Path) -> AsyncIterator[Callable[..., Keeper]]:
    """Keep a Python program running until the end of the test."""
    kept: list[Keeper] = []

    def start(code: str, *, grace_s: float = 5.0) -> Keeper:
        command = (sys.executable, "-c", code, str(pids_file))
        program = Program(name="kept", command=command, environment=dict(os.environ), grace_s=grace_s)
        keeper = Keeper(program, lambda *_: None)
        keeper.start()
        kept.append(keeper)
        return keeper

    yield start
    await asyncio.gather(*(keeper.stop() for keeper in kept))


def pids(path: Path) -> list[int]:
    """Read the process ids that were written."""
    return [int(line) for line in path.read_text().split()]


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


async def test_a_killed_program_comes_back(keep: Callable[..., Keeper], pids_file: Path) -> None:
    """A program that is killed runs again within a second."""
    keep(TELL_AND_WAIT)
    await eventually(lambda: len(pids(pids_file)) == 1)
    os.kill(pids(pids_file)[0], signal.SIGKILL)
    await eventually(lambda: len(pids(pids_file)) == 2)
    first, second = pids(pids_file)
    assert not is_alive(first)
    assert is_alive(second)


async def test_delay_grows_while_a_program_keeps_dying(tmp_path: Path) -> None:
    """Each quick death doubles the wait before the next start."""
    delays: list[float] = []
    command = (sys.executable, "-S", "-c", "raise SystemExit(1)")
    program = Program(name="dying", command=command, environment=dict(os.environ))
    keeper = Keeper(program, lambda _name, _code, delay_s: delays.append(delay_s))
    keeper.start()
    await eventually(lambda: len(delays) == 3)
    await keeper.stop()
    assert delays == [0.2, 0.4, 0.8]


async def test_a_program_that_refuses_its_settings_is_not_started_again() -> None:
    """Exit code 2 ends the keeping at once."""
    command = (sys.executable, "-S", "-c", f"raise SystemExit({EXIT_REFUSED})")
    restarts: list[str] = []
    program = Program(name="refusing", command=command, environment=dict(os.environ))
    keeper = Keeper(program, lambda name, _code, _delay_s: restarts.append(name))
    async with asyncio.timeout(10):
        await keeper.start()
    assert restarts == []


async def test_stop_ends_the_program(keep: Callable[..., Keeper], pids_file: Path) -> None:
    """A stopped program is gone and does not come back."""
    keeper = keep(TELL_AND_WAIT)
    await eventually(lambda: pids(pids_file))
    await keeper.stop()
    assert not is_alive(pids(pids_file)[0])
    assert len(pids(pids_file)) == 1


async def test_stop_kills_what_does_not_end_in_its_grace(keep: Callable[..., Keeper], pids_file: Path) -> None:
    """A program that ignores SIGTERM is killed after its grace."""
    keeper = keep(STUBBORN, grace_s=0.3)
    await eventually(lambda: pids(pids_file))
    async with asyncio.timeout(5):
        await keeper.stop()
    assert not is_alive(pids(pids_file)[0])


async def test_hurry_cuts_the_grace(keep: Callable[..., Keeper], pids_file: Path) -> None:
    """A second signal makes a stop wait no longer."""
    keeper = keep(STUBBORN, grace_s=60)
    await eventually(lambda: pids(pids_file))
    keeper.hurry()
    async with asyncio.timeout(5):
        await keeper.stop()
    assert not is_alive(pids(pids_file)[0])


async def test_stop_takes_the_programs_children_with_it(pids_file: Path) -> None:
    """What a program started goes with it."""
    command = (sys.executable, "-c", WITH_A_CHILD, "-c", TELL_AND_WAIT, str(pids_file))
    keeper = Keeper(Program(name="parent", command=command, environment=dict(os.environ)), lambda *_: None)
    keeper.start()
    await eventually(lambda: pids(pids_file))
    await keeper.stop()
    await eventually(lambda: not is_alive(pids(pids_file)[0]))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
async def test_nothing_stays_when_the_supervisor_is_killed(pids_file: Path) -> None:
    """A kill -9 of the supervisor takes the program with it."""
    command = (sys.executable, "-c", KEEP_ONE, sys.executable, "-c", TELL_AND_WAIT, str(pids_file))
    supervisor = await asyncio.create_subprocess_exec(*command, cwd=ROOT)
    await eventually(lambda: pids(pids_file))
    supervisor.kill()
    await supervisor.wait()
    await eventually(lambda: not is_alive(pids(pids_file)[0]))
