"""G17: what was somebody's is nowhere any more, searched by bytes; everybody else keeps everything."""

from __future__ import annotations

import asyncio
import random
from contextlib import nullcontext, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from app.analyses.tables import Upload
from app.bootstrap import build
from app.kernel import db
from app.kernel.clock import utc_now
from app.kernel.errors import AppError
from app.privacy import holdings
from app.registry import PERSONAL_DATA
from tests.making.filling import fill
from tests.prove.figure import Figure, Result
from tests.prove.stage import staged
from tests.services.databases import settled_files
from tests.services.files import files_under
from tests.services.redis import content_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from uuid import UUID

    from app.bootstrap import Services
    from tests.prove.figure import Size
    from tests.prove.stage import Stage

KEPT_ON_PURPOSE = ("erasures.log",)


async def prove(size: Size, seed: int, mutant: bool) -> Result:  # noqa: FBT001 - every figure has this shape
    """Erase half of the accounts and search for all of them."""
    result = Result()
    accounts = size.pick(4, 100)
    chance = random.Random(seed)  # noqa: S311 - repeatable, no secret
    async with staged() as stage:
        with patch.object(db, "_Connection", _Careless) if mutant else nullcontext():
            await _erase_half(stage, result, accounts, chance, rewrites=not mutant)
    return result


class _Careless(db._Connection):
    """Mutant: deleted rows are unlinked and not overwritten."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.execute("PRAGMA secure_delete = OFF")


async def _erase_half(stage: Stage, result: Result, accounts: int, chance: random.Random, *, rewrites: bool) -> None:
    ahead = timedelta(0)
    services = build(stage.settings, clock=lambda: utc_now() + ahead)
    async with services.open():
        made = [f"canary{chance.randrange(16**12):012x}" for _ in range(accounts)]
        marks = {await _somebody(services, mark): mark for mark in made}
        goes = dict(list(marks.items())[::2])
        stays = {account: mark for account, mark in marks.items() if account not in goes}
        before = {account: await _held(account) for account in stays}
        for account in goes:
            await services.rights.erasing.erase(account)
        await services.mailing.deliver_due()
        result.check("each got a last mail", holds=len(list(stage.settings.outbox_dir.glob("*.eml"))) == len(goes))
        after = {account: await _held(account) for account in stays}
        ahead = timedelta(hours=25)
        await services.sweeper.sweep()
        if rewrites:
            await services.sweeper.rewrite()
        files = await _everywhere(stage)
        found = await asyncio.to_thread(_search, files, list(goes.values()))
        result.check(
            "nothing of the erased is in any byte of database, log, Redis, uploads, logs, outbox", holds=not found
        )
        for place, count in found.items():
            result.remark(f"{place}: {count} hits")
        left = {account: await _left(account) for account in goes}
        result.check("no row of the erased is left", holds=not any(left.values()))
        result.check("everybody else holds what they held", holds=before == after)
        there = await asyncio.to_thread(_search, files, list(stays.values()))
        result.check("the search finds those who stay", holds=bool(there))
    result.counts |= {"accounts": accounts, "erased": len(goes), "tables": len(PERSONAL_DATA)}


async def _somebody(services: Services, mark: str) -> UUID:
    """Make an account with a row in each table, a file with its mark, counters and a log line."""
    account = await fill(mark)
    (upload,) = await Upload.select(Upload.id).where(Upload.analysis.account == account)
    await Upload.update({Upload.state: "stored"}).where(Upload.id == upload["id"])
    async with services.storage.writer(upload["id"]) as writer:
        await writer.write(mark.encode() * 40)
    address = address_of(mark)
    with suppress(AppError):
        await services.limiter.hit("log_in", address=address, account=f"{mark}@example.com")
    services.access_log.write(address=address, browser="Firefox", method="GET", route="/tracks", status=200)
    return account


def address_of(mark: str) -> str:
    """Return an address on the network that is somebody's alone."""
    digits = mark.removeprefix("canary")
    return f"2001:db8:{digits[:4]}:{digits[4:8]}:{digits[8:]}::1"


async def _held(account: UUID) -> dict[str, int]:
    return {entry.name: len(await holdings.rows_of(entry, account, utc_now())) for entry in PERSONAL_DATA}


async def _left(account: UUID) -> int:
    """Count every row that still names an account."""
    return sum((await _held(account)).values())


async def _everywhere(stage: Stage) -> list[Path]:
    """List each file in which something could be left, what is in Redis too."""
    content = await asyncio.to_thread(content_of, stage.redis.url)
    (stage.redis.directory / "redis.txt").write_bytes(content)
    own = [file for folder in (stage.settings.data_dir, stage.redis.directory) for file in _files(folder)]
    return list({*own, *await settled_files(stage.settings.database_url)})


def _search(files: list[Path], marks: list[str]) -> dict[str, int]:
    """Count the places in which a mark or its address is found, byte by byte."""
    found: dict[str, int] = {}
    for file in files:
        try:
            content = file.read_bytes()
        except FileNotFoundError:  # a server at work removes files of its own
            continue
        may_have_address = file.name.startswith("access-")  # until its days are over, as the page says
        words = [word for mark in marks for word in ((mark,) if may_have_address else (mark, address_of(mark)))]
        hits = sum(content.count(word.encode()) for word in words)
        if hits:
            found[file.name] = hits
    return found


def _files(folder: Path) -> Iterator[Path]:
    return (file for file in files_under(folder) if file.name not in KEPT_ON_PURPOSE)


FIGURE = Figure(
    name="g17",
    claim="after an account's erasure no byte of database, write-ahead log, Redis, uploads, logs and outbox names it",
    mutant="deleted rows are not overwritten, and PostgreSQL's tables not written anew",
    prove=prove,
)
