"""A real Redis server on a loopback port."""

from __future__ import annotations

import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app.local_redis import redis_binary
from tests.services.processes import free_port, running

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

START_S = 10.0


@contextmanager
def running_redis(directory: Path) -> Iterator[str]:
    """Run a server that keeps nothing; the value is its address."""
    port = free_port()
    options = ["--save", "", "--appendonly", "no", "--dir", str(directory), "--loglevel", "warning"]
    with running([redis_binary(), "--port", str(port), "--bind", "127.0.0.1", *options]) as process:
        _await_answer(port, process)
        yield f"redis://127.0.0.1:{port}/0"


def _await_answer(port: int, process: subprocess.Popen[bytes]) -> None:
    from redis import Redis, RedisError

    until_s = time.monotonic() + START_S
    with Redis(port=port) as client:
        while process.poll() is None and time.monotonic() < until_s:
            try:
                client.ping()
            except RedisError:
                continue
            return
    raise RuntimeError("redis-server did not answer")


def content_of(url: str) -> bytes:
    """Return everything that a server holds, as it would write it to a disk, uncompressed."""
    from redis import Redis

    with Redis.from_url(url) as client:
        client.config_set("rdbcompression", "no")
        client.save()
        place = {**client.config_get("dir"), **client.config_get("dbfilename")}
    return Path(str(place["dir"]), str(place["dbfilename"])).read_bytes()
