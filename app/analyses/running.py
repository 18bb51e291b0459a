"""One run: from a claimed row over a child's steps to a report, and back if it fails."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import msgspec
import structlog

from app.analyses import measuring, store
from app.analyses.encoding import encoders
from app.analyses.learning import only_features
from app.analyses.lease import Lease, LeasedRow, LeaseLost, encode_steps, waiting_steps
from app.analyses.rules import HEADLINE_PARTS, FileKind, Purpose, State, UploadedFile, failure_of, headline_of
from app.analyses.service import topic_of
from app.analyses.set_document import some_parts, with_live_set, without_live_set
from app.analyses.tables import Analysis as AnalysisRow
from app.analyses.tables import Report as ReportRow
from app.kernel.confine import MIB, Limits
from app.kernel.db import transaction
from app.kernel.isolate import Bounds, ChildEnded, Task
from app.kernel.presence import Presence
from app.kernel.tasks import end
from app.kernel.waypoints import Waypoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from piccolo.engine.base import Engine

    from app.analyses.deleting import Deleting
    from app.analyses.doorbell import Doorbell
    from app.kernel.clock import Clock
    from app.kernel.isolate import Isolator
    from app.kernel.signals import Signals
    from app.kernel.storage import LocalStorage
    from app.kernel.waypoints import Observer
    from app.settings import Settings

log = structlog.get_logger()


class Runs:
    """Claims queued analyses and brings them to their end, a few at a time."""

    def __init__(  # noqa: PLR0913 - the composition root hands over its parts by name
        self,
        *,
        settings: Settings,
        engine: Engine[Any],
        clock: Clock,
        storage: LocalStorage,
        deleting: Deleting,
        doorbell: Doorbell,
        signals: Signals,
        isolator: Isolator,
        reached: Observer,
    ) -> None:
        """Keep the parts; nothing runs yet."""
        self._settings = settings
        self._policy = settings.policy.analysis
        self._engine = engine
        self._clock = clock
        self._storage = storage
        self._deleting = deleting
        self._doorbell = doorbell
        self._signals = signals
        self._isolator = isolator
        self._presence = Presence(settings.workers_dir)
        self._reached = reached
        self._tasks: set[asyncio.Task[None]] = set()
        self._bounds = Bounds(
            wall_clock_s=self._policy.wall_clock_seconds,
            resident_bytes=self._policy.memory_mib * MIB,
            limits=Limits(address_space_bytes=self._policy.address_space_mib * MIB, cpu_s=self._policy.cpu_seconds),
        )
        self._encoders = encoders(settings.ffmpeg, settings.policy.analysis)
        self._refill: asyncio.Task[None] | None = None
        self._filling = asyncio.Lock()
        self._is_closing = False

    async def warm(self) -> None:
        """Load the engine before the first run needs it, and give a sign of life."""
        self._presence.begin()
        await self._isolator.warm()

    async def fill(self) -> None:
        """Claim queued analyses until every slot is taken or nothing waits."""
        async with self._filling:
            while not self._is_closing and len(self._tasks) < self._policy.parallel:
                claimed = await self._claim_oldest()
                if claimed is None:
                    return
                task = asyncio.create_task(self._run(*claimed))
                self._tasks.add(task)
                task.add_done_callback(self._after)

    async def reconcile(self) -> int:
        """Take back the runs whose worker is gone; tell how many."""
        gone = await asyncio.to_thread(self._presence.gone)
        lost = await store.lost(self._clock(), gone)
        for row in lost:
            await self._take_back(row["id"], row["account"], row["run_id"], row["attempts"], "lost")
        await asyncio.to_thread(self._presence.forget, gone)
        for analysis_id in await store.whole_but_not_queued(self._clock() - self._policy.lease):
            changes = {AnalysisRow.state: State.QUEUED, AnalysisRow.queued_at: self._clock()}
            await store.change(analysis_id, changes, now=self._clock(), states=[State.RECEIVING])
        await self.fill()
        return len(lost)

    async def close(self) -> None:
        """Stop the runs and give them back to the queue, without counting an attempt."""
        self._is_closing = True
        await end(self._tasks)
        self._presence.end()

    def _after(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("run.broken", exc_info=task.exception())
        if not self._is_closing:
            # Kept, since the loop itself holds its tasks only weakly.
            self._refill = asyncio.create_task(self._fill_again())

    async def _fill_again(self) -> None:
        try:
            await self.fill()
        except Exception:
            # The reconciler looks again by itself.
            log.exception("runs.refill_failed")

    async def _claim_oldest(self) -> tuple[UUID, UUID] | None:
        """Take the analysis that waited longest; return it and the new run, or none."""
        while (analysis_id := await store.oldest_queued()) is not None:
            run_id, now = uuid4(), self._clock()
            changes = {
                AnalysisRow.state: State.RUNNING,
                AnalysisRow.run_id: run_id,
                AnalysisRow.worker: self._presence.id,
                AnalysisRow.lease_until: now + self._policy.lease,
                AnalysisRow.attempts: AnalysisRow.attempts + 1,
                AnalysisRow.started_at: now,
                AnalysisRow.steps: encode_steps(waiting_steps(await _files_of(analysis_id))),
            }
            if await store.change(analysis_id, changes, now=now, states=[State.QUEUED]):
                return analysis_id, run_id
        return None

    async def _run(self, analysis_id: UUID, run_id: UUID) -> None:
        row = await store.owner_and_target(analysis_id)
        files = await _files_of(analysis_id)
        if row is None or not files:
            return
        lease = Lease(
            LeasedRow(analysis_id, row["account"], run_id),
            waiting_steps(files),
            policy=self._policy,
            clock=self._clock,
            signals=self._signals,
        )
        structlog.contextvars.bind_contextvars(analysis=str(analysis_id), attempt=row["attempts"])
        log.info("run.began")
        await self._signals.publish(topic_of(row["account"]))
        await self._reached(Waypoint.CLAIMED)
        try:
            async with lease:
                outcome = await self._measure(files, lease)
            await asyncio.shield(self._finish(lease, row, outcome))
        except LeaseLost:
            log.info("run.lost")
        except ChildEnded as error:
            log.warning("run.child_ended", code=error.code, detail=str(error))
            await self._take_back(analysis_id, row["account"], run_id, row["attempts"], error.code)
        except asyncio.CancelledError:
            await asyncio.shield(self._release(lease, row["attempts"]))
            raise
        except Exception:
            # A child that was taken over may say anything. The row need not wait for its lease to run out.
            log.exception("run.broken")
            await self._take_back(analysis_id, row["account"], run_id, row["attempts"], ChildEnded.code)

    async def _measure(self, files: Sequence[UploadedFile], lease: Lease) -> dict[str, Any]:
        """Read the set, then measure the bounce, each in a child of its own; return what closes the run.

        A set that cannot be read does not cost its bounce the report: a note says why it is missing.
        """
        found = {file.kind: file for file in files}
        live_set = found.get(FileKind.LIVE_SET)
        read = await self._run_child(self._reading(live_set), lease) if live_set is not None else None
        bounce = found.get(FileKind.BOUNCE)
        if bounce is None:
            assert read is not None
            return read
        outcome = await self._run_child(self._measuring(bounce), lease)
        if read is None or outcome["kind"] != "report":
            return outcome
        join = with_live_set if read["kind"] == "report" else without_live_set
        return {"kind": "report", "document": join(outcome["document"], read)}

    def _reading(self, live_set: UploadedFile) -> Task:
        """Return what a child does with a Live set."""
        arguments = {"name": live_set.name, "sha256": live_set.sha256}
        return Task(measuring.READ_SET, self._storage.path(live_set.id), arguments)

    def _measuring(self, bounce: UploadedFile) -> Task:
        """Return what a child does with a bounce."""
        uploads = self._settings.policy.uploads
        return Task(
            measuring.FUNCTION,
            self._storage.path(bounce.id),
            {
                "name": bounce.name,
                "limits": {
                    "duration_s": uploads.max_minutes * 60.0,
                    "channels": uploads.max_channels,
                    "min_rate_hz": uploads.min_rate_hz,
                    "max_rate_hz": uploads.max_rate_hz,
                },
                "uses_models": self._settings.uses_models,
                "encoder_s": self._policy.encoder_seconds,
            },
            self._encoders,
        )

    async def _run_child(self, task: Task, lease: Lease) -> dict[str, Any]:
        """Run one child and tell its steps; return its closing message."""
        messages: AsyncIterator[dict[str, Any]] = self._isolator.run(task, self._bounds)
        async with aclosing(messages):  # type: ignore[type-var]
            async for message in messages:
                if message["kind"] == "step":
                    await lease.tell(message)
                    await self._reached(Waypoint.STEP)
                else:
                    return message
        raise ChildEnded("ended without a report")

    async def _finish(self, lease: Lease, row: dict[str, Any], outcome: dict[str, Any]) -> None:
        """Keep the report, or the refusal, in the transaction that lets the file go."""
        await self._reached(Waypoint.MEASURED)
        if outcome["kind"] == "report" and row["purpose"] == Purpose.REFERENCE:
            outcome = only_features(outcome["document"])
        if outcome["kind"] == "report":
            is_ours = await self._keep_report(lease, row, outcome["document"])
        else:
            is_ours = await self._keep_refusal(lease, outcome)
        if is_ours:
            await self._reached(Waypoint.REPORTED)
            await self._deleting.finish(lease.analysis_id)
            log.info("run.ended", outcome=outcome["kind"], code=outcome.get("code", ""))
            await self._signals.publish(topic_of(lease.account_id))

    async def _keep_report(self, lease: Lease, row: dict[str, Any], document: str) -> bool:
        now = self._clock()
        headline = headline_of(some_parts(document, HEADLINE_PARTS))
        changes = {
            AnalysisRow.state: State.DONE,
            AnalysisRow.finished_at: now,
            AnalysisRow.headline: msgspec.json.encode(headline).decode(),
        }
        async with transaction(self._engine):
            if not await lease.change(changes, now=now):
                return False
            await store.insert_report(
                ReportRow(
                    id=uuid4(),
                    analysis=lease.analysis_id,
                    document=document,
                    created_at=now,
                    expires_at=row["expires_at"],
                )
            )
            await store.mark_deleting(lease.analysis_id)
        return True

    async def _keep_refusal(self, lease: Lease, refusal: dict[str, Any]) -> bool:
        now = self._clock()
        changes = {
            AnalysisRow.state: State.FAILED,
            AnalysisRow.finished_at: now,
            AnalysisRow.failure_code: refusal["code"],
            AnalysisRow.failure_sentence: refusal["reason"],
            AnalysisRow.is_permanent: True,
        }
        return await self._deleting.end(lease.analysis_id, changes, states=[State.RUNNING], condition=lease.is_held)

    async def _take_back(self, analysis_id: UUID, account_id: UUID, run_id: UUID, attempts: int, code: str) -> None:
        """Queue a broken run again; after the last attempt it has failed, with nothing counted."""
        now = self._clock()
        holds = AnalysisRow.run_id == run_id
        if attempts < self._policy.attempts:
            changes: dict[Any, Any] = {AnalysisRow.state: State.QUEUED, AnalysisRow.run_id: None}
            if await store.change(analysis_id, changes, now=now, states=[State.RUNNING], condition=holds):
                await self._doorbell.ring()
        else:
            changes = {
                AnalysisRow.state: State.FAILED,
                AnalysisRow.finished_at: now,
                AnalysisRow.failure_code: code,
                AnalysisRow.failure_sentence: failure_of(code),
            }
            await self._deleting.end(analysis_id, changes, states=[State.RUNNING], condition=holds, keeps_files=True)
        await self._signals.publish(topic_of(account_id))

    async def _release(self, lease: Lease, attempts: int) -> None:
        """Give a run back whose worker is asked to stop; that was no attempt."""
        changes = {
            AnalysisRow.state: State.QUEUED,
            AnalysisRow.run_id: None,
            AnalysisRow.attempts: attempts - 1,
        }
        await lease.change(changes, now=self._clock())
        await self._doorbell.ring()
        log.info("run.released")


async def _files_of(analysis_id: UUID) -> list[UploadedFile]:
    return (await store.files_of([analysis_id])).get(analysis_id, [])
