"""One analysis from its declaration to its sweep, by the product's own services in one process."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from app.accounts.tables import Account
from app.analyses.declaring import Declaration, DeclaredFile
from app.analyses.rules import PENDING, FileKind, FileState, State
from app.analyses.tables import Analysis as AnalysisRow
from app.analyses.tables import Upload as UploadRow
from app.audio.formats import Format
from app.bootstrap import build
from app.kernel.db import transaction
from app.usage.rules import Kind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from app.analyses.rules import Analysis
    from app.bootstrap import Parts, Services
    from app.settings import Settings

LOOK_EVERY_S = 0.05
HEAD = b"RIFF\xff\xff\xff\x7fWAVEfmt "
BLOCK_BYTES = 32 * 1024


async def make_account(email: str) -> UUID:
    """Keep an account that nobody logs in to."""
    account_id = uuid4()
    hashed = "$argon2id$v=19$x"
    await Account.insert(Account(id=account_id, email=email, email_key=email, password_hash=hashed, policy_version="-"))
    return account_id


def content_of(number: int, size_bytes: int = 3 * BLOCK_BYTES) -> bytes:
    """Return bytes that begin like a WAV and differ by number."""
    return (HEAD + f"{number:08d}".encode() * (size_bytes // 8))[:size_bytes]


async def declare(services: Services, account_id: UUID, size_bytes: int, name: str = "mix.wav") -> Analysis:
    """Say that a file will come."""
    file = DeclaredFile(kind=FileKind.BOUNCE, name=name, format=Format.WAV, size_bytes=size_bytes)
    return await services.analyses.declare(
        account_id,
        Declaration(
            bounce=file, live_set=None, track_id=None, track_name="", target="general", stage="master",
            idempotency_key=uuid4().hex,
        ),
    )  # fmt: skip


async def upload(services: Services, account_id: UUID, content: bytes) -> UUID:
    """Declare a file, send it and queue its analysis."""
    analysis = await declare(services, account_id, len(content))
    file = await services.receiving.check(analysis, FileKind.BOUNCE, len(content))
    await services.receiving.receive(analysis, file, _blocks(content))
    await services.receiving.finish(analysis)
    return analysis.id


async def pending() -> int:
    """Count the analyses of which something is still to come, and the files that are on their way out."""
    waiting = int(await AnalysisRow.count().where(AnalysisRow.state.is_in(list(PENDING))))
    return waiting + int(await UploadRow.count().where(UploadRow.state == FileState.DELETING))


async def never_began() -> int:
    """Count the uploads that were declared and of which no byte came."""
    return int(await UploadRow.count().where((UploadRow.state == FileState.RECEIVING) & UploadRow.started_at.is_null()))


async def until_over(stall_s: float) -> None:
    """Wait until nothing is to come but what never began; give up when nothing moves for a while."""
    seen, moved_s = -1, time.monotonic()
    while (left := await pending()) > await never_began() and time.monotonic() - moved_s < stall_s:
        if left != seen:
            seen, moved_s = left, time.monotonic()
        await asyncio.sleep(LOOK_EVERY_S)


async def queued() -> int:
    """Count the analyses that wait for a worker."""
    return int(await AnalysisRow.count().where(AnalysisRow.state == State.QUEUED))


async def running_rows() -> list[dict[str, Any]]:
    """Return the runs that hold a row."""
    return await AnalysisRow.select(AnalysisRow.id, AnalysisRow.run_id).where(AnalysisRow.state == State.RUNNING)


async def live(settings: Settings, parts: Parts, account: str) -> None:
    """Go through the whole life; every waypoint is passed once at least."""
    services = build(settings, parts=parts)
    async with services.open():
        await go_through(services, UUID(account))


async def hear(settings: Settings, parts: Parts, body: str, signature: str) -> None:
    """Take one message of Stripe."""
    services = build(settings, parts=parts)
    async with services.open():
        await services.payment.inbox.take(body.encode(), signature)


async def move_and_die(settings: Settings, account: str, deed: str, mark: Path) -> None:
    """Take one message's charge or give it back, and die before that is kept."""
    services = build(settings)
    async with services.open(), transaction(services.engine):
        usage, account_id = services.usage, UUID(account)
        if deed == "take":
            await usage.take(account_id, Kind.MESSAGES)
        else:
            start = (await usage.allowance(account_id, Kind.MESSAGES)).period.start
            await usage.give_back(account_id, Kind.MESSAGES, start)
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)


async def go_through(services: Services, account_id: UUID) -> None:
    """Upload one file, measure it and sweep."""
    await upload(services, account_id, content_of(1))
    await services.runs.fill()
    await at_rest(services)
    await services.sweeper.sweep()


async def at_rest(services: Services) -> None:
    """Wait until no run is at work here, whether or not all is over."""
    while services.runs._tasks:
        await asyncio.sleep(LOOK_EVERY_S)


async def _blocks(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), BLOCK_BYTES):
        yield content[start : start + BLOCK_BYTES]
