"""What every test may ask for. Nothing here is a stand-in: the parts are the real ones."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.services.databases import DEFAULT_URL, PostgresDatabases, SqliteDatabases, refuse_real_database
from tests.services.patience import pytest_collection_modifyitems
from tests.services.processes import free_port
from tests.services.redis import running_redis
from tests.services.settings import make_settings

if TYPE_CHECKING:
    import subprocess
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    import httpx
    from litestar import Litestar
    from playwright.async_api import Browser, Page

    from app.bootstrap import Services
    from app.settings import Settings
    from tests.services.databases import Databases
    from tests.services.site import Site
    from tests.services.stripe import StripeServer

__all__ = ["pytest_collection_modifyitems"]

os.environ["PICCOLO_CONF"] = "piccolo_conf"


def pytest_configure(config: pytest.Config) -> None:
    """Refuse to begin with a database that is not one for tests."""
    try:
        refuse_real_database(_database_url())
    except ValueError as error:
        raise pytest.UsageError(str(error)) from error


def pytest_report_header() -> str:
    """Tell which database this run uses."""
    return f"database: {_database_url().partition(':')[0]}"


def _database_url() -> str:
    return os.environ.get("DATABASE_URL") or DEFAULT_URL


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run async tests and fixtures of a session in one asyncio loop."""
    return "asyncio"


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run one Redis server for the session."""
    with running_redis(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture
async def redis_url(redis_server: str, anyio_backend: str) -> str:
    """Lend the Redis server, emptied."""
    from redis.asyncio import Redis

    async with Redis.from_url(redis_server) as client:
        await client.flushall()
    return redis_server


@pytest.fixture(scope="session")
async def databases(
    tmp_path_factory: pytest.TempPathFactory,
    anyio_backend: str,
) -> AsyncIterator[Databases]:
    """Prepare what each test's database is copied from."""
    directory = tmp_path_factory.mktemp("template")
    url = _database_url()
    if url.startswith("sqlite"):
        yield SqliteDatabases.prepare(directory / "sqlite")
        return
    prepared = await PostgresDatabases.prepare(url, directory)
    yield prepared
    await prepared.close()


@pytest.fixture
async def database_url(databases: Databases, data_dir: Path) -> AsyncIterator[str]:
    """Lend an empty, migrated database."""
    async with databases.fresh(data_dir) as url:
        yield url


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """Lend a data folder."""
    path = tmp_path / "data"
    path.mkdir(mode=0o700)
    return path


@pytest.fixture
def settings(data_dir: Path, database_url: str, redis_url: str) -> Settings:
    """Lend settings with a database, a Redis, a data folder and a port of their own."""
    return make_settings(data_dir, database_url=database_url, redis_url=redis_url, port=free_port())


@pytest.fixture
async def services(settings: Settings) -> AsyncIterator[Services]:
    """Lend the product's services, open, without a web server."""
    from app.bootstrap import build

    built = build(settings)
    async with built.open():
        yield built


@pytest.fixture
def app(settings: Settings) -> Litestar:
    """Lend an app of these settings that nobody serves yet."""
    from app.asgi import create_app

    return create_app(settings)


@pytest.fixture
async def live_site(app: Litestar, settings: Settings) -> AsyncIterator[Site]:
    """Serve the app on a loopback port, in the test's own loop."""
    from tests.services.site import running_site

    async with running_site(app, settings) as site:
        yield site


@pytest.fixture
async def client(live_site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """Lend a visitor without a session; redirects are not followed."""
    import httpx

    async with httpx.AsyncClient(base_url=live_site.url, timeout=30) as visitor:
        yield visitor


@pytest.fixture
async def stripe(anyio_backend: str) -> AsyncIterator[StripeServer]:
    """Run a Stripe on loopback."""
    from tests.services.stripe import running_stripe

    async with running_stripe() as server:
        yield server


@pytest.fixture
async def worker(settings: Settings) -> AsyncIterator[subprocess.Popen[bytes]]:
    """Run a worker process of these settings."""
    from tests.services.site import running_worker

    async with running_worker(settings) as process:
        yield process


@pytest.fixture(scope="session")
async def browser(anyio_backend: str) -> AsyncIterator[Browser]:
    """Run one Chromium for the session."""
    from tests.services.browser import running_browser

    async with running_browser() as chromium:
        yield chromium


@pytest.fixture
async def page(browser: Browser, live_site: Site) -> AsyncIterator[Page]:
    """Open a page with scripts, in a profile of its own."""
    context = await browser.new_context(base_url=live_site.url)
    yield await context.new_page()
    await context.close()


@pytest.fixture
async def page_without_scripts(browser: Browser, live_site: Site) -> AsyncIterator[Page]:
    """Open a page with scripts off, in a profile of its own."""
    context = await browser.new_context(base_url=live_site.url, java_script_enabled=False)
    yield await context.new_page()
    await context.close()
