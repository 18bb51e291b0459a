"""One person's data as a ZIP: JSON by table with its schema, CSV, and a page to read. Pure but for its file.

Made from the table registry: every column of every row that is the person's is in it, but those
that a declaration withholds with its reason. `manifest.json` names each part's SHA-256 under a
signature of this service, so that an import takes back nothing but what was exported here.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import zipfile
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from piccolo.columns import UUID, BigInt, Boolean, ForeignKey, Integer, Timestamptz

from app.privacy.holdings import columns, referred

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from piccolo.columns import Column

    from app.kernel.personal import PersonalData

SCHEMA = "tracksensei-export/1"
MANIFEST = "manifest.json"
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
    names = [str(column._meta.name) for column in columns(entry)]  # noqa: SLF001 - Piccolo's documented place
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


def write(path: Path, key: bytes, parts: Sequence[Part], *, made_at: datetime) -> None:
    """Write a whole copy."""
    digests = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in parts:
            content = msgspec.json.format(msgspec.json.encode([plain(part.entry, row) for row in part.rows]), indent=1)
            digests[part.path] = hashlib.sha256(content).hexdigest()
            archive.writestr(part.path, content)
            archive.writestr(f"csv/{part.entry.name}.csv", _csv(part))
        described = msgspec.json.format(msgspec.json.encode(schema([part.entry for part in parts])), indent=1)
        archive.writestr("schema.json", described)
        archive.writestr(MANIFEST, _manifest(key, digests, made_at))


def sign(key: bytes, digests: Mapping[str, str], made_at: str) -> str:
    """Return this service's signature over the parts of a copy."""
    named = msgspec.json.encode({"schema": SCHEMA, "made_at": made_at, "parts": dict(sorted(digests.items()))})
    return hmac.new(key, b"export:" + named, hashlib.sha256).hexdigest()


def _manifest(key: bytes, digests: Mapping[str, str], made_at: datetime) -> bytes:
    moment = made_at.isoformat()
    signature = sign(key, digests, moment)
    document = {"schema": SCHEMA, "made_at": moment, "parts": dict(sorted(digests.items())), "signature": signature}
    return msgspec.json.format(msgspec.json.encode(document), indent=1)


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
    by_name = {str(column._meta.name): column for column in columns(entry)}  # noqa: SLF001 - as above
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
    meta = column._meta  # noqa: SLF001 - as above
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
