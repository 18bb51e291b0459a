"""One person's data as a ZIP: JSON by table with its schema, CSV, and a page to read. Pure but for its file.

Made from the table registry: every column of every row that is the person's is in it, but those
that a declaration withholds with its reason. `manifest.json` names each part with its SHA-256. The
file ends with the service's seal over all of its bytes, so that an import opens nothing but what
was exported here.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import zipfile
from dataclasses import dataclass
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any

import msgspec
from piccolo.columns import UUID, BigInt, Boolean, ForeignKey, Integer, Timestamptz

from app.privacy.holdings import columns, name_of, referred

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from piccolo.columns import Column

    from app.kernel.personal import PersonalData

SCHEMA = "tracksensei-export/1"
MANIFEST = "manifest.json"
SEAL_LENGTH = 64
BLOCK_BYTES = 1024 * 1024
TYPES: Mapping[type[Column], str] = {Boolean: "boolean", Integer: "integer", BigInt: "integer"}


@dataclass(frozen=True, slots=True)
class Part:
    """One table of a copy."""

    entry: PersonalData
    rows: Sequence[Mapping[str, Any]]

    @property
    def path(self) -> str:
        """Where its JSON lies in the ZIP."""
        return f"data/{self.entry.name}.json"


def exported(entry: PersonalData) -> list[str]:
    """Name the columns that an export has of a table."""
    names = [name_of(column) for column in columns(entry)]
    return [name for name in names if name not in entry.withheld]


def plain(entry: PersonalData, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row as JSON has it: moments in ISO 8601 UTC, identifiers as text, JSON texts as what they say."""
    found = {name: row[name] for name in exported(entry)}
    for name in entry.structured:
        if isinstance(found.get(name), str):
            found[name] = msgspec.json.decode(found[name])
    plain_row: dict[str, Any] = msgspec.to_builtins(found)
    return plain_row


def schema(entries: Sequence[PersonalData]) -> dict[str, Any]:
    """Return the JSON Schema of each part of a copy, by its path."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA,
        "title": "TrackSensei export: each part is an array of rows",
        "$defs": {Part(entry, ()).path: _table_schema(entry) for entry in entries},
    }


def write(path: Path, parts: Sequence[Part], *, made_at: datetime) -> None:
    """Write a whole copy, which is still to be sealed."""
    digests = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in parts:
            content = msgspec.json.format(msgspec.json.encode([plain(part.entry, row) for row in part.rows]), indent=1)
            digests[part.path] = hashlib.sha256(content).hexdigest()
            archive.writestr(part.path, content)
            archive.writestr(f"csv/{part.entry.name}.csv", _csv(part))
        described = msgspec.json.format(msgspec.json.encode(schema([part.entry for part in parts])), indent=1)
        archive.writestr("schema.json", described)
        manifest = {"schema": SCHEMA, "made_at": made_at.isoformat(), "parts": dict(sorted(digests.items()))}
        archive.writestr(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=1))


def seal(path: Path, key: bytes) -> None:
    """Let a ZIP end with this service's seal over every byte before it; ZIP allows a comment there."""
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = b"0" * SEAL_LENGTH
    with path.open("r+b") as file:
        digest = _seal_of(file, key)
        file.seek(-SEAL_LENGTH, io.SEEK_END)
        file.write(digest)


def is_sealed(path: Path, keys: Sequence[bytes]) -> bool:
    """Tell whether one of these keys has sealed a file; it is not opened for that, only read."""
    with path.open("rb") as file:
        if file.seek(0, io.SEEK_END) <= SEAL_LENGTH:
            return False
        file.seek(-SEAL_LENGTH, io.SEEK_END)
        found = file.read()
        return any(hmac.compare_digest(found, _seal_of(file, key)) for key in keys)


def _seal_of(file: IO[bytes], key: bytes) -> bytes:
    made = hmac.new(key, b"export:", hashlib.sha256)
    left = file.seek(0, io.SEEK_END) - SEAL_LENGTH
    file.seek(0)
    while left:
        block = file.read(min(left, BLOCK_BYTES))
        made.update(block)
        left -= len(block)
    return made.hexdigest().encode()


def _csv(part: Part) -> str:
    """Return a table as CSV; what could be read as a formula by a spreadsheet is told to be text."""
    text = io.StringIO()
    writer = csv.writer(text)
    names = exported(part.entry)
    writer.writerow(names)
    for row in part.rows:
        writer.writerow([_cell(row[name]) for name in names])
    return text.getvalue()


def _cell(value: Any) -> str:
    text = "" if value is None else value.isoformat() if isinstance(value, datetime) else str(value)
    return f"'{text}" if isinstance(value, str) and text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def _table_schema(entry: PersonalData) -> dict[str, Any]:
    names = exported(entry)
    by_name = {name_of(column): column for column in columns(entry)}
    return {
        "type": "array",
        "title": entry.label,
        "description": (entry.table.__doc__ or "").strip(),
        "items": {
            "type": "object",
            "additionalProperties": False,
            "required": names,
            "properties": {name: _column_schema(entry, by_name[name]) for name in names},
        },
    }


def _column_schema(entry: PersonalData, column: Column) -> dict[str, Any]:
    meta = column._meta  # noqa: SLF001 - Piccolo's documented place
    said = {"description": meta.help_text} if meta.help_text else {}
    if meta.name in entry.structured:
        return {"type": ["object", "array"], **said}
    found = dict(_value_schema(column))
    if meta.null:
        found["type"] = [found["type"], "null"]
    return found | said


def _value_schema(column: Column) -> dict[str, Any]:
    if isinstance(column, ForeignKey):
        return _value_schema(referred(column)._meta.primary_key)  # noqa: SLF001 - as above
    if isinstance(column, UUID):
        return {"type": "string", "format": "uuid"}
    if isinstance(column, Timestamptz):
        return {"type": "string", "format": "date-time"}
    return {"type": TYPES.get(type(column), "string")}
