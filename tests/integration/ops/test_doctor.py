"""``tracksensei doctor`` tells what is configured, missing and working."""

from __future__ import annotations

import asyncio
import json
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from app.doctor import Verdict, examine
from tests.services.processes import own_command
from tests.services.settings import environment_of

if TYPE_CHECKING:
    from app.doctor import Check
    from app.settings import Settings


async def checks_of(settings: Settings, **changes: Any) -> dict[str, Check]:
    """Make every check, by name; doctor runs a loop of its own."""
    made = await asyncio.to_thread(examine, replace(settings, **changes))
    return {check.name: check for check in made}


async def test_a_working_machine_is_well(settings: Settings) -> None:
    """With a migrated database and a Redis nothing is missing."""
    checks = await checks_of(settings)
    assert {name for name, check in checks.items() if check.verdict is Verdict.MISSING} == set()
    assert checks["Database"].detail.endswith("migrated")
    assert checks["Redis"].verdict is Verdict.WORKS


async def test_a_database_without_tables_is_due(settings: Settings) -> None:
    """An empty database is told with what to run."""
    empty = f"sqlite:///{settings.data_dir / 'empty.sqlite'}"
    check = (await checks_of(settings, database_url=empty))["Database"]
    assert check.verdict is Verdict.MISSING
    assert "tracksensei migrate" in check.detail


async def test_servers_that_are_away_are_missing(settings: Settings) -> None:
    """A database or a Redis that does not answer is told, not raised."""
    away = {"database_url": "postgresql://nobody@127.0.0.1:1/none", "redis_url": "redis://127.0.0.1:1/0"}
    checks = await checks_of(settings, **away)
    assert checks["Database"].verdict is checks["Redis"].verdict is Verdict.MISSING


async def test_without_redis_url_the_local_server_is_named(settings: Settings) -> None:
    """With no REDIS_URL the server that `up` would start is named."""
    check = (await checks_of(settings, redis_url=""))["Redis"]
    assert check.verdict is Verdict.WORKS
    assert "redis-server" in check.detail


async def test_uploads_that_cannot_be_written_are_missing(settings: Settings) -> None:
    """A folder that cannot be made is told."""
    (settings.data_dir / "file").touch()
    check = (await checks_of(settings, data_dir=settings.data_dir / "file"))["Uploads"]
    assert check.verdict is Verdict.MISSING


async def test_the_models_licence_is_told(settings: Settings) -> None:
    """Whoever runs it reads what the trained models may be used for."""
    assert "non-commercial" in (await checks_of(settings))["Models"].detail
    assert (await checks_of(settings, madmom_models="licensed"))["Models"].verdict is Verdict.WORKS
    assert (await checks_of(settings, madmom_models="off"))["Models"].verdict is Verdict.NOTE


async def test_an_open_address_without_tls_is_noted(settings: Settings) -> None:
    """Listening for others without TLS is worth a note."""
    open_to_all = {"host": "0.0.0.0", "site_url": "http://example.com"}  # noqa: S104 - not bound
    assert (await checks_of(settings, **open_to_all))["Address"].verdict is Verdict.NOTE


async def test_the_command_prints_json_and_its_exit_code(settings: Settings) -> None:
    """Machines get one document, and 1 when something is missing."""

    def ask(**changes: Any) -> subprocess.CompletedProcess[str]:
        environment = environment_of(replace(settings, **changes))
        command = own_command("doctor", "--json")
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    well, ill = ask(), ask(redis_url="redis://127.0.0.1:1/0")
    assert (well.returncode, json.loads(well.stdout)["ok"]) == (0, True)
    assert (ill.returncode, json.loads(ill.stdout)["ok"]) == (1, False)
    assert ill.stderr == ""


async def test_the_table_names_every_check(settings: Settings) -> None:
    """People get a table with a line for each check."""
    done = await asyncio.to_thread(
        subprocess.run, own_command("doctor"), env=environment_of(settings), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    for name in await checks_of(settings):
        assert name in done.stdout
