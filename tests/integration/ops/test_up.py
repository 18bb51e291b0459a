"""``tracksensei up``: one command starts everything, heals it, and takes everything down again."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.local_redis import LocalRedis
from tests.services.processes import end, free_port, own_command
from tests.services.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.sqlite_only,
    pytest.mark.skipif(sys.platform != "linux", reason="processes are found through /proc"),
]

START_S = 60.0
STOP_S = 20.0
FIXED = ("DATABASE_URL", "REDIS_URL", "SITE_URL", "LOG_FORMAT", "POLICY_FILE")


@dataclass(frozen=True, slots=True)
class Start:
    """A running ``tracksensei up``."""

    process: subprocess.Popen[bytes]
    data_dir: Path
    port: int
    output: Path

    @property
    def said(self) -> str:
        """What it wrote so far."""
        return self.output.read_text()

    def members(self) -> dict[int, str]:
        """Find its processes: pid and command line of each."""
        return members_of(self.data_dir)

    def pid_of(self, command: str) -> int:
        """Find the process of one of its programs."""
        return next(pid for pid, line in self.members().items() if line.endswith(f" {command}"))

    async def be_ready(self) -> None:
        """Wait for the line with the address."""
        line = f"TrackSensei is ready at http://127.0.0.1:{self.port}\n"
        await eventually(lambda: line in self.said or self.process.poll() is not None, START_S)
        assert line in self.said, self.said


def members_of(data_dir: Path) -> dict[int, str]:
    """Find the processes whose environment names a data folder."""
    wanted, found = f"DATA_DIR={data_dir}".encode(), {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (entry / "environ").read_bytes().split(b"\0"):
                found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
        except OSError:
            continue  # gone meanwhile, or another user's
    return found


def environment(data_dir: Path, port: int, **changes: str) -> dict[str, str]:
    """Name only the data folder and the port, as a first user would."""
    inherited = {name: value for name, value in os.environ.items() if name not in FIXED}
    return {**inherited, "DATA_DIR": str(data_dir), "PORT": str(port), **changes}


@contextmanager
def up(data_dir: Path, port: int | None = None) -> Iterator[Start]:
    """Run ``tracksensei up`` until the end of the block."""
    port = port or free_port()
    output = data_dir.with_suffix(".output")
    with output.open("wb") as stream:
        process = subprocess.Popen(
            own_command("up"),
            env=environment(data_dir, port),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
        )
    try:
        yield Start(process, data_dir, port, output)
    finally:
        end(process)


def refusal(data_dir: Path, port: int, **changes: str) -> str:
    """Run ``tracksensei up`` where it cannot start; return what it says."""
    done = subprocess.run(
        own_command("up"),
        env=environment(data_dir, port, **changes),
        capture_output=True,
        text=True,
        timeout=START_S,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


async def test_it_starts_heals_and_stops(tmp_path: Path) -> None:
    """What is killed comes back, and SIGTERM ends it all with exit code 0."""
    with up(tmp_path / "data") as start:
        await start.be_ready()
        for program in ("web", "worker"):
            victim = start.pid_of(program)
            os.kill(victim, signal.SIGKILL)
            await eventually(partial(_came_back, start, program, victim), START_S)
        start.process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(start.process.wait, STOP_S) == 0
        assert start.members() == {}


def _came_back(start: Start, program: str, victim: int) -> bool:
    return any(line.endswith(f" {program}") and pid != victim for pid, line in start.members().items())


async def test_nothing_stays_when_it_is_killed(tmp_path: Path) -> None:
    """Even kill -9 of the supervisor leaves no process behind."""
    with up(tmp_path / "data") as start:
        await start.be_ready()
        assert len(start.members()) > 3
        start.process.kill()
        start.process.wait()
        await eventually(lambda: not start.members())


async def test_a_second_start_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    """Two groups never share a data folder."""
    with up(tmp_path / "data") as start:
        await start.be_ready()
        said = await asyncio.to_thread(refusal, tmp_path / "data", free_port())
    assert said == f"TrackSensei already runs with DATA_DIR {tmp_path / 'data'}.\n"


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    """A port in use is told before anything is started."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refusal(tmp_path / "data", port)
    assert said.count("\n") == 1
    assert f"port {port}" in said
    assert members_of(tmp_path / "data") == {}


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://nobody@127.0.0.1:1/none",
        "sqlite:////nowhere/at/all.sqlite",
        "sqlite:////etc/hostname",
        "mysql://x",
    ],
)
def test_a_database_that_cannot_be_used_is_one_sentence(tmp_path: Path, url: str) -> None:
    """A wrong DATABASE_URL is told by its name, and nothing stays running."""
    said = refusal(tmp_path / "data", free_port(), DATABASE_URL=url)
    assert said.startswith("DATABASE_URL")
    assert said.count("\n") == 1
    assert members_of(tmp_path / "data") == {}


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    """A DATA_DIR below a file is told by its name."""
    (tmp_path / "file").touch()
    assert refusal(tmp_path / "file" / "data", free_port()).startswith("DATA_DIR")


async def test_redis_keeps_nothing(tmp_path: Path) -> None:
    """The server on a socket answers, listens on no port and writes no data."""
    redis = LocalRedis.find(tmp_path)
    process = await asyncio.create_subprocess_exec(*redis.command)
    try:
        await eventually(redis.answers)
        assert redis.url == f"unix://{tmp_path / 'redis.sock'}?db=0"
        assert (tmp_path / "redis.sock").stat().st_mode & 0o077 == 0
    finally:
        process.terminate()
        await process.wait()
    assert {path.name for path in tmp_path.iterdir()} <= {"redis.log", "redis.sock"}


async def test_redis_takes_a_loopback_port_where_the_path_is_too_long(tmp_path: Path) -> None:
    """A folder whose path is too long for a socket gets a port of the loopback."""
    directory = tmp_path / ("long-" * 20)
    directory.mkdir()
    redis = LocalRedis.find(directory)
    assert redis.url == f"redis://127.0.0.1:{redis.port}/0"
    process = await asyncio.create_subprocess_exec(*redis.command)
    try:
        await eventually(redis.answers)
    finally:
        process.terminate()
        await process.wait()
