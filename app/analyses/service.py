"""What an owner does with analyses: declare, look, cancel, retry, delete."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from app.advice.references import MOST
from app.analyses import dismissals, store
from app.analyses.rules import PENDING, Analysis, FileState, Purpose, State, failure_of
from app.analyses.tables import Analysis as AnalysisRow
from app.analyses.tables import Upload as UploadRow
from app.kernel.db import GONE, transaction
from app.kernel.errors import Conflict, LimitReached, NotFound, Unavailable
from app.kernel.waypoints import Waypoint
from app.usage.rules import Kind

if TYPE_CHECKING:
    from datetime import datetime

    from piccolo.engine.base import Engine

    from app.analyses.declaring import Declaration, DeclaredFile
    from app.analyses.deleting import Deleting
    from app.analyses.doorbell import Doorbell
    from app.analyses.verdicts import Verdicts
    from app.kernel.clock import Clock
    from app.kernel.signals import Signals
    from app.kernel.storage import LocalStorage
    from app.kernel.waypoints import Observer
    from app.policy import Policy
    from app.tracks.service import Tracks
    from app.usage.service import UsageLedger

DONE_STAYS_IN_QUEUE = timedelta(hours=1)


def topic_of(account_id: UUID) -> str:
    """Return the topic on which an account's pages are woken."""
    return f"account:{account_id}"


class Analyses:
    """An account's analyses; every reading goes through the owner."""

    def __init__(  # noqa: PLR0913 - the composition root hands over its parts by name
        self,
        *,
        policy: Policy,
        engine: Engine[Any],
        clock: Clock,
        tracks: Tracks,
        usage: UsageLedger,
        storage: LocalStorage,
        deleting: Deleting,
        doorbell: Doorbell,
        signals: Signals,
        verdicts: Verdicts,
        reached: Observer,
    ) -> None:
        """Keep the parts."""
        self._policy = policy
        self._engine = engine
        self._clock = clock
        self._tracks = tracks
        self._usage = usage
        self._storage = storage
        self._deleting = deleting
        self._doorbell = doorbell
        self._signals = signals
        self._verdicts = verdicts
        self._reached = reached

    async def declare(self, account_id: UUID, declaration: Declaration) -> Analysis:
        """Take one of the month's analyses and make the rows of its files; no byte has come yet.

        Raises
        ------
        LimitReached
            When the month's analyses are used; nothing is kept then.
        NotFound
            When the track or the report is not the account's, or has gone in this instant.

        """
        now = self._clock()
        known = await store.by_key(account_id, declaration.idempotency_key, now)
        if known is not None:
            return known
        await self._check_disk()
        try:
            async with transaction(self._engine):
                row = await self._new_analysis(account_id, declaration, now)
                if not await store.insert(row, [self._new_upload(row.id, file, now) for file in declaration.files]):
                    raise Conflict("This upload has been declared already.", way_out="Load the page again.")
        except GONE:
            raise NotFound from None
        await self._reached(Waypoint.DECLARED)
        return await self.one(account_id, row.id)

    async def add_file(self, account_id: UUID, analysis_id: UUID, file: DeclaredFile) -> None:
        """Add a file to an analysis that is still receiving."""
        analysis = await self.one(account_id, analysis_id)
        if analysis.state is not State.RECEIVING:
            raise Conflict("This analysis takes no more files.")
        try:
            await store.insert_upload(self._new_upload(analysis.id, file, self._clock()))
        except GONE:
            raise NotFound from None

    async def one(self, account_id: UUID, analysis_id: UUID) -> Analysis:
        """Return one analysis of this owner.

        Raises
        ------
        NotFound
            When it is not there, another's, or past its term.

        """
        analysis = await store.one(analysis_id, account_id, self._clock())
        if analysis is None:
            raise NotFound
        return analysis

    async def all_of(self, account_id: UUID) -> list[Analysis]:
        """Return an owner's analyses, the newest first."""
        return await store.all_of(account_id, self._clock())

    def queue_among(self, analyses: list[Analysis]) -> list[Analysis]:
        """Return those that their owner waits for or must decide on, in the same order."""
        now = self._clock()
        return [analysis for analysis in analyses if _is_in_queue(analysis, now)]

    async def references(self, account_id: UUID) -> list[Analysis]:
        """Return what an owner's target is learned from, or will be, the newest first."""
        return await store.references(account_id, self._clock())

    async def changed_since(self, account_id: UUID, since: datetime) -> list[Analysis]:
        """Return an owner's analyses that changed after a moment, in the order of the changes."""
        return await store.changed_since(account_id, since, self._clock())

    async def pending_of(self, account_id: UUID) -> set[UUID]:
        """Return which of an owner's analyses something is still to come of."""
        return await store.pending_of(account_id)

    async def headlines(self, account_id: UUID) -> dict[UUID, dict[str, Any]]:
        """Return the few figures that lists show, by analysis."""
        return await store.headlines(account_id, self._clock())

    async def report(self, account_id: UUID, analysis_id: UUID) -> dict[str, Any]:
        """Return an owner's report: what was measured, judged by the rules of today."""
        analysis = await self.one(account_id, analysis_id)
        return await self._verdicts.document(analysis)

    async def cancel(self, account_id: UUID, analysis_id: UUID) -> Analysis:
        """Stop what is pending; its file goes at once and nothing is counted."""
        analysis = await self.one(account_id, analysis_id)
        now = self._clock()
        changes = {
            AnalysisRow.state: State.CANCELLED,
            AnalysisRow.finished_at: now,
            AnalysisRow.expires_at: now + self._policy.retention.cancelled,
        }
        if not await asyncio.shield(self._deleting.end(analysis.id, changes, states=PENDING)):
            raise Conflict("It is over already.", way_out="Load the page again to see how it ended.")
        await self._signals.publish(topic_of(account_id))
        return await self.one(account_id, analysis_id)

    async def retry(self, account_id: UUID, analysis_id: UUID) -> Analysis:
        """Measure a failed analysis again, while its file is still kept."""
        analysis = await self.one(account_id, analysis_id)
        if not analysis.can_retry:
            raise Conflict("This cannot be tried again.", way_out="Upload the file once more.")
        now = self._clock()
        async with transaction(self._engine):
            period = None if analysis.is_reference else await self._usage.take(account_id, Kind.ANALYSES)
            changes = {
                AnalysisRow.state: State.QUEUED,
                AnalysisRow.attempts: 0,
                AnalysisRow.steps: "[]",
                AnalysisRow.failure_code: "",
                AnalysisRow.failure_sentence: "",
                AnalysisRow.is_charged: period is not None,
                AnalysisRow.charged_period: period,
                AnalysisRow.queued_at: now,
                AnalysisRow.finished_at: None,
            }
            if not await store.change(analysis.id, changes, now=now, states=[State.FAILED]):
                raise Conflict("This is being tried again already.")
        await self._doorbell.ring()
        await self._signals.publish(topic_of(account_id))
        return await self.one(account_id, analysis_id)

    async def delete(self, account_id: UUID, analysis_id: UUID) -> None:
        """Delete an analysis with its report and files, for good."""
        analysis = await self.one(account_id, analysis_id)
        await asyncio.shield(self.erase(analysis.id))
        await self._signals.publish(topic_of(account_id))

    async def erase(self, analysis_id: UUID) -> None:
        """Stop what is pending, remove the bytes, then every row; Live sets that were added go first."""
        for added_id in await store.added_to(analysis_id):
            await self.erase(added_id)
        await self._deleting.end(analysis_id, {AnalysisRow.state: State.CANCELLED}, states=PENDING)
        await self._deleting.files_of(analysis_id)
        track_id = await store.delete(analysis_id)
        if track_id is not None and not await store.has_analyses(track_id):
            await self._tracks.end(track_id)

    async def erase_all(self, account_id: UUID) -> int:
        """Erase every analysis of an account, pending ones too; tell how many."""
        found = await store.ids_of(account_id)
        for analysis_id in found:
            await self.erase(analysis_id)
        await self._signals.publish(topic_of(account_id))
        return len(found)

    async def end_due(self) -> int:
        """Erase the analyses whose term is over; tell how many."""
        due = await store.due(self._clock())
        for analysis_id in due:
            await self.erase(analysis_id)
        await dismissals.delete_due(self._clock())
        return len(due)

    async def end_overdue_files(self) -> int:
        """Delete the files that are past their deadline or never came whole; tell of how many analyses."""
        now = self._clock()
        overdue = await store.analyses_with_overdue_files(now, now - self._policy.retention.receiving)
        for row in overdue:
            await self._end_overdue(row["id"], row["account"], State(row["state"]), now)
        return len(overdue)

    async def known_uploads(self) -> set[UUID]:
        """Return every upload that may have bytes on the disk."""
        return await store.known_uploads()

    async def _end_overdue(self, analysis_id: UUID, account_id: UUID, state: State, now: datetime) -> None:
        if state.is_pending:
            changes = {
                AnalysisRow.state: State.CANCELLED if state is State.RECEIVING else State.FAILED,
                AnalysisRow.failure_code: "overdue",
                AnalysisRow.failure_sentence: failure_of("overdue"),
                AnalysisRow.is_permanent: True,
                AnalysisRow.finished_at: now,
            }
            await self._deleting.end(analysis_id, changes, states=[state])
        await self._deleting.files_of(analysis_id)
        await self._signals.publish(topic_of(account_id))

    async def _new_analysis(self, account_id: UUID, declaration: Declaration, now: datetime) -> AnalysisRow:
        """Make the row of an analysis, in its track or beside the report that a set is added to."""
        is_reference = declaration.purpose is Purpose.REFERENCE
        period = None if is_reference else await self._usage.take(account_id, Kind.ANALYSES)
        if is_reference:
            await self._check_references(account_id, now)
        if declaration.joined_to is None:
            place = await self._place_in_track(account_id, declaration, now + self._policy.retention.results)
        else:
            place = await self._place_beside(account_id, declaration.joined_to)
        return AnalysisRow(
            id=uuid4(),
            account=account_id,
            state=State.RECEIVING,
            idempotency_key=declaration.idempotency_key,
            purpose=declaration.purpose,
            is_charged=period is not None,
            charged_period=period,
            created_at=now,
            changed_at=now,
            **place,
        )

    async def _check_references(self, account_id: UUID, now: datetime) -> None:
        if len(await store.references(account_id, now)) >= MOST:
            raise LimitReached(
                f"A target is learned from {MOST} references at most, and you have as many.",
                way_out="Remove one of them first.",
                code="references",
            )

    async def _place_in_track(self, account_id: UUID, declaration: Declaration, expires_at: datetime) -> dict[str, Any]:
        track = await self._tracks.for_upload(
            account_id,
            track_id=declaration.track_id,
            wanted_name=declaration.track_name,
            file_name=declaration.files[0].name,
            expires_at=expires_at,
        )
        await dismissals.extend(track.id, expires_at)
        return {
            "track": track.id,
            "version": await store.next_version(track.id),
            "target": declaration.target,
            "stage": declaration.stage,
            "expires_at": expires_at,
        }

    async def _place_beside(self, account_id: UUID, report_id: UUID) -> dict[str, Any]:
        """Return where a set belongs: it goes with its report, and does not prolong it."""
        report = await self.one(account_id, report_id)
        if report.state is not State.DONE or report.bounce is None:
            raise Conflict(
                "A Live set can be added to the report of a mix, once it is there.", way_out="Load the page again."
            )
        return {
            "joined_to": report.id,
            "track": report.track_id,
            "version": report.version,
            "target": report.target,
            "stage": report.stage,
            "expires_at": report.expires_at,
        }

    async def _check_disk(self) -> None:
        if await self._storage.free_percent() < self._policy.uploads.min_free_disk_percent:
            raise Unavailable(
                "There is no room for uploads at the moment.", way_out="Try again in a few minutes.", retry_after_s=300
            )

    def _new_upload(self, analysis_id: UUID, file: DeclaredFile, now: datetime) -> UploadRow:
        return UploadRow(
            id=uuid4(),
            analysis=analysis_id,
            kind=file.kind,
            name=file.name,
            format=file.format,
            state=FileState.RECEIVING,
            declared_bytes=file.size_bytes,
            created_at=now,
            # Set once, here; a retry does not move it.
            delete_after=now + self._policy.retention.failed_upload,
        )


def _is_in_queue(analysis: Analysis, now: datetime) -> bool:
    if analysis.state is State.DONE and analysis.finished_at is not None:
        return now - analysis.finished_at < DONE_STAYS_IN_QUEUE
    return analysis.state is not State.CANCELLED
