"""What must be true of rows, files, reports and charges, at every moment and at the end."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from app.analyses.rules import PENDING, FileState, State
from app.analyses.tables import Analysis, Report, Upload
from app.usage.tables import Usage

if TYPE_CHECKING:
    from app.settings import Settings
    from tests.prove.figure import Result

NOTHING = timedelta()


@dataclass(frozen=True, slots=True)
class Books:
    """Everything that is written, and everything that lies on the disk."""

    analyses: list[dict[str, Any]]
    uploads: list[dict[str, Any]]
    reports: list[dict[str, Any]]
    used: int
    files: set[UUID]

    def state_of(self, analysis_id: UUID) -> State:
        """Return where an analysis is."""
        return next(State(row["state"]) for row in self.analyses if row["id"] == analysis_id)


async def read(settings: Settings) -> Books:
    """Read rows first and the disk last."""
    uploads = await Upload.select()
    analyses = await Analysis.select()
    reports = await Report.select(Report.analysis, Report.document)
    used = sum(row["used"] for row in await Usage.select(Usage.used))
    return Books(analyses, uploads, reports, used, files_in(settings))


def files_in(settings: Settings) -> set[UUID]:
    """List the uploads that have bytes, or a folder, on the disk."""
    root = settings.uploads_dir
    return {UUID(entry.name) for entry in root.iterdir()} if root.exists() else set()


async def check_promises(
    settings: Settings, result: Result, when: str, *, ahead: timedelta = NOTHING, patience: timedelta = NOTHING
) -> None:
    """Check what holds at every moment, whatever has just died; a sweep may have its turn first."""
    books = await read(settings)
    now = datetime.now(UTC) + ahead - patience
    known = {row["id"]: row for row in books.uploads}
    gone = [key for key in books.files if key in known and known[key]["state"] == FileState.DELETED]
    unknown = books.files - set(known)
    late = [key for key in books.files if key in known and known[key]["delete_after"] <= now]
    result.check("no file lies there whose row says that it is gone", holds=not gone)
    result.check("no file lies there without a row", holds=not unknown)
    result.check("no file is past its deadline", holds=not late)
    if gone or unknown or late:
        result.remark(f"{when}: gone {gone}, unknown {unknown}, late {late}")


async def check_end(settings: Settings, result: Result, *, expected: int) -> Books:
    """Check that all is over: nothing lost, nothing double, charged what is done, no file but for a retry."""
    books = await read(settings)
    by_state = Counter(row["state"] for row in books.analyses)
    result.counts |= {f"analyses {state}": count for state, count in sorted(by_state.items())}
    waiting = [row for row in books.analyses if State(row["state"]) in PENDING]
    result.check("nothing is lost", holds=len(books.analyses) == expected and not waiting)
    done = {row["id"] for row in books.analyses if row["state"] == State.DONE}
    reported = Counter(row["analysis"] for row in books.reports)
    result.check("each analysis that is done has one report, no other has any", holds=reported == Counter(done))
    result.check("charged is what is done", holds=books.used == len(done))
    result.check("no analysis that is not done is charged", holds=not _charged(books, done))
    kept = {row["id"] for row in books.uploads if _may_be_kept(books, row)}
    result.check("files are there of failed analyses for a retry, and no others", holds=books.files == kept)
    result.check("each report is of the file that was sent", holds=_are_of_their_files(books))
    for row in waiting[:5]:
        result.remark(f"still {row['state']} after {row['attempts']} attempts: {row['id']}")
    if books.files != kept:
        result.remark(f"files that must not be there {books.files - kept}, missing {kept - books.files}")
    return books


def _charged(books: Books, done: set[UUID]) -> list[UUID]:
    return [row["id"] for row in books.analyses if row["is_charged"] and row["id"] not in done]


def _may_be_kept(books: Books, upload: dict[str, Any]) -> bool:
    analysis = next(row for row in books.analyses if row["id"] == upload["analysis"])
    return upload["state"] == FileState.STORED and analysis["state"] == State.FAILED and not analysis["is_permanent"]


def _are_of_their_files(books: Books) -> bool:
    hashes = {row["analysis"]: row["sha256"] for row in books.uploads}
    return all(json.loads(row["document"])["file"]["sha256"] == hashes[row["analysis"]] for row in books.reports)
