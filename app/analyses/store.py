"""Queries on analyses, uploads and reports; a state moves by one conditional statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from app.analyses.rules import (
    PENDING,
    Analysis,
    FileKind,
    FileState,
    Purpose,
    State,
    StepProgress,
    UploadedFile,
    may_move,
)
from app.analyses.tables import Analysis as AnalysisRow
from app.analyses.tables import Report as ReportRow
from app.analyses.tables import Upload as UploadRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from piccolo.custom_types import Combinable

_steps = msgspec.json.Decoder(tuple[StepProgress, ...])


async def insert(row: AnalysisRow, uploads: Sequence[UploadRow]) -> bool:
    """Keep a new analysis with its files; tell whether its key was new."""
    made = await AnalysisRow.insert(row).on_conflict(
        target=(AnalysisRow.account, AnalysisRow.idempotency_key), action="DO NOTHING"
    )
    if made and uploads:
        await UploadRow.insert(*uploads)
    return bool(made)


async def insert_upload(upload: UploadRow) -> None:
    """Keep one more file of an analysis that is still receiving."""
    await UploadRow.insert(upload)


async def next_version(track_id: UUID) -> int:
    """Return the number that a track's next bounce gets."""
    rows = (
        await AnalysisRow.select(AnalysisRow.version)
        .where(AnalysisRow.track == track_id)
        .order_by(AnalysisRow.version, ascending=False)
        .limit(1)
    )
    return int(rows[0]["version"]) + 1 if rows else 1


async def one(analysis_id: UUID, account_id: UUID, now: datetime) -> Analysis | None:
    """Return an analysis of this owner, unless its term is over."""
    found = await _select(_owned(account_id, now) & (AnalysisRow.id == analysis_id), now)
    return found[0] if found else None


async def by_key(account_id: UUID, idempotency_key: str, now: datetime) -> Analysis | None:
    """Return the analysis that was declared under this key."""
    found = await _select(_owned(account_id, now) & (AnalysisRow.idempotency_key == idempotency_key), now)
    return found[0] if found else None


async def all_of(account_id: UUID, now: datetime) -> list[Analysis]:
    """Return an owner's analyses, the newest first."""
    return await _select(_owned(account_id, now), now)


async def changed_since(account_id: UUID, since: datetime, now: datetime) -> list[Analysis]:
    """Return what changed after a moment, in the order of the changes."""
    found = await _select(_owned(account_id, now) & (AnalysisRow.changed_at > since), now)
    return sorted(found, key=lambda analysis: analysis.changed_at)


async def pending_of(account_id: UUID) -> set[UUID]:
    """Return which of an owner's analyses are not over."""
    rows = await AnalysisRow.select(AnalysisRow.id).where(
        (AnalysisRow.account == account_id) & AnalysisRow.state.is_in(list(PENDING))
    )
    return {row["id"] for row in rows}


async def headlines(account_id: UUID, now: datetime) -> dict[UUID, dict[str, Any]]:
    """Return the few figures of each finished report, by analysis."""
    rows = await AnalysisRow.select(AnalysisRow.id, AnalysisRow.headline).where(
        _owned(account_id, now) & (AnalysisRow.state == State.DONE)
    )
    return {row["id"]: msgspec.json.decode(row["headline"]) for row in rows}


async def report(analysis_id: UUID, now: datetime) -> bytes | None:
    """Return the JSON document of an analysis; the caller has checked whose it is."""
    rows = await ReportRow.select(ReportRow.document).where(
        (ReportRow.analysis == analysis_id) & (ReportRow.expires_at > now)
    )
    return rows[0]["document"].encode() if rows else None


async def added_report(analysis_id: UUID, now: datetime) -> bytes | None:
    """Return the document of the newest Live set that was added to a report."""
    rows = (
        await ReportRow.select(ReportRow.document)
        .where((ReportRow.analysis.joined_to == analysis_id) & (ReportRow.expires_at > now))
        .order_by(ReportRow.created_at, ascending=False)
        .limit(1)
    )
    return rows[0]["document"].encode() if rows else None


async def added_to(analysis_id: UUID) -> list[UUID]:
    """Return the analyses of Live sets that were added to a report."""
    rows = await AnalysisRow.select(AnalysisRow.id).where(AnalysisRow.joined_to == analysis_id)
    return [row["id"] for row in rows]


async def references(account_id: UUID, now: datetime) -> list[Analysis]:
    """Return an owner's references that did not fail, the newest first."""
    ended = [State.FAILED, State.CANCELLED]
    return await _select(_references(account_id, now) & AnalysisRow.state.not_in(ended), now)


async def learned(account_id: UUID, now: datetime) -> list[bytes]:
    """Return what was kept of an owner's references, the oldest first."""
    rows = (
        await ReportRow.select(ReportRow.document)
        .where(
            (ReportRow.analysis.account == account_id)
            & (ReportRow.analysis.purpose == Purpose.REFERENCE)
            & (ReportRow.expires_at > now)
        )
        .order_by(ReportRow.created_at)
    )
    return [row["document"].encode() for row in rows]


async def insert_report(row: ReportRow) -> None:
    """Keep a report."""
    await ReportRow.insert(row)


async def change(
    analysis_id: UUID,
    changes: Mapping[Any, Any],
    *,
    now: datetime,
    states: Iterable[State],
    condition: Combinable | None = None,
) -> bool:
    """Change an analysis if it is in one of these states; tell whether it was.

    Raises
    ------
    ValueError
        If no analysis may go from one of these states to the new one: then a caller is wrong.
    """
    states, then = list(states), changes.get(AnalysisRow.state)
    if then is not None and not all(may_move(state, then) for state in states):
        message = f"no analysis goes from {states} to {then}"
        raise ValueError(message)
    where: Combinable = (AnalysisRow.id == analysis_id) & AnalysisRow.state.is_in(states)
    if condition is not None:
        where = where & condition
    changed = await AnalysisRow.update({**changes, AnalysisRow.changed_at: now}).where(where).returning(AnalysisRow.id)
    return bool(changed)


async def charge_of(analysis_id: UUID) -> tuple[UUID, datetime] | None:
    """Release what an analysis holds of a period; return whose and which, once."""
    rows = (
        await AnalysisRow.update({AnalysisRow.is_charged: False})
        .where((AnalysisRow.id == analysis_id) & (AnalysisRow.is_charged == True))  # noqa: E712 - a column, not a truth
        .returning(AnalysisRow.account, AnalysisRow.charged_period)
    )
    return (rows[0]["account"], rows[0]["charged_period"]) if rows else None


async def oldest_queued() -> UUID | None:
    """Return the analysis that has waited longest."""
    rows = (
        await AnalysisRow.select(AnalysisRow.id)
        .where(AnalysisRow.state == State.QUEUED)
        .order_by(AnalysisRow.queued_at)
        .limit(1)
    )
    return rows[0]["id"] if rows else None


async def lost(now: datetime, workers: Iterable[UUID]) -> list[dict[str, Any]]:
    """Return the runs of these workers, and those whose worker has been silent for too long."""
    is_lost: Combinable = AnalysisRow.lease_until < now
    if gone := list(workers):
        is_lost = is_lost | AnalysisRow.worker.is_in(gone)
    return await AnalysisRow.select(
        AnalysisRow.id, AnalysisRow.account, AnalysisRow.run_id, AnalysisRow.attempts
    ).where((AnalysisRow.state == State.RUNNING) & is_lost)


async def whole_but_not_queued(before: datetime) -> list[UUID]:
    """Return the analyses whose files all came, but whose web process was gone before it queued them."""
    rows = await UploadRow.select(UploadRow.analysis, UploadRow.state, UploadRow.stored_at).where(
        UploadRow.analysis.state == State.RECEIVING
    )
    waiting = {row["analysis"] for row in rows if row["state"] != FileState.STORED or row["stored_at"] > before}
    return [analysis_id for analysis_id in {row["analysis"] for row in rows} if analysis_id not in waiting]


async def owner_and_target(analysis_id: UUID) -> dict[str, Any] | None:
    """Return what a run needs to know of its analysis."""
    rows = await AnalysisRow.select(
        AnalysisRow.id,
        AnalysisRow.account,
        AnalysisRow.attempts,
        AnalysisRow.purpose,
        AnalysisRow.target,
        AnalysisRow.stage,
        AnalysisRow.expires_at,
    ).where(AnalysisRow.id == analysis_id)
    return rows[0] if rows else None


async def files_of(analysis_ids: Sequence[UUID]) -> dict[UUID, list[UploadedFile]]:
    """Return the uploads of some analyses, the bounce first."""
    rows = (
        await UploadRow.select().where(UploadRow.analysis.is_in(list(analysis_ids))).order_by(UploadRow.kind)
        if analysis_ids
        else []
    )
    files: dict[UUID, list[UploadedFile]] = {}
    for row in rows:
        files.setdefault(row["analysis"], []).append(_file(row))
    return files


async def begin_upload(upload_id: UUID, now: datetime) -> bool:
    """Take an upload for receiving; tell whether nobody had."""
    taken = (
        await UploadRow.update({UploadRow.started_at: now})
        .where((UploadRow.id == upload_id) & (UploadRow.state == FileState.RECEIVING) & UploadRow.started_at.is_null())
        .returning(UploadRow.id)
    )
    return bool(taken)


async def count_received(upload_id: UUID, received_bytes: int) -> None:
    """Note how far an upload is."""
    await UploadRow.update({UploadRow.received_bytes: received_bytes}).where(UploadRow.id == upload_id)


async def finish_upload(upload_id: UUID, *, size_bytes: int, sha256: str, now: datetime) -> bool:
    """Note that all bytes are on the disk; tell whether the upload was still wanted."""
    stored = (
        await UploadRow.update(
            {
                UploadRow.state: FileState.STORED,
                UploadRow.declared_bytes: size_bytes,
                UploadRow.received_bytes: size_bytes,
                UploadRow.sha256: sha256,
                UploadRow.stored_at: now,
            }
        )
        .where((UploadRow.id == upload_id) & (UploadRow.state == FileState.RECEIVING))
        .returning(UploadRow.id)
    )
    return bool(stored)


async def mark_deleting(analysis_id: UUID) -> None:
    """Say that the files of an analysis must go; done in the transaction that makes them needless."""
    await UploadRow.update({UploadRow.state: FileState.DELETING}).where(
        (UploadRow.analysis == analysis_id) & (UploadRow.state != FileState.DELETED)
    )


async def mark_deleted(upload_id: UUID, now: datetime) -> bool:
    """Say that a file is gone from the disk; tell whether that is news."""
    gone = (
        await UploadRow.update({UploadRow.state: FileState.DELETED, UploadRow.deleted_at: now})
        .where((UploadRow.id == upload_id) & (UploadRow.state == FileState.DELETING))
        .returning(UploadRow.id)
    )
    return bool(gone)


async def deleting(analysis_id: UUID | None = None) -> list[UUID]:
    """Return the uploads whose bytes must go now."""
    where: Combinable = UploadRow.state == FileState.DELETING
    if analysis_id is not None:
        where = where & (UploadRow.analysis == analysis_id)
    return [row["id"] for row in await UploadRow.select(UploadRow.id).where(where)]


async def analyses_with_overdue_files(now: datetime, received_before: datetime) -> list[dict[str, Any]]:
    """Return the analyses whose files are past their deadline, or never finished to arrive."""
    overdue = UploadRow.delete_after <= now
    stalled = (UploadRow.state == FileState.RECEIVING) & (UploadRow.created_at <= received_before)
    rows = await UploadRow.select(UploadRow.analysis.id, UploadRow.analysis.account, UploadRow.analysis.state).where(
        (UploadRow.state != FileState.DELETED) & (overdue | stalled)
    )
    found = {row["analysis.id"]: {name.removeprefix("analysis."): value for name, value in row.items()} for row in rows}
    return list(found.values())


async def known_uploads() -> set[UUID]:
    """Return every upload that may have bytes on the disk."""
    rows = await UploadRow.select(UploadRow.id).where(UploadRow.state != FileState.DELETED)
    return {row["id"] for row in rows}


async def ids_of(account_id: UUID) -> list[UUID]:
    """Return every analysis of an account, those past their term too."""
    rows = await AnalysisRow.select(AnalysisRow.id).where(AnalysisRow.account == account_id)
    return [row["id"] for row in rows]


async def everywhere() -> list[dict[str, Any]]:
    """Return every analysis of every account, the newest first, for the operator."""
    return await AnalysisRow.select(*AnalysisRow.all_columns(), AnalysisRow.track.name.as_alias("track_name")).order_by(
        AnalysisRow.created_at, ascending=False
    )


async def owner_of(analysis_id: UUID) -> UUID | None:
    """Return whose an analysis is, for the operator."""
    rows = await AnalysisRow.select(AnalysisRow.account).where(AnalysisRow.id == analysis_id)
    return rows[0]["account"] if rows else None


async def due(now: datetime) -> list[UUID]:
    """Return the analyses whose term is over."""
    rows = await AnalysisRow.select(AnalysisRow.id).where(AnalysisRow.expires_at <= now)
    return [row["id"] for row in rows]


async def delete(analysis_id: UUID) -> UUID | None:
    """Delete an analysis with its report and the rows of its files, whose bytes are gone; return its track."""
    rows = await AnalysisRow.delete().where(AnalysisRow.id == analysis_id).returning(AnalysisRow.track)
    return rows[0]["track"] if rows else None


async def has_analyses(track_id: UUID) -> bool:
    """Tell whether a track has any analysis left."""
    return bool(await AnalysisRow.exists().where(AnalysisRow.track == track_id))


def _references(account_id: UUID, now: datetime) -> Combinable:
    return _owned(account_id, now) & (AnalysisRow.purpose == Purpose.REFERENCE)


def _owned(account_id: UUID, now: datetime) -> Combinable:
    return (AnalysisRow.account == account_id) & (AnalysisRow.expires_at > now)


async def _select(where: Combinable, now: datetime) -> list[Analysis]:
    rows = (
        await AnalysisRow.select(*AnalysisRow.all_columns(), AnalysisRow.track.name.as_alias("track_name"))
        .where(where)
        .order_by(AnalysisRow.created_at, ascending=False)
    )
    files = await files_of([row["id"] for row in rows])
    return [_analysis(row, tuple(files.get(row["id"], ())), now) for row in rows]


def _analysis(row: dict[str, Any], files: tuple[UploadedFile, ...], now: datetime) -> Analysis:
    state = State(row["state"])
    has_files = bool(files) and all(file.state is FileState.STORED and now < file.delete_after for file in files)
    copied = ("id", "track_name", "version", "target", "stage", "attempts", "failure_code", "failure_sentence")
    times = ("created_at", "queued_at", "started_at", "finished_at", "changed_at", "expires_at")
    return Analysis(
        **{name: row[name] for name in (*copied, *times)},
        account_id=row["account"],
        track_id=row["track"],
        joined_to=row["joined_to"],
        purpose=Purpose(row["purpose"]),
        state=state,
        files=files,
        steps=_steps.decode(row["steps"]),
        can_retry=state is State.FAILED and not row["is_permanent"] and has_files,
    )


def _file(row: dict[str, Any]) -> UploadedFile:
    copied = (
        "id",
        "name",
        "format",
        "declared_bytes",
        "received_bytes",
        "sha256",
        "created_at",
        "started_at",
        "delete_after",
        "deleted_at",
    )
    return UploadedFile(
        **{name: row[name] for name in copied}, kind=FileKind(row["kind"]), state=FileState(row["state"])
    )
