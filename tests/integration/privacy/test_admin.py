"""The operator's commands: exit codes, JSON of the published shape, nothing done without a yes."""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import click
import msgspec
import pytest
from click.testing import CliRunner

from app.accounts.tables import Account, Outbox
from app.analyses.tables import Analysis
from app.cli import COMMANDS
from app.kernel.console import Done, Exit
from app.kernel.db import bind
from app.privacy.service import SweepReport
from app.registry import TABLES
from tests.making.filling import fill
from tests.services.settings import environment_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from uuid import UUID

    from click.testing import Result

    from app.bootstrap import Services

LINES = {
    "users list": "app.privacy.users_cli:UserLine",
    "users show": "app.privacy.users_cli:UserDetail",
    "users sessions": "app.privacy.users_cli:SessionLine",
    "analyses list": "app.analyses.admin_cli:AnalysisLine",
    "quota show": "app.usage.cli:QuotaLine",
    "mail list": "app.accounts.mail_cli:MailLine",
    "privacy audit": "app.privacy.cli:FindingLine",
    "privacy objections": "app.privacy.cli:ObjectionLine",
}


ADMIN = (
    "users", "analyses", "quota", "mail", "plans", "billing", "keys", "privacy", "sweep", "backup", "restore", "doctor",
)  # fmt: skip
DOING = {
    "users verify", "users suspend", "users restore", "users erase", "users export", "users import", "analyses retry",
    "analyses cancel", "analyses purge", "quota reset", "mail resend", "plans set", "billing refund", "keys rotate",
    "privacy announce", "privacy answered", "backup", "restore",
}  # fmt: skip
"""What answers with ``Done``; ``quota reset`` with the lines of ``quota show``."""


async def run(services: Services, *words: str) -> Result:
    """Run a command in a thread with these settings, and give the tables back to the test's engine."""
    place = COMMANDS[words[0]]
    command = getattr(import_module(place.module), place.attribute)
    environment = environment_of(services.settings)
    try:
        return await asyncio.to_thread(CliRunner().invoke, command, words[1:], env=environment)
    finally:
        bind(services.engine, TABLES)


async def lines(services: Services, *words: str) -> list[Any]:
    """Run a command and read its JSON by its published shape."""
    module, name = LINES[" ".join(words[:2])].split(":")
    answer = await run(services, *words, "--json")
    kind: Any = list[getattr(import_module(module), name)]  # type: ignore[misc]
    found: list[Any] = msgspec.json.decode(answer.stdout, type=kind)
    return found


@pytest.fixture
async def account(services: Services) -> UUID:
    """Lend an account with a row in every table."""
    return await fill("canary")


async def test_lists_have_their_shape_and_hide_whom_they_are_about(services: Services, account: UUID) -> None:
    """Each list fits its class; names and addresses are there only when asked for."""
    email = "canary@example.com"
    calls = {
        "users list": (), "users show": (email,), "users sessions": (str(account),), "analyses list": (),
        "quota show": (email,), "mail list": (), "privacy audit": (), "privacy objections": (),
    }  # fmt: skip
    for words, more in calls.items():
        found = await lines(services, *words.split(), *more)
        assert found, words
        if words not in {"users sessions", "quota show", "privacy audit"}:
            assert "canary" not in str([getattr(found[0], name, "") for name in ("email", "recipient", "track")]), words
    assert (await lines(services, "users", "list", "--personal"))[0].email == email
    assert (await lines(services, "analyses", "list", "--personal"))[0].track.startswith("canary")
    table = await run(services, "users", "list")
    assert table.exit_code == Exit.DONE
    assert "Accounts: 1" in table.stdout


@pytest.mark.parametrize(
    "words",
    [
        "users suspend EMAIL", "users erase EMAIL", "users export EMAIL FILE", "users sessions EMAIL --end",
        "analyses cancel ANALYSIS", "analyses purge ANALYSIS", "quota reset EMAIL", "mail resend MAIL",
        "privacy announce 2026-11.2", "restore FILE --identity FILE",
    ],
)  # fmt: skip
async def test_what_hurts_is_refused_without_a_yes(
    services: Services, account: UUID, words: str, tmp_path: Path
) -> None:
    """The exit code says so, and nothing has changed."""
    file = tmp_path / "file"
    file.write_bytes(b"")
    await Account.update({Account.verified_at: Account.created_at}).where(Account.id == account)
    answer = await run(services, *await _named(words, str(file)))
    assert answer.exit_code == Exit.UNCONFIRMED, answer.output
    assert await Account.count() == await Analysis.count() == await Outbox.count() == 1
    assert file.read_bytes() == b""


async def test_what_is_not_there_has_its_exit_code(services: Services) -> None:
    """Unknown accounts, analyses and mails are told from what is refused."""
    nobody = str(uuid4())
    for words in (
        f"users show {nobody}", "users verify a@example.com", f"users erase {nobody} --yes",
        f"analyses retry {nobody}", f"analyses purge {nobody} --yes", "quota show a@example.com",
        f"mail resend {nobody} --yes", f"privacy answered {nobody}", "plans set a@example.com pro",
        f"users export {nobody} x.zip --yes", f"users suspend {nobody} --yes", f"users restore {nobody}",
        "quota reset a@example.com --yes", f"users sessions {nobody}", f"analyses cancel {nobody} --yes",
    ):  # fmt: skip
        answer = await run(services, *words.split())
        assert answer.exit_code == Exit.UNKNOWN, (words, answer.output)


async def test_each_command_has_its_effect(services: Services, account: UUID, tmp_path: Path) -> None:
    """Suspend, restore, verify, retry, cancel, quota, mail, export, announce, purge, erase."""
    steps = [
        ("users verify EMAIL", Exit.DONE),
        ("users suspend EMAIL --yes", Exit.DONE),
        ("users suspend EMAIL --yes", Exit.REFUSED),
        ("users restore EMAIL", Exit.DONE),
        ("users restore EMAIL", Exit.REFUSED),
        ("plans set EMAIL studio", Exit.DONE),
        ("plans set EMAIL gold", Exit.USAGE),
        ("analyses retry ANALYSIS", Exit.REFUSED),
        ("analyses cancel ANALYSIS --yes", Exit.REFUSED),
        ("mail resend MAIL --yes", Exit.DONE),
        ("users export EMAIL FILE --yes", Exit.DONE),
        ("privacy announce 1999-01 --yes", Exit.USAGE),
        ("privacy announce 2026-11.2 --yes", Exit.DONE),
        ("backup", Exit.REFUSED),
        ("analyses purge ANALYSIS --yes", Exit.DONE),
        ("users erase EMAIL --yes", Exit.DONE),
    ]
    file = tmp_path / "export.zip"
    for words, code in steps:
        answer = await run(services, *await _named(words, str(file)), "--json")
        assert answer.exit_code == code, (words, answer.output)
        if code is Exit.DONE:
            assert msgspec.json.decode(answer.stdout, type=Done).done
    assert file.stat().st_size > 1000
    assert await Account.count() == 0
    assert (await run(services, "quota", "reset", "canary@example.com", "--yes")).exit_code == Exit.UNKNOWN


async def test_every_command_that_answers_has_a_shape(services: Services) -> None:
    """Whatever takes ``--json`` is in a test here, or prints an object of a named class of its own."""
    with_json = {
        " ".join(words)
        for name in ADMIN
        for words, command in _commands(
            (name,), getattr(import_module(COMMANDS[name].module), COMMANDS[name].attribute)
        )
        if any(parameter.name == "as_json" for parameter in command.params)
    }
    assert with_json == set(LINES) | DOING | {"sweep", "billing sync", "doctor"}
    swept = msgspec.json.decode((await run(services, "sweep", "--rewrite", "--json")).stdout, type=SweepReport)
    assert swept.total == 0


async def test_the_audit_exits_one_on_a_breach(services: Services, account: UUID) -> None:
    """The same command says with its exit code whether a promise is broken."""
    assert (await run(services, "privacy", "audit")).exit_code == Exit.DONE
    services.access_log.write(email="mara@example.com")
    assert (await run(services, "privacy", "audit", "--json")).exit_code == Exit.WRONG


def _commands(words: tuple[str, ...], command: click.Command) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield a command, or each command of a group, with its words."""
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from _commands((*words, name), inner)
    else:
        yield words, command


async def _named(words: str, file: str) -> list[str]:
    analyses = await Analysis.select(Analysis.id)
    mails = await Outbox.select(Outbox.id).limit(1)
    names = {
        "EMAIL": "canary@example.com",
        "FILE": file,
        "ANALYSIS": str(analyses[0]["id"] if analyses else uuid4()),
        "MAIL": str(mails[0]["id"] if mails else uuid4()),
    }
    return [names.get(word, word) for word in words.split()]
