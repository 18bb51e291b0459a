"""The audit is quiet on a sound service, and the command finds each breach that is planted."""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import msgspec
import pytest
from redis.asyncio import Redis

from app.accounts.letters import Occasion
from app.accounts.tables import Account, Outbox, Session
from app.analyses.tables import Analysis, Upload
from app.kernel.clock import utc_now
from app.kernel.console import Exit
from app.privacy.cli import FindingLine
from app.tracks.tables import Track
from tests.making.commands import run
from tests.services.processes import own_command
from tests.services.settings import environment_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from app.bootstrap import Services

YEAR = timedelta(days=365)


async def an_account(**changes: Any) -> Account:
    """Keep an account."""
    row = Account(
        **{
            "id": uuid4(),
            "email": "mara@example.com",
            "email_key": uuid4().hex,
            "password_hash": "$argon2id$v=19$x",
            "policy_version": "2026-11",
            "verified_at": utc_now(),
            "created_at": utc_now(),
            **changes,
        }
    )
    await Account.insert(row)
    return row


async def an_upload(services: Services, *, age: timedelta, state: str, analysis_state: str = "failed") -> Upload:
    """Keep an upload of an age, with its bytes."""
    now, owner = utc_now(), await an_account()
    later = now + timedelta(days=9)
    track = Track(id=uuid4(), account=owner.id, name="n", created_at=now, expires_at=later)
    await Track.insert(track)
    analysis = Analysis(
        id=uuid4(), account=owner.id, track=track.id, version=1, state=analysis_state, idempotency_key="k",
        created_at=now - age, finished_at=now - age, changed_at=now, expires_at=later,
    )  # fmt: skip
    await Analysis.insert(analysis)
    upload = Upload(
        id=uuid4(), analysis=analysis.id, kind="bounce", name="n", format="wav", state=state, declared_bytes=1,
        created_at=now - age, delete_after=now - age + timedelta(hours=24),
    )  # fmt: skip
    await Upload.insert(upload)
    async with services.storage.writer(upload.id) as writer:
        await writer.write(b"x")
    return upload


def aged(path: Path, content: bytes = b"x") -> None:
    """Write a file of a year ago."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_bytes(content)
    long_ago = (utc_now() - YEAR).timestamp()
    os.utime(path, (long_ago, long_ago))


async def plant_old_upload(services: Services) -> None:
    """Keep an upload past its deadline."""
    await an_upload(services, age=timedelta(hours=25), state="stored")


async def plant_needless_upload(services: Services) -> None:
    """Keep an upload whose report exists."""
    await an_upload(services, age=timedelta(hours=1), state="stored", analysis_state="done")


async def plant_lying_row(services: Services) -> None:
    """Let a row say that bytes are gone which are not."""
    await an_upload(services, age=timedelta(hours=1), state="deleted")


async def plant_orphan(services: Services) -> None:
    """Leave bytes that no row knows."""
    key = uuid4()
    async with services.storage.writer(key) as writer:
        await writer.write(b"x")
    aged(services.storage.path(key))
    long_ago = (utc_now() - YEAR).timestamp()
    os.utime(services.storage.path(key).parent, (long_ago, long_ago))


async def plant_overdue_row(services: Services) -> None:
    """Keep a session past its term."""
    owner, then = await an_account(), utc_now() - timedelta(days=1)
    await Session.insert(Session(id=uuid4(), account=owner.id, created_at=then, seen_at=then, expires_at=then))


async def plant_table(services: Services) -> None:
    """Make a table that nobody declared."""
    await services.engine.run_ddl("CREATE TABLE secrets (name TEXT)")


async def plant_export(services: Services) -> None:
    """Forget an export."""
    aged(services.settings.exports_dir / f"{uuid4()}.zip")


async def plant_backup(services: Services) -> None:
    """Forget a backup."""
    aged(services.settings.backups_dir / "tracksensei-old.jsonl.gz.age")


async def plant_log(services: Services) -> None:
    """Keep a day of the access log for a year."""
    aged(services.settings.logs_dir / f"access-{(utc_now() - YEAR).date()}.log", b"")


async def plant_line(services: Services) -> None:
    """Write more into a log than it may have."""
    services.access_log.write(address="1.2.3.4", email="mara@example.com")


async def plant_mail(services: Services) -> None:
    """Keep a mail of a kind that was not promised."""
    order = await services.mailing.order(Occasion.FORGOT, "mara@example.com")
    await Outbox.update({Outbox.kind: "newsletter"}).where(Outbox.id == order.id)


async def plant_key(services: Services) -> None:
    """Keep something in Redis for ever."""
    async with Redis.from_url(services.settings.redis_url) as client:
        await client.set("answer", "of somebody")


async def plant_password(services: Services) -> None:
    """Keep a password by a weaker hash."""
    del services
    await an_account(password_hash="$2b$12$x")


async def plant_unconfirmed(services: Services) -> None:
    """Keep an account that nobody confirmed."""
    del services
    await an_account(verified_at=None, created_at=utc_now() - timedelta(days=8))


async def plant_closing(services: Services) -> None:
    """Leave an account half erased."""
    del services
    await an_account(closing_at=utc_now() - timedelta(minutes=2))


async def plant_erased(services: Services) -> None:
    """Bring somebody back who was erased."""
    owner = await an_account()
    services.rights.erasures.add(owner.id, utc_now())


async def plant_open_folder(services: Services) -> None:
    """Open the data folder to everybody."""
    services.settings.data_dir.chmod(0o755)


BREACHES: dict[str, tuple[Callable[[Services], Awaitable[None]], str]] = {
    "old upload": (plant_old_upload, "uploads-4"),
    "needless upload": (plant_needless_upload, "uploads-3"),
    "lying row": (plant_lying_row, "uploads-5"),
    "orphan": (plant_orphan, "uploads-5"),
    "overdue row": (plant_overdue_row, "kept-enforced"),
    "table": (plant_table, "kept-live"),
    "export": (plant_export, "kept-export"),
    "backup": (plant_backup, "deletion-2"),
    "log": (plant_log, "logs-1"),
    "line": (plant_line, "logs-1"),
    "mail": (plant_mail, "mail-none"),
    "key": (plant_key, "kept-live"),
    "password": (plant_password, "account-2"),
    "unconfirmed": (plant_unconfirmed, "account-5"),
    "closing": (plant_closing, "deletion-1"),
    "erased": (plant_erased, "deletion-3"),
    "open folder": (plant_open_folder, "security-3"),
}


async def broken(services: Services) -> tuple[int, set[str]]:
    """Call ``tracksensei privacy audit --json``; return its exit code and the clauses that it says are broken."""
    answer = await run(services, "privacy", "audit", "--json")
    lines = msgspec.json.decode(answer.stdout, type=list[FindingLine])
    assert len(lines) == 16
    return answer.exit_code, {line.clause for line in lines if line.breaches}


async def test_a_sound_service_breaks_nothing(services: Services) -> None:
    """Every promise is measured and kept, with somebody there and nobody."""
    assert await broken(services) == (Exit.DONE, set())
    await an_account()
    assert await broken(services) == (Exit.DONE, set())


@pytest.mark.parametrize("name", BREACHES)
async def test_a_planted_breach_is_found(services: Services, name: str) -> None:
    """The command exits 1 and names the clause that is broken, and no other."""
    plant, clause = BREACHES[name]
    await plant(services)
    assert await broken(services) == (Exit.WRONG, {clause})


async def test_a_process_ends_with_the_exit_code_of_its_audit(services: Services) -> None:
    """What watches the service from outside sees 0, and 1 once a promise is broken."""
    call, environment = own_command("privacy", "audit"), environment_of(services.settings)
    for code in (Exit.DONE, Exit.WRONG):
        process = await asyncio.create_subprocess_exec(*call, env=environment, stdout=asyncio.subprocess.DEVNULL)
        assert await process.wait() == code
        await plant_password(services)


def test_what_is_promised_is_what_the_audit_says() -> None:
    """Each clause that the audit measures stands on the page."""
    from app.policy import Policy
    from app.privacy.clauses import SiteFacts, clauses_of, sections

    named = {clause.id for clause in clauses_of(sections(Policy.read(), SiteFacts()))}
    assert {clause for _, clause in BREACHES.values()} <= named
    assert msgspec.json.encode(sorted(named))
