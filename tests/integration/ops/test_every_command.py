"""Every command of the command line: its JSON, its exit code, and that nothing hurts without a yes.

The table has each command that there is. One that is added and not in it, or that is in it and not
in docs/admin.md, turns this red.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, get_args
from uuid import uuid4

import msgspec
import pyrage
import pytest

from app.accounts.mail_cli import MailLine
from app.accounts.tables import Outbox
from app.analyses.admin_cli import AnalysisLine
from app.billing.reconciling import Differences
from app.bootstrap import build
from app.doctor import Answer
from app.kernel.console import Done, Exit
from app.privacy.cli import FindingLine, ObjectionLine
from app.privacy.service import SweepReport
from app.privacy.tables import Objection
from app.privacy.users_cli import SessionLine, UserDetail, UserLine
from app.registry import PERSONAL_DATA
from app.settings import ROOT, SettingsError
from app.usage.cli import QuotaLine
from tests.integration.privacy.test_audit import an_upload
from tests.making.buyers import subscribed
from tests.making.commands import every_command, run
from tests.making.filling import fill
from tests.services.files import files_under
from tests.services.settings import make_settings
from tests.services.stripe import with_stripe

if TYPE_CHECKING:
    from pathlib import Path

    from app.bootstrap import Services
    from app.settings import Settings
    from tests.services.stripe import StripeServer

DOCUMENT = (ROOT / "docs/admin.md").read_text("utf-8")
ELSEWHERE = {
    "up": "tests/integration/ops/test_up.py",
    "web": "tests/services/site.py",
    "worker": "tests/services/site.py",
    "liveset": "tests/unit/analyses/test_liveset_cli.py",
    "analyze": "tests/unit/audio/test_analyze_command.py",
}
"""Commands that run until they are stopped, or that know no database: where they are called."""


class Effect(Enum):
    """What a command does to what is kept."""

    READS = auto()
    MENDS = auto()
    """It changes what another command changes back, or does now what the service does by itself."""
    HURTS = auto()
    """It deletes, mails, pays, hands out or locks out: it asks first."""


@dataclass(frozen=True, slots=True)
class Case:
    """One way to call a command, and what it answers."""

    effect: Effect
    shape: Any
    words: str
    """What an operator types after ``tracksensei``; words in capitals are filled in."""


CASES = (
    Case(Effect.MENDS, Done, "migrate"),
    Case(Effect.READS, Answer, "doctor"),
    Case(Effect.MENDS, SweepReport, "sweep --rewrite"),
    Case(Effect.READS, list[UserLine], "users list"),
    Case(Effect.READS, list[UserDetail], "users show EMAIL"),
    Case(Effect.MENDS, Done, "users verify EMAIL"),
    Case(Effect.HURTS, Done, "users suspend EMAIL"),
    Case(Effect.MENDS, Done, "users restore SUSPENDED"),
    Case(Effect.READS, list[SessionLine], "users sessions EMAIL"),
    Case(Effect.HURTS, list[SessionLine], "users sessions EMAIL --end"),
    Case(Effect.HURTS, Done, "users erase EMAIL"),
    Case(Effect.HURTS, Done, "users export EMAIL NEW_FILE"),
    Case(Effect.HURTS, Done, "users import BUYER EXPORT"),
    Case(Effect.READS, list[AnalysisLine], "analyses list --state failed"),
    Case(Effect.MENDS, Done, "analyses retry FAILED"),
    Case(Effect.HURTS, Done, "analyses cancel QUEUED"),
    Case(Effect.HURTS, Done, "analyses purge FAILED"),
    Case(Effect.READS, list[QuotaLine], "quota show EMAIL"),
    Case(Effect.HURTS, list[QuotaLine], "quota reset EMAIL"),
    Case(Effect.READS, list[MailLine], "mail list"),
    Case(Effect.HURTS, Done, "mail resend MAIL"),
    Case(Effect.READS, list[FindingLine], "privacy audit"),
    Case(Effect.HURTS, Done, "privacy announce VERSION"),
    Case(Effect.READS, list[ObjectionLine], "privacy objections"),
    Case(Effect.MENDS, Done, "privacy answered OBJECTION"),
    Case(Effect.MENDS, Done, "backup"),
    Case(Effect.HURTS, Done, "restore BACKUP --identity IDENTITY"),
    Case(Effect.MENDS, Done, "plans set EMAIL studio"),
    Case(Effect.MENDS, Differences, "billing sync"),
    Case(Effect.HURTS, Differences, "billing sync --forget-unknown"),
    Case(Effect.HURTS, Done, "billing refund BUYER"),
    Case(Effect.HURTS, Done, "keys rotate"),
)


@pytest.fixture
def identity(tmp_path: Path) -> Path:
    """Lend an operator's identity."""
    path = tmp_path / "identity.txt"
    path.write_text(f"{pyrage.x25519.Identity.generate()}\n")
    return path


@pytest.fixture
def settings(data_dir: Path, database_url: str, redis_url: str, identity: Path, stripe: StripeServer) -> Settings:
    """Lend settings of a service that sells, and whose backups can be opened."""
    public = str(pyrage.x25519.Identity.from_str(identity.read_text().strip()).to_public())
    plain = make_settings(data_dir, database_url=database_url, redis_url=redis_url, port=1, backup_recipient=public)
    return with_stripe(plain, stripe.url)


@pytest.fixture
async def names(services: Services, stripe: StripeServer, tmp_path: Path, identity: Path) -> dict[str, str]:
    """Keep something of everything, and say what the words in capitals stand for."""
    account = await fill("canary")
    buyer, _ = await subscribed(services, stripe)
    export = tmp_path / "export.zip"
    await services.rights.exports.write_copy(account, export)
    failed = await an_upload(services, age=timedelta(hours=1), state="stored")
    queued = await an_upload(services, age=timedelta(), state="stored", analysis_state="queued")
    (mail,) = await Outbox.select(Outbox.id)
    (objection,) = await Objection.select(Objection.id)
    backup, _, _ = await services.backups.make()
    return {
        "EMAIL": "canary@example.com",
        "BUYER": buyer.email,
        "SUSPENDED": "canary@example.com",
        "NEW_FILE": str(tmp_path / "new.zip"),
        "EXPORT": str(export),
        "FAILED": str(failed.analysis),
        "QUEUED": str(queued.analysis),
        "MAIL": str(mail["id"]),
        "VERSION": services.settings.policy.accounts.policy_version,
        "OBJECTION": str(objection["id"]),
        "BACKUP": str(backup),
        "IDENTITY": str(identity),
    }


async def everything(services: Services) -> dict[str, Any]:
    """Return every row and every file that is kept, the database's own and a command's settings left out."""
    rows = {entry.name: sorted(map(str, await entry.table.select())) for entry in PERSONAL_DATA}
    own = (".sqlite", ".sqlite-wal", ".sqlite-shm", "policy.toml")
    files = {
        str(file): file.stat().st_mtime_ns
        for file in files_under(services.settings.data_dir.parent)
        if not file.name.endswith(own)
    }
    return rows | files


async def call(services: Services, names: dict[str, str], case: Case, *more: str) -> Any:
    """Call a command in the state that it is for."""
    if "SUSPENDED" in case.words:
        assert await services.office.suspend((await services.office.everyone())[0].id)
    if case.words.startswith("restore") and more:
        for entry in PERSONAL_DATA:
            await entry.table.delete(force=True)
    return await run(services, *(names.get(word, word) for word in case.words.split()), *more)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.words)
async def test_its_json_has_its_shape(services: Services, names: dict[str, str], case: Case) -> None:
    """It is done, prints one document of the published shape and nothing else; what only reads changes nothing."""
    before = await everything(services)
    yes = ("--yes",) if case.effect is Effect.HURTS else ()
    answer = await call(services, names, case, *yes, "--json")
    assert answer.exit_code == Exit.DONE, answer.output
    told = msgspec.json.decode(answer.stdout, type=case.shape)
    assert json.loads(msgspec.json.encode(told)) == json.loads(answer.stdout)
    assert told or case.words.endswith("--end")
    assert '"level": "error"' not in answer.stderr
    if case.effect is Effect.READS:
        assert await everything(services) == before


async def test_nothing_hurts_without_a_yes(services: Services, names: dict[str, str], stripe: StripeServer) -> None:
    """Without a yes the exit code says so in a sentence, and no row, no file and nothing at Stripe has changed."""
    before, asked = await everything(services), len(stripe.requests)
    for case in CASES:
        if case.effect is Effect.HURTS:
            answer = await call(services, names, case)
            assert answer.exit_code == Exit.UNCONFIRMED, (case.words, answer.output)
            assert answer.stderr.rstrip().endswith("? Nothing was done: say --yes.")
            assert await everything(services) == before, case.words
            assert len(stripe.requests) == asked


async def test_a_database_without_tables_is_one_sentence(settings: Settings, identity: Path) -> None:
    """Each command says what to call first; no traceback, whatever it would have asked the database."""
    empty = build(replace(settings, database_url=f"sqlite:///{settings.data_dir / 'empty.sqlite'}"))
    names = {"EMAIL": "a@example.com", "VERSION": settings.policy.accounts.policy_version}
    for case in CASES:
        if case.words in {"migrate", "doctor", "keys rotate"}:  # the first mends it, the second reports it
            continue
        file = str(identity) if case.words.startswith(("restore", "users import")) else str(uuid4())
        words = [names.get(word, file if word.isupper() else word) for word in case.words.split()]
        answer = await run(empty, *words, *(("--yes",) if case.effect is Effect.HURTS else ()))
        assert isinstance(answer.exception, SettingsError), (case.words, answer.output)
        assert "`tracksensei migrate`" in str(answer.exception)


def test_every_command_is_in_the_table() -> None:
    """Each one has a case, or is named with where it is called; each that may be asked has a case that hurts."""
    commands = every_command()
    cased = {words: [case for case in CASES if f"{case.words} ".startswith(f"{words} ")] for words in commands}
    assert {words for words, cases in cased.items() if not cases} == set(ELSEWHERE)
    for words, file in ELSEWHERE.items():
        assert words in (ROOT / file).read_text("utf-8"), file
    for words, cases in cased.items():
        options = {parameter.name for parameter in commands[words].params}
        assert ("as_json" in options) is (bool(cases) or words in {"liveset", "analyze"}), words
        assert ("is_sure" in options) is any(case.effect is Effect.HURTS for case in cases), words


def _rows(heading: str) -> list[list[str]]:
    """Return the rows of a table of the document, by the heading of its first column."""
    lines = DOCUMENT.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"| {heading} |"))
    table = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        table.append([cell.strip() for cell in line.strip("|").split("|")])
    return table


def test_the_exit_codes_are_documented() -> None:
    """The document names each code, and no other."""
    assert {int(code) for code, _ in _rows("exit code")} == {code.value for code in Exit}


def test_each_command_is_documented_with_what_it_asks() -> None:
    """The document has each command in one row, and in the last column what asks first."""
    documented = {
        call: asking for calls, _, asking in _rows("command") for call in re.findall(r"`([^`]+)`", calls)
    }  # fmt: skip
    for words, command in every_command().items():
        if words in ELSEWHERE:
            continue
        (asking,) = [asking for call, asking in documented.items() if f"{call} ".startswith(f"{words} ")]
        is_named = asking == "yes" or words.split()[-1] in asking
        assert is_named is any(parameter.name == "is_sure" for parameter in command.params), words


def test_each_shape_is_documented_with_its_fields() -> None:
    """The document names what ``--json`` prints of each command, field by field in their order."""
    published = [(set(re.findall(r"`([^`]+)`", calls)), re.findall(r"`(\w+)`", told)) for calls, told in _rows("of")]
    for case in CASES:
        shape = (get_args(case.shape) or (case.shape,))[0]
        names = [field.name for field in fields(shape)] if is_dataclass(shape) else list(shape.__struct_fields__)
        rows = [told for calls, told in published if any(f"{case.words} ".startswith(f"{call} ") for call in calls)]
        assert (rows or [["done", "count"]]) == [names], case.words
