"""The parts that the suite stands on are the real ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.services.waiting import eventually

if TYPE_CHECKING:
    import subprocess

    from playwright.async_api import Page

    from app.bootstrap import Services
    from app.settings import Settings


async def test_services_open_on_a_migrated_database(services: Services) -> None:
    """The services reach a migrated database and an empty Redis."""
    from app.accounts.tables import Account
    from app.kernel.db import pending_migrations

    assert await Account.count() == 0
    assert await pending_migrations(services.settings) == []
    assert await services.redis.dbsize() == 0


async def test_the_browser_opens_the_site(page: Page, page_without_scripts: Page) -> None:
    """Chromium opens the site with scripts and without."""
    for opened in (page, page_without_scripts):
        answer = await opened.goto("/")
        assert answer is not None
        assert answer.status == 200
        assert "TrackSensei" in await opened.title()


async def test_a_worker_process_says_that_it_is_ready(worker: subprocess.Popen[bytes], settings: Settings) -> None:
    """The worker starts with the test's own settings."""
    log = settings.data_dir / "worker.log"
    await eventually(lambda: "worker.ready" in log.read_text() or worker.poll() is not None, deadline_s=30)
    assert worker.poll() is None
