"""Encrypted backups of the database: no upload, nothing that is due before the backup itself goes.

The format is gzip over JSON lines, one table a block, under age encryption to the operator's
public key: the machine that makes backups cannot read them. A row whose deadline comes before
the backup is pruned is left out, and so is whatever hangs on it, so that a backup never keeps
what the promise says is gone. One that is older than backups are kept is not put back: who was
erased since is not known so long.
"""

from __future__ import annotations

import asyncio
import gzip
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from piccolo.columns import UUID, ForeignKey, Timestamptz

from app.accounts.tables import Account
from app.kernel.db import transaction
from app.kernel.errors import Conflict
from app.privacy import holdings
from app.privacy.erasure_log import Line, read_lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from piccolo.engine.base import Engine
    from piccolo.table import Table

    from app.kernel.clock import Clock
    from app.kernel.personal import PersonalData
    from app.privacy.erasing import Erasing
    from app.privacy.erasure_log import ErasureLog
    from app.privacy.service import Sweeper
    from app.privacy.shelf import Shelf

FORMAT = "tracksensei-backup/1"
BLOCK_ROWS = 200


@dataclass(frozen=True, slots=True)
class Backup:
    """What was read out of a file."""

    made_at: datetime
    blocks: Mapping[str, list[dict[str, Any]]]
    """Rows by table, and under ``erasures`` the log as it was."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore brought back, and what went again at once."""

    rows: int
    erased: int
    swept: int


class Backups:
    """Makes and restores backups."""

    def __init__(  # noqa: PLR0913 - the composition root hands over its parts by name
        self,
        recipient: str,
        *,
        shelf: Shelf,
        entries: Sequence[PersonalData],
        engine: Engine[Any],
        clock: Clock,
        erasing: Erasing,
        erasures: ErasureLog,
        sweeper: Sweeper,
    ) -> None:
        """Keep the parts."""
        self._recipient = recipient
        self._shelf = shelf
        self._entries = holdings.by_dependency(entries)
        self._engine = engine
        self._clock = clock
        self._erasing = erasing
        self._erasures = erasures
        self._sweeper = sweeper

    async def make(self, folder: Path | None = None) -> tuple[Path, int, int]:
        """Write a backup; return its path, how many rows it has and how many old ones were pruned.

        Raises
        ------
        Conflict
            When no recipient is set, or none that can be encrypted to.

        """
        if not self._recipient:
            raise Conflict("BACKUP_RECIPIENT is not set.", way_out="Set it to the age1... key of `age-keygen`.")
        now = self._clock()
        blocks, count = await self._blocks(now)
        path = self._shelf.path(now, folder)
        await asyncio.to_thread(_write, path, Backup(now, blocks), self._recipient)
        return path, count, await asyncio.to_thread(self._shelf.prune, folder)

    async def restore(self, file: Path, identity: Path, erasures: Path | None = None) -> Restored:
        """Put a backup back into an empty database, erase again who was erased, and sweep.

        Raises
        ------
        Conflict
            When the database is not empty, the identity does not fit, or the backup is too old.

        """
        if any([await entry.table.exists() for entry in self._entries]):
            raise Conflict("There are rows in this database.", way_out="Restore into an empty, migrated one.")
        backup = await asyncio.to_thread(_read, file, identity)
        if self._shelf.is_over(backup.made_at):
            said = f"This backup is of {backup.made_at:%Y-%m-%d}: who was erased since is not known any more."
            raise Conflict(said, way_out=f"Use one of the last {self._shelf.term.days} days.")
        await asyncio.to_thread(self._learn_erasures, backup, erasures)
        await asyncio.to_thread(self._close_again, backup)
        count = 0
        async with transaction(self._engine):
            for entry in self._entries:
                count += await self._put_back(entry, backup.blocks.get(entry.name, []))
        erased = await self._erasing.replay()
        return Restored(rows=count, erased=erased, swept=(await self._sweeper.sweep()).total)

    def _learn_erasures(self, backup: Backup, other: Path | None) -> None:
        """Take over the erasures that the backup knew, and those of another copy of the log."""
        copies = [msgspec.convert(line, Line) for line in backup.blocks.get("erasures", [])]
        self._erasures.merge(copies + (read_lines(other) if other is not None else []))

    def _close_again(self, backup: Backup) -> None:
        """Mark whom the log names before they are back, so that a death from here on serves none of them."""
        rows = {uuid.UUID(row["id"]): row for row in backup.blocks.get(Account._meta.tablename, [])}  # noqa: SLF001 - Piccolo's place
        for account_id in self._erasures.among(rows):
            rows[account_id]["closing_at"] = self._clock().isoformat()

    async def _blocks(self, now: datetime) -> tuple[dict[str, list[dict[str, Any]]], int]:
        """Return every row that may be in a backup, by table, with the log of erasures."""
        there: dict[type[Table], set[Any]] = {}
        blocks: dict[str, list[dict[str, Any]]] = {}
        for entry in self._entries:
            rows = [row for row in await holdings.all_rows(entry) if _outlives(entry, row, now + self._shelf.term)]
            kept = [row for row in rows if _has_owners(entry, row, there)]
            there[entry.table] = {row[holdings.key_name(entry)] for row in kept}
            blocks[entry.name] = kept
        count = sum(map(len, blocks.values()))
        blocks["erasures"] = [msgspec.to_builtins(line) for line in self._erasures.lines()]
        return blocks, count

    async def _put_back(self, entry: PersonalData, rows: list[dict[str, Any]]) -> int:
        known = {holdings.name_of(column): column for column in holdings.columns(entry)}
        own = [name for name, table in holdings.references(entry) if table is entry.table]
        # A row that names another of its own table comes after it.
        rows = sorted(rows, key=lambda row: any(row.get(name) is not None for name in own))
        made = [entry.table(**{name: _value(known[name], row[name]) for name in known if name in row}) for row in rows]
        for start in range(0, len(made), BLOCK_ROWS):
            await entry.table.insert(*made[start : start + BLOCK_ROWS])
        return len(made)


def _outlives(entry: PersonalData, row: Mapping[str, Any], until: datetime) -> bool:
    """Tell whether a row is due after the backup goes; an unconfirmed account never does."""
    if "verified_at" in row and row["verified_at"] is None:
        return False
    if entry.freed_by is not None:
        return bool(row[entry.freed_by[0]] == entry.freed_by[1])
    return not entry.deadline or row[entry.deadline] > until


def _has_owners(entry: PersonalData, row: Mapping[str, Any], there: Mapping[type[Table], set[Any]]) -> bool:
    named = [(row[name], table) for name, table in holdings.references(entry) if row[name] is not None]
    return all(table is entry.table or value in there[table] for value, table in named)


def _write(path: Path, backup: Backup, recipient: str) -> None:
    import pyrage  # noqa: PLC0415 - only backups need it

    lines = [msgspec.json.encode({"format": FORMAT, "made_at": backup.made_at})]
    lines += [msgspec.json.encode({"table": name, "rows": rows}) for name, rows in backup.blocks.items()]
    try:
        key = pyrage.x25519.Recipient.from_str(recipient)
    except pyrage.RecipientError as error:
        said = "BACKUP_RECIPIENT is no public key of age."
        raise Conflict(said, way_out="Set it to the age1... key of `age-keygen`.") from error
    sealed = pyrage.encrypt(gzip.compress(b"\n".join(lines)), [key])
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = path.with_suffix(".new")
    new.touch(mode=0o600)
    new.write_bytes(sealed)
    new.replace(path)


def _read(file: Path, identity: Path) -> Backup:
    import pyrage  # noqa: PLC0415 - as above

    lines = identity.read_bytes().decode("ascii", "replace").splitlines()
    key = next((line.strip() for line in lines if line.startswith("AGE-SECRET-KEY-")), "")
    try:
        opened = gzip.decompress(pyrage.decrypt(file.read_bytes(), [pyrage.x25519.Identity.from_str(key)]))
    except (pyrage.IdentityError, pyrage.DecryptError, gzip.BadGzipFile, EOFError) as error:
        said = "This identity does not open this backup."
        raise Conflict(said, way_out="Use the one that it was made for.") from error
    first, *blocks = [msgspec.json.decode(line, type=dict[str, Any]) for line in opened.splitlines()]
    if first.get("format") != FORMAT:
        raise Conflict("This is no backup of TrackSensei.")
    made_at = datetime.fromisoformat(first["made_at"])
    return Backup(made_at, {block["table"]: block["rows"] for block in blocks})


def _value(column: Any, value: Any) -> Any:
    """Return a value as its column wants it."""
    if value is None:
        return None
    target = column
    while isinstance(target, ForeignKey):
        target = holdings.referred(target)._meta.primary_key  # noqa: SLF001 - Piccolo's place
    if isinstance(target, UUID):
        return uuid.UUID(value)
    return datetime.fromisoformat(value) if isinstance(target, Timestamptz) else value
