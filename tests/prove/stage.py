"""A place for a proof: an empty database, a Redis of its own, processes that are ended with it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from redis import Redis, RedisError

from app.local_redis import redis_binary
from app.policy import PlanPolicy, Rate
from tests.prove.disk import small_disk
from tests.prove.roles import PARTS_NAME
from tests.services.databases import DEFAULT_URL, PostgresDatabases, SqliteDatabases, refuse_real_database
from tests.services.processes import ROOT, free_port, running
from tests.services.settings import environment_of, make_settings
from tests.services.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from app.settings import Settings

MANY = 1_000_000
START_S = 40.0


@dataclass(slots=True)
class RedisServer:
    """A Redis that can be emptied, killed and stopped; it keeps nothing."""

    port: int
    directory: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address, the same after a restart."""
        return f"redis://127.0.0.1:{self.port}/0"

    async def start(self) -> None:
        """Start it and wait for its answer."""
        options = ["--save", "", "--appendonly", "no", "--dir", str(self.directory), "--loglevel", "warning"]
        self.process = subprocess.Popen(
            [redis_binary(), "--port", str(self.port), "--bind", "127.0.0.1", *options],
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        await eventually(self._answers)

    def empty(self) -> None:
        """Lose everything that is in it."""
        with Redis(port=self.port) as client:
            client.flushall()

    def kill(self) -> None:
        """End it without a word."""
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGKILL)
        if self.process is not None:
            self.process.wait()

    def signal(self, number: signal.Signals) -> None:
        """Stop it or let it go on."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def _answers(self) -> bool:
        with Redis(port=self.port) as client, suppress(RedisError):
            return bool(client.ping())
        return False


@dataclass(frozen=True, slots=True)
class Stage:
    """Where one proof happens."""

    settings: Settings
    redis: RedisServer
    has_own_disk: bool = False

    @property
    def environment(self) -> dict[str, str]:
        """The settings as a process reads them."""
        return environment_of(self.settings)

    @contextmanager
    def process(self, role: str, parts: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run a web process or a worker with some variant of its parts."""
        environment = {**self.environment, PARTS_NAME: parts}
        command = (sys.executable, "-m", "tests.prove.roles", role)
        with running(command, environment=environment, log=self.settings.data_dir / f"{role}.log") as process:
            yield process

    @asynccontextmanager
    async def web(self, parts: str) -> AsyncIterator[subprocess.Popen[bytes]]:
        """Run a web process until it is ready."""
        from app.up import is_ready

        with self.process("web", parts) as process:
            await eventually(lambda: is_ready(self.settings), deadline_s=START_S)
            yield process

    @contextmanager
    def forker(self) -> Iterator[Forker]:
        """Run a process that forks workers and lives by order."""
        log = (self.settings.data_dir / "forker.log").open("ab")
        with log, subprocess.Popen(
            (sys.executable, "-m", "tests.prove.roles", "forker"),
            env=self.environment, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
            start_new_session=True,
        ) as process:  # fmt: skip
            forker = Forker(process)
            try:
                yield forker
            finally:
                forker.end()


class Forker:
    """The other end of a forker's orders."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        """Know the process and whom it has forked."""
        self._process = process
        self._forked: list[int] = []

    def fork(self, role: str, parts: str, **order: Any) -> int:
        """Let it fork a process; return its number, which is also its group's."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"role": role, "parts": parts, **order}) + "\n")
        self._process.stdin.flush()
        pid = int(self._process.stdout.readline())
        self._forked.append(pid)
        return pid

    def end(self) -> None:
        """End everything that it forked, with what those have started."""
        for pid in self._forked:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
        self._process.kill()


@asynccontextmanager
async def staged(
    *, disk_mib: int = 0, idle_seconds: int = 30, sweep_seconds: int = 60, **analysis: Any
) -> AsyncIterator[Stage]:
    """Lend a stage whose limits never bind; ``analysis`` changes numbers of that table of the policy.

    With ``disk_mib`` its data lie on a disk of their own of that size, where this machine can make one.
    """
    url = os.environ.get("DATABASE_URL") or DEFAULT_URL
    refuse_real_database(url)
    with tempfile.TemporaryDirectory(prefix="prove-", ignore_cleanup_errors=True) as folder:
        directory = Path(folder)
        data = directory / "data"
        data.mkdir(mode=0o700)
        redis = RedisServer(free_port(), directory)
        await redis.start()
        try:
            with small_disk(data, disk_mib) as has_own_disk:
                async with _database(url, directory, data) as own_url:
                    plain = make_settings(data, database_url=own_url, redis_url=redis.url, port=free_port())
                    settings = unlimited(plain, idle_seconds, sweep_seconds, **analysis)
                    yield Stage(settings, redis, has_own_disk)
        finally:
            redis.kill()


def unlimited(settings: Settings, idle_seconds: int, sweep_seconds: int, **analysis: Any) -> Settings:
    """Let everybody upload as much as they like."""
    policy = settings.policy
    rate = Rate(MANY, 3600)
    return replace(
        settings,
        policy=replace(
            policy,
            plans={"free": PlanPolicy(MANY, MANY)},
            limits={
                name: replace(limit, address=rate, account=rate, pair=None) for name, limit in policy.limits.items()
            },
            analysis=replace(policy.analysis, **analysis),
            retention=replace(policy.retention, sweep_seconds=sweep_seconds),
            uploads=replace(policy.uploads, min_free_disk_percent=0, idle_seconds=idle_seconds),
        ),
    )


@asynccontextmanager
async def _database(url: str, directory: Path, data: Path) -> AsyncIterator[str]:
    if url.startswith("sqlite"):
        async with SqliteDatabases.prepare(directory / "template").fresh(data) as own:
            yield own
        return
    databases = await PostgresDatabases.prepare(url, directory / "template")
    try:
        async with databases.fresh(data) as own:
            yield own
    finally:
        await databases.close()
