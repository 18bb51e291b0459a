"""News about the policy: one mail an address, whatever kills the command on the way."""

from __future__ import annotations

import signal
import subprocess
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from app.accounts.tables import Outbox
from app.kernel.console import Exit
from app.kernel.db import transaction
from app.privacy.tables import Announcement
from tests.integration.privacy.test_audit import an_account
from tests.services.mailbox import Mailbox, running_mailbox
from tests.services.processes import own_command, running
from tests.services.settings import environment_of, make_settings
from tests.services.site import running_worker
from tests.services.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from app.bootstrap import Services
    from app.settings import Settings

PEOPLE = 200
BEFORE_DEATH = 20
ENDED_S = 60.0


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """Run a mail server."""
    with running_mailbox() as mailbox:
        yield mailbox


@pytest.fixture
def settings(data_dir: Path, database_url: str, redis_url: str, mailbox: Mailbox) -> Settings:
    """Lend settings of a service that sends by SMTP."""
    return make_settings(
        data_dir, database_url=database_url, redis_url=redis_url, port=1, development=False, smtp_url=mailbox.url
    )


async def test_an_announcement_that_is_killed_reaches_everybody_once(services: Services, mailbox: Mailbox) -> None:
    """Killed without a word among two hundred, begun twice again: each mailbox has one mail."""
    version = services.settings.policy.accounts.policy_version
    command, environment = own_command("privacy", "announce", version, "--yes"), environment_of(services.settings)
    async with transaction(services.engine):
        for number in range(PEOPLE):
            await an_account(email=f"person-{number}@example.com")

    async def has_begun() -> bool:
        return bool(await Announcement.count() >= BEFORE_DEATH)

    with running(command, environment=environment) as first:
        await eventually(has_begun, deadline_s=ENDED_S)
        first.send_signal(signal.SIGKILL)
        assert first.wait() == -signal.SIGKILL
    told = await Announcement.count()
    assert BEFORE_DEATH <= told < PEOPLE
    assert await Outbox.count() == told  # a mail is ordered with its mark, or not at all
    with running(command, environment=environment) as second, running(command, environment=environment) as third:
        await eventually(lambda: None not in (second.poll(), third.poll()), deadline_s=ENDED_S)
        assert (second.returncode, third.returncode) == (Exit.DONE, Exit.DONE)
    async with running_worker(services.settings):
        await eventually(_is_empty, deadline_s=ENDED_S)
    assert len(mailbox.mails) == PEOPLE
    assert set(Counter(mail["To"] for mail in mailbox.mails).values()) == {1}
    again = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert again.stdout.startswith("0 people")


async def _is_empty() -> bool:
    return bool(await Outbox.count() == 0)
