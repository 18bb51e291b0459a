"""The operator's commands: what they have for an effect, and whom they name only when asked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from app.accounts.tables import Account, Outbox
from app.analyses.tables import Analysis
from app.kernel.console import Exit
from tests.making.commands import run
from tests.making.filling import fill

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from app.bootstrap import Services


@pytest.fixture
async def account(services: Services) -> UUID:
    """Lend an account with a row in every table."""
    return await fill("canary")


async def test_whom_something_is_about_is_shown_only_when_asked_for(services: Services, account: UUID) -> None:
    """Addresses, names and texts are masked or left out; with ``--personal`` they are there."""
    for words in ("users list", "users show canary@example.com", "analyses list", "mail list", "privacy objections"):
        for personal in (False, True):
            answer = await run(services, *words.split(), "--json", *(["--personal"] if personal else []))
            (line,) = json.loads(answer.stdout)
            told = {name: line.get(name, "") for name in ("email", "display_name", "recipient", "track", "reason")}
            assert ("canary" in str(told)) is personal, words
    table = await run(services, "users", "list")
    assert table.exit_code == Exit.DONE
    assert "Accounts: 1" in table.stdout


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
    """One after another on one account, to its end; what its state does not allow is refused in one sentence."""
    steps = [
        ("users verify EMAIL", Exit.DONE),
        ("users suspend EMAIL --yes", Exit.DONE),
        ("users suspend EMAIL --yes", Exit.REFUSED),
        ("users restore EMAIL", Exit.DONE),
        ("users restore EMAIL", Exit.REFUSED),
        ("plans set EMAIL studio", Exit.DONE),
        ("plans set EMAIL gold", Exit.USAGE),
        ("analyses list --state lost", Exit.USAGE),
        ("analyses retry ANALYSIS", Exit.REFUSED),
        ("analyses cancel ANALYSIS --yes", Exit.REFUSED),
        ("mail resend MAIL --yes", Exit.DONE),
        ("users export EMAIL NOWHERE --yes", Exit.REFUSED),
        ("users export EMAIL FILE --yes", Exit.DONE),
        ("users import EMAIL FILE --yes", Exit.REFUSED),
        ("privacy announce 1999-01 --yes", Exit.USAGE),
        ("privacy announce VERSION --yes", Exit.DONE),
        ("backup", Exit.REFUSED),
        ("restore FILE --identity FILE --yes", Exit.REFUSED),
        ("billing refund EMAIL --yes", Exit.USAGE),
        ("analyses purge ANALYSIS --yes", Exit.DONE),
        ("users erase EMAIL --yes", Exit.DONE),
        ("quota reset EMAIL --yes", Exit.UNKNOWN),
    ]
    (analysis,), (mail,) = await Analysis.select(Analysis.id), await Outbox.select(Outbox.id)
    names = {
        "EMAIL": "canary@example.com",
        "FILE": str(tmp_path / "export.zip"),
        "NOWHERE": str(tmp_path / "nowhere" / "export.zip"),
        "ANALYSIS": str(analysis["id"]),
        "MAIL": str(mail["id"]),
        "VERSION": services.settings.policy.accounts.policy_version,
    }
    for words, code in steps:
        answer = await run(services, *(names.get(word, word) for word in words.split()))
        assert answer.exit_code == code, (words, answer.output)
        if code in {Exit.REFUSED, Exit.UNKNOWN}:
            assert answer.stderr.count("\n") == 1, (words, answer.stderr)
    assert (tmp_path / "export.zip").stat().st_size > 1000
    assert await Account.count() == 0


async def test_a_backup_needs_keys_of_age(services: Services, tmp_path: Path) -> None:
    """A recipient or an identity that is none is refused in one sentence, and nothing is written."""
    from dataclasses import replace

    from app.bootstrap import build

    file = tmp_path / "identity.txt"
    file.write_bytes(b"\xff no key")
    wrong = build(replace(services.settings, backup_recipient="age1wrong"))
    for words in ("backup", f"restore {file} --identity {file} --yes"):
        answer = await run(wrong, *words.split())
        assert answer.exit_code == Exit.REFUSED, answer.output
        assert answer.stderr.count("\n") == 1
    assert not list(services.settings.backups_dir.glob("*"))
