"""G16: over ninety virtual days with outages nothing is there past its deadline, and nothing goes before it."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from app.accounts.tables import Account, MailToken, Outbox, SecurityEvent, Session
from app.analyses.tables import Analysis, Receipt, Report, Upload
from app.bootstrap import build
from app.privacy.tables import Export
from app.tracks.tables import Track
from tests.prove.figure import Figure, Result
from tests.prove.stage import staged

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.bootstrap import Services
    from tests.prove.figure import Size

BEGIN = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
"""A night before a change to summer time lies within the days."""
DAYS = 90
OUTAGE = timedelta(hours=12)
LOCAL = timedelta(hours=2)


@dataclass(slots=True)
class World:
    """The virtual clock, and what must be there until when."""

    now: datetime = BEGIN
    account: UUID = field(default_factory=uuid4)
    rows: dict[tuple[Any, UUID], datetime] = field(default_factory=dict)
    files: dict[UUID, datetime] = field(default_factory=dict)


async def prove(size: Size, seed: int, mutant: bool) -> Result:  # noqa: FBT001 - every figure has this shape
    """Let time pass, make things, sweep now and then, and compare with what must be."""
    result, world = Result(), World()
    chance = random.Random(seed)  # noqa: S311 - repeatable, no secret
    things, sweeps = size.pick(60, 5000), size.pick(25, 900)
    async with staged() as stage:
        behind = LOCAL if mutant else timedelta(0)
        services = build(stage.settings, clock=lambda: world.now - behind)
        async with services.open():
            await _settle(world)
            for turn in range(sweeps):
                for _ in range(things // sweeps + (turn < things % sweeps)):
                    await _make(services, world, chance)
                _pass(world, chance, sweeps)
                await services.sweeper.sweep()
                await _compare(services, result, world)
            world.now += timedelta(days=31)
            await services.sweeper.sweep()
            await _compare(services, result, world)
    result.counts |= {"things": things, "sweeps": sweeps, "left": len(world.rows) + len(world.files)}
    result.check("nothing is left a month after the last day", holds=not world.rows and not world.files)
    return result


async def _settle(world: World) -> None:
    await Account.insert(
        Account(
            id=world.account, email="a", email_key="a", password_hash="-", policy_version="-",
            created_at=world.now, verified_at=world.now,
        )
    )  # fmt: skip


async def _make(services: Services, world: World, chance: random.Random) -> None:
    """Make one thing of some kind, with the deadline that its class gives it."""
    policy, now, key = services.settings.policy, world.now, uuid4()
    kind = chance.choice(("upload", "report", "session", "link", "event", "mail", "receipt", "export"))
    month = now + policy.retention.results
    if kind in {"upload", "report"}:
        await _analysis(services, world, key, has_report=kind == "report", until=month)
        return
    until = {
        "session": now + timedelta(days=policy.accounts.session_idle_days),
        "link": now + policy.mail.verification,
        "event": now + policy.accounts.security_log,
        "mail": now + policy.mail.notice,
        "receipt": month,
        "export": now + policy.privacy.export,
    }[kind]
    base: dict[str, Any] = {"id": key, "account": world.account, "created_at": now, "expires_at": until}
    makers: dict[str, Callable[[], Any]] = {
        "session": lambda: Session(**base, seen_at=now),
        "link": lambda: MailToken(**base, kind="verify", digest=key.hex),
        "event": lambda: SecurityEvent(**base, kind="logged_in"),
        "mail": lambda: Outbox(**base, kind="verification", occasion="verify", recipient="a", next_attempt_at=until),
        "receipt": lambda: Receipt(
            id=key, account=world.account, kind="bounce", name="n", size_bytes=1, sha256="", received_at=now,
            deleted_at=now, expires_at=until,
        ),
        "export": lambda: Export(**base, state="ready", ready_at=now),
    }  # fmt: skip
    row = makers[kind]()
    await type(row).insert(row)
    world.rows[type(row), key] = until


async def _analysis(services: Services, world: World, key: UUID, *, has_report: bool, until: datetime) -> None:
    now = world.now
    await Track.insert(Track(id=key, account=world.account, name="n", created_at=now, expires_at=until))
    world.rows[Track, key] = until
    await Analysis.insert(
        Analysis(
            id=key, account=world.account, track=key, version=1, state="done" if has_report else "failed",
            idempotency_key=key.hex, created_at=now, changed_at=now, finished_at=now, expires_at=until,
        )
    )  # fmt: skip
    world.rows[Analysis, key] = until
    if has_report:
        await Report.insert(Report(id=key, analysis=key, document="{}", created_at=now, expires_at=until))
        world.rows[Report, key] = until
        return
    after = now + services.settings.policy.retention.failed_upload
    await Upload.insert(
        Upload(
            id=key, analysis=key, kind="bounce", name="n", format="wav", state="stored", declared_bytes=1,
            created_at=now, delete_after=after,
        )
    )  # fmt: skip
    async with services.storage.writer(key) as writer:
        await writer.write(b"x")
    world.files[key] = after


def _pass(world: World, chance: random.Random, sweeps: int) -> None:
    """Go on to the next sweep: a while, an outage, or exactly a deadline."""
    deadlines = [until for until in (*world.rows.values(), *world.files.values()) if until > world.now]
    usual = timedelta(days=DAYS) / sweeps
    step = chance.random()
    if step < 0.3 and deadlines:
        soon = min(deadlines)
        world.now = soon if soon - world.now < usual + OUTAGE else world.now + usual
    elif step < 0.4:
        world.now += OUTAGE * chance.random()
    else:
        world.now += usual * chance.random() * 2


async def _compare(services: Services, result: Result, world: World) -> None:
    """Right after a sweep exactly that is there whose deadline is still to come."""
    for table in {table for table, _ in world.rows}:
        there = {row["id"] for row in await table.select(table.id)}
        known = {key: until for (kind, key), until in world.rows.items() if kind is table}
        _judge(result, {key for key in known if key in there}, known, world.now)
        for key in [key for key, until in known.items() if until <= world.now]:
            del world.rows[table, key]
    files = {file.key async for file in services.storage.files()}
    _judge(result, files & set(world.files), world.files, world.now)
    world.files = {key: until for key, until in world.files.items() if until > world.now}


def _judge(result: Result, there: set[UUID], known: dict[UUID, datetime], now: datetime) -> None:
    late = [key for key in there if known[key] <= now]
    early = [key for key, until in known.items() if until > now and key not in there]
    result.check("nothing is there past its deadline after a sweep", holds=not late)
    result.check("nothing goes before its deadline", holds=not early)


FIGURE = Figure(
    name="g16",
    claim="over ninety virtual days with outages nothing outlives its deadline past a sweep, and nothing goes early",
    mutant="the sweep reads a local clock, two hours behind",
    prove=prove,
)
