"""``tracksensei up``: Redis, migrations, web and worker as one supervised group."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from app.cli import EXIT_SETTINGS
from app.local_redis import LocalRedis
from app.settings import Settings, SettingsError
from app.supervisor import Keeper, Program, start_program

if TYPE_CHECKING:
    from collections.abc import Iterator

REDIS_POLL_S = 0.01
READY_POLL_S = 0.1
SLOW_START_S = 60.0
WEB_GRACE_S = 6.0
WORKER_GRACE_S = 8.0
REDIS_GRACE_S = 2.0


@click.command()
def up() -> None:
    """Start everything on this machine and print the address when it is ready."""
    settings = Settings.from_environment()
    with only_one(settings):
        _check_port(settings)
        sys.exit(asyncio.run(Group.of(settings).run()))


@contextmanager
def only_one(settings: Settings) -> Iterator[None]:
    """Hold this data folder; a second start in it says so and ends."""
    path = settings.data_dir / "up.lock"
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = path.open("a+", encoding="ascii")
    except OSError as error:
        raise SettingsError(f"DATA_DIR cannot be used: {error}.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SettingsError(f"TrackSensei already runs with DATA_DIR {settings.data_dir}.") from error
        yield


@dataclass(frozen=True, slots=True)
class Group:
    """The processes of one start."""

    settings: Settings
    redis: Keeper | None
    local_redis: LocalRedis | None
    web: Keeper
    worker: Keeper
    environment: dict[str, str]

    @classmethod
    def of(cls, settings: Settings) -> Group:
        """Describe the processes that these settings ask for; nothing runs yet."""
        local_redis = None if settings.redis_url else LocalRedis.find(settings.data_dir)
        # Handed on as it is, not read: each process reads its own settings. What people see first is text.
        environment = {"LOG_FORMAT": "text", **os.environ, "DATA_DIR": str(settings.data_dir)}
        if is_for_one_machine(settings):
            # There is no mailbox and nobody else to see: pages show the links of mails.
            environment.setdefault("DEVELOPMENT", "1")
        if local_redis is not None:
            environment["REDIS_URL"] = local_redis.url
        return cls(
            settings=settings,
            redis=None if local_redis is None else _keeper("redis", local_redis.command, environment, REDIS_GRACE_S),
            local_redis=local_redis,
            web=_keeper("web", _own("web"), environment, WEB_GRACE_S),
            worker=_keeper("worker", _own("worker"), environment, WORKER_GRACE_S),
            environment=environment,
        )

    async def run(self) -> int:
        """Run until a signal or a refusal; return the exit code."""
        asked = self._listen_to_signals()
        starting = asyncio.create_task(self._start())
        stopping = asyncio.create_task(asked.wait())
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        refused = starting.done() and not asked.is_set()
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        await asyncio.gather(self.web.stop(), self.worker.stop())
        if self.redis is not None:
            # Last, so that the others can still say goodbye to it.
            await self.redis.stop()
        return EXIT_SETTINGS if refused else 0

    async def _start(self) -> None:
        """Start all in order; return only when one of them refuses its settings."""
        redis = [] if self.redis is None else [self.redis.start()]
        _, migrated = await asyncio.gather(self._await_redis(), self._migrate())
        if not migrated:
            return
        kept = [*redis, self.web.start(), self.worker.start()]
        announcing = asyncio.create_task(self._announce())
        try:
            await asyncio.wait(kept, return_when=asyncio.FIRST_COMPLETED)
        finally:
            announcing.cancel()

    async def _await_redis(self) -> None:
        while self.local_redis is not None and not await self.local_redis.answers():
            await asyncio.sleep(REDIS_POLL_S)

    async def _migrate(self) -> bool:
        program = Program(name="migrate", command=_own("migrate"), environment=self.environment)
        process = await start_program(program)
        return await process.wait() == 0

    async def _announce(self) -> None:
        """Print the address once, as soon as the pages can be used."""
        loop = asyncio.get_running_loop()
        slow_at_s = loop.time() + SLOW_START_S
        while not await is_ready(self.settings):
            if loop.time() > slow_at_s:
                click.echo("TrackSensei is not ready yet; `tracksensei doctor` tells what is missing.", err=True)
                slow_at_s = float("inf")
            await asyncio.sleep(READY_POLL_S)
        click.echo(f"TrackSensei is ready at {self.settings.site_url}")

    def _listen_to_signals(self) -> asyncio.Event:
        """Return an event for the first signal; the second one lets nothing wait."""
        asked = asyncio.Event()

        def hear() -> None:
            if asked.is_set():
                for keeper in (self.web, self.worker, self.redis):
                    if keeper is not None:
                        keeper.hurry()
            asked.set()

        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, hear)
        return asked


def is_for_one_machine(settings: Settings) -> bool:
    """Tell whether only whoever sits here can open the pages, and no mail server is set up."""
    return settings.host in {"127.0.0.1", "::1", "localhost"} and not settings.uses_https and not settings.smtp_url


async def is_ready(settings: Settings) -> bool:
    """Ask the web process whether everything that it needs is there."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - compared, not bound
    try:
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_connection(host, settings.port)
            writer.write(b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            status_line = await reader.readline()
            writer.close()
            await writer.wait_closed()
    except (OSError, TimeoutError):
        return False
    return b" 200 " in status_line


def _check_port(settings: Settings) -> None:
    """Say at once that the port is taken, before anything else is started."""
    from app.server import listen  # noqa: PLC0415 - the supervisor itself stays small

    listen(settings.host, settings.port).close()


def _own(command: str) -> tuple[str, ...]:
    """Call one of our own commands with this very Python."""
    return (sys.executable, "-m", "app", command)


def _keeper(name: str, command: tuple[str, ...], environment: dict[str, str], grace_s: float) -> Keeper:
    program = Program(name=name, command=command, environment=environment, grace_s=grace_s)
    return Keeper(program, _tell_of_restart)


def _tell_of_restart(name: str, exit_code: int, delay_s: float) -> None:
    click.echo(f"{name} ended with {exit_code} and starts again in {delay_s:.1f} s.", err=True)
