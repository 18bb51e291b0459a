"""An export of this service, brought into a fresh account.

The seal over the whole file is checked before anything of it is opened: what was not exported
here, or was changed since, is refused, and nothing that a stranger made is parsed. Identifiers are
made anew, owners become the new account, and deadlines stay what they were: an import lengthens
nothing.
"""

from __future__ import annotations

import asyncio
import uuid
import zipfile
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from piccolo.columns import UUID, ForeignKey, Timestamptz

from app.accounts.tables import Account
from app.kernel.db import transaction
from app.kernel.errors import Conflict, Invalid
from app.kernel.personal import Retention
from app.privacy import holdings
from app.privacy.copying import Part, exported, is_sealed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from piccolo.engine.base import Engine
    from piccolo.table import Table

    from app.kernel.clock import Clock
    from app.kernel.personal import PersonalData

MAX_BYTES = 256 * 1024 * 1024
BLOCK_ROWS = 200


class Imports:
    """Brings results back."""

    def __init__(
        self, *, entries: Sequence[PersonalData], engine: Engine[Any], clock: Clock, keys: Sequence[bytes]
    ) -> None:
        """Keep the parts; only results come back, since the rest belongs to an account that is there."""
        ordered = holdings.by_dependency(entries)
        self.entries = [entry for entry in ordered if entry.retention is Retention.RESULTS or entry.freed_by]
        self._engine = engine
        self._clock = clock
        self._keys = keys

    async def bring(self, account_id: uuid.UUID, file: Path) -> int:
        """Put the results of an export into an account that has none; tell how many rows.

        Raises
        ------
        Conflict
            When the account has results.
        Invalid
            When the file is no export of this service.

        """
        now = self._clock()
        for entry in self.entries:
            if (await holdings.held(entry, account_id, now)).count:
                raise Conflict("This account has results already.", way_out="Use a fresh one.")
        tables = await asyncio.to_thread(read, file, self.entries, self._keys)
        fresh: dict[type[Table], dict[Any, Any]] = {Account: {}}
        count = 0
        async with transaction(self._engine):
            for entry in self.entries:
                rows = [row for row in tables[entry.name] if _holds(entry, row, now)]
                made = [row for row in (_renewed(entry, row, account_id, fresh) for row in rows) if row is not None]
                for start in range(0, len(made), BLOCK_ROWS):
                    await entry.table.insert(*made[start : start + BLOCK_ROWS])
                count += len(made)
        return count


def read(file: Path, entries: Sequence[PersonalData], keys: Sequence[bytes]) -> dict[str, list[dict[str, Any]]]:
    """Check an export and return its rows, by table."""
    if not is_sealed(file, keys):
        raise Invalid(
            "This file is no export of this service, or was changed since it was made.",
            way_out="Choose the ZIP as you downloaded it.",
        )
    with zipfile.ZipFile(file) as archive:
        if sum(info.file_size for info in archive.infolist()) > MAX_BYTES:
            raise Invalid("This export is larger than what can be brought back.", way_out="Write to the operator.")
        there = set(archive.namelist())
        return {entry.name: _rows(archive, there, Part(entry, ()).path) for entry in entries}


def _rows(archive: zipfile.ZipFile, there: set[str], path: str) -> list[dict[str, Any]]:
    if path not in there:  # a table that came after the export
        return []
    return msgspec.json.decode(archive.read(path), type=list[dict[str, Any]])


def _holds(entry: PersonalData, row: Mapping[str, Any], now: datetime) -> bool:
    """Tell whether a row's term is still running; a file that was kept has no bytes here."""
    if entry.freed_by is not None:
        return bool(row[entry.freed_by[0]] == entry.freed_by[1])
    return not entry.deadline or datetime.fromisoformat(row[entry.deadline]) > now


def _renewed(
    entry: PersonalData, row: Mapping[str, Any], account_id: uuid.UUID, fresh: dict[type[Table], dict[Any, Any]]
) -> Table | None:
    """Return a row under a new identifier, or none when what it hangs on did not come."""
    own, kept = fresh.setdefault(entry.table, {}), exported(entry)
    values: dict[str, Any] = {}
    for column in holdings.columns(entry):
        name = holdings.name_of(column)
        if name not in kept:
            continue
        value = row[name]
        if isinstance(column, ForeignKey) and value is not None:
            target = holdings.referred(column)
            value = account_id if target is Account else fresh.get(target, {}).get(value)
            if value is None and not column._meta.null:  # noqa: SLF001 - Piccolo's documented place
                return None
        elif name in entry.structured:
            value = msgspec.json.encode(value).decode()
        elif isinstance(column, UUID):
            value = None if value is None else uuid.UUID(value)
        elif isinstance(column, Timestamptz):
            value = None if value is None else datetime.fromisoformat(value)
        values[name] = value
    key = holdings.key_name(entry)
    own[row[key]] = values[key] = uuid.uuid4()
    return entry.table(**values)
