"""The site as visitors meet it: a real uvicorn on a loopback port, in the test's own event loop."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.services.processes import own_command, running
from tests.services.settings import environment_of
from tests.services.waiting import eventually

if TYPE_CHECKING:
    import subprocess
    from collections.abc import AsyncIterator

    from litestar import Litestar

    from app.settings import Settings


SHUTDOWN_S = 20.0


@dataclass(frozen=True, slots=True)
class Site:
    """A running site."""

    url: str
    app: Litestar
    settings: Settings


@asynccontextmanager
async def running_site(app: Litestar, settings: Settings) -> AsyncIterator[Site]:
    """Serve an app until the block ends."""
    from app.server import listen, make_server

    server = make_server(app, settings)
    # Signals are the test runner's, not the server's.
    serving = asyncio.create_task(server._serve([listen(settings.host, settings.port)]))
    try:
        await eventually(lambda: server.started or serving.done())
        if serving.done():
            serving.result()
        yield Site(url=settings.site_url, app=app, settings=settings)
    finally:
        server.should_exit = True
        async with asyncio.timeout(SHUTDOWN_S):
            await serving


@asynccontextmanager
async def running_worker(settings: Settings) -> AsyncIterator[subprocess.Popen[bytes]]:
    """Run ``tracksensei worker`` as a process; its log is ``worker.log`` in the data folder."""
    log = settings.data_dir / "worker.log"
    with running(own_command("worker"), environment=environment_of(settings), log=log) as process:
        yield process


@asynccontextmanager
async def running_web(settings: Settings) -> AsyncIterator[subprocess.Popen[bytes]]:
    """Run ``tracksensei web`` as a process until it is ready; its log is ``web.log`` in the data folder."""
    from app.up import is_ready

    log = settings.data_dir / "web.log"
    with running(own_command("web"), environment=environment_of(settings), log=log) as process:
        await eventually(lambda: is_ready(settings), deadline_s=30)
        yield process
