"""G18: an export has every column of every row of its owner, nothing of anybody else, and comes back equal."""

from __future__ import annotations

import random
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import msgspec

from app.accounts.tables import Account
from app.bootstrap import build
from app.kernel.clock import utc_now
from app.privacy import copying, holdings
from app.registry import PERSONAL_DATA
from tests.making.filling import fill
from tests.prove.figure import Figure, Result
from tests.prove.stage import staged

if TYPE_CHECKING:
    from app.bootstrap import Services
    from app.kernel.personal import PersonalData
    from tests.prove.figure import Size

MOVED = frozenset({"id", "account", "track", "analysis", "joined_to"})
"""Columns that name rows: an import makes them anew."""


async def prove(size: Size, seed: int, mutant: bool) -> Result:  # noqa: FBT001 - every figure has this shape
    """Export each of some accounts, look into it, and bring it back into a fresh one."""
    result = Result()
    chance = random.Random(seed)  # noqa: S311 - repeatable, no secret
    forgotten = {"email"} if mutant else set()
    async with staged() as stage:
        services = build(stage.settings)
        async with services.open():
            marks = {}
            for _ in range(size.pick(3, 40)):
                mark = f"canary{chance.randrange(16**12):012x}"
                marks[await fill(mark)] = mark
            with tempfile.TemporaryDirectory() as folder:
                for account, mark in marks.items():
                    path = Path(folder) / f"{account}.zip"
                    await services.rights.exports.write_copy(account, path)
                    if forgotten:
                        _forget(path, forgotten)
                        copying.seal(path, stage.settings.signing_key)
                    await _look(result, path, account, mark, set(marks.values()) - {mark})
                    await _bring_back(services, result, path, account)
            result.counts |= {"accounts": len(marks), "tables": len(PERSONAL_DATA)}
            result.counts["columns"] = sum(len(holdings.columns(entry)) for entry in PERSONAL_DATA)
    return result


async def _look(result: Result, path: Path, account: UUID, mark: str, others: set[str]) -> None:
    with zipfile.ZipFile(path) as archive:
        for entry in PERSONAL_DATA:
            rows = msgspec.json.decode(archive.read(copying.Part(entry, ()).path))
            held = await holdings.rows_of(entry, account, utc_now())
            classified = set(copying.exported(entry)) | set(entry.withheld)
            every = {str(column._meta.name) for column in holdings.columns(entry)}
            result.check("each column is exported or excused with a reason", holds=classified == every)
            result.check("each excused column says why", holds=all(entry.withheld.values()))
            result.check("each row is there with each of its columns", holds=_same(entry, rows, held))
        content = b"".join(archive.read(name) for name in archive.namelist())
    result.check("the owner's marks are in it", holds=mark.encode() in content)
    result.check("nobody else's are", holds=not any(other.encode() in content for other in others))


def _same(entry: PersonalData, rows: list[dict[str, Any]], held: list[dict[str, Any]]) -> bool:
    return rows == [copying.plain(entry, row) for row in held]


async def _bring_back(services: Services, result: Result, path: Path, account: UUID) -> None:
    fresh = uuid4()
    now = utc_now()
    await Account.insert(
        Account(
            id=fresh, email="f", email_key=fresh.hex, password_hash="$argon2id$", policy_version="1", created_at=now
        )
    )
    await services.rights.imports.bring(fresh, path)
    for entry in services.rights.imports.entries:
        there = [_told(entry, row) for row in await holdings.rows_of(entry, account, now)]
        back = [_told(entry, row) for row in await holdings.rows_of(entry, fresh, now)]
        result.check("what is brought into a fresh account is equal", holds=sorted(there) == sorted(back))
    await Account.delete().where(Account.id == fresh)


def _told(entry: PersonalData, row: dict[str, Any]) -> bytes:
    said = {name: value for name, value in copying.plain(entry, row).items() if name not in MOVED}
    return msgspec.json.encode(said, order="sorted")


def _forget(path: Path, names: set[str]) -> None:
    """Mutant: leave a column out, as one that came after the export was written."""
    with zipfile.ZipFile(path) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    for name, content in contents.items():
        if name == "data/account.json":
            rows = msgspec.json.decode(content)
            contents[name] = msgspec.json.encode([{key: row[key] for key in row if key not in names} for row in rows])
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)


FIGURE = Figure(
    name="g18",
    claim="an export has every column of every row of its owner and nothing of anybody else, and comes back equal",
    mutant="a column is left out",
    prove=prove,
)
