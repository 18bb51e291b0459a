"""Bytes in: from a request to the disk, counted, hashed and checked, nothing held in memory."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import structlog

from app.analyses import store
from app.analyses.declaring import check_head, empty
from app.analyses.rules import Analysis, FileKind, State, UploadedFile
from app.analyses.service import topic_of
from app.analyses.tables import Analysis as AnalysisRow
from app.audio.formats import HEAD_BYTES, Format
from app.kernel.errors import AppError, ClientGone, Conflict, Invalid, LimitReached, NotFound, TooLarge, Unavailable
from app.kernel.waypoints import Waypoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from app.analyses.deleting import Deleting
    from app.analyses.doorbell import Doorbell
    from app.kernel.clock import Clock
    from app.kernel.signals import Signals
    from app.kernel.storage import LocalStorage, Writer
    from app.kernel.waypoints import Observer
    from app.policy import Policy

TELL_EVERY_S = 0.4
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO})
NO_ROOM = "There is no room for uploads at the moment."
CUT = "The connection was cut before the file was whole."

log = structlog.get_logger()


class Receiving:
    """Takes the files of declared analyses."""

    def __init__(  # noqa: PLR0913 - the composition root hands over its parts by name
        self,
        *,
        policy: Policy,
        storage: LocalStorage,
        clock: Clock,
        deleting: Deleting,
        doorbell: Doorbell,
        signals: Signals,
        reached: Observer,
    ) -> None:
        """Keep the parts."""
        self._parallel = policy.uploads.parallel_per_account
        self._cancelled = policy.retention.cancelled
        self._arriving: Counter[UUID] = Counter()
        self._storage = storage
        self._clock = clock
        self._deleting = deleting
        self._doorbell = doorbell
        self._signals = signals
        self._reached = reached

    async def check(self, analysis: Analysis, kind: FileKind, length: int | None) -> UploadedFile:
        """Return the file that may be sent now, before its first byte is read; it must then be received.

        Raises
        ------
        NotFound
            When no such file was declared.
        Conflict
            When it came already, or the analysis is over.
        Invalid
            When the length is not what was declared.

        """
        file = next((file for file in analysis.files if file.kind is kind), None)
        if file is None:
            raise NotFound
        if length is not None and length != file.declared_bytes:
            raise Invalid(
                f"{file.name} has {length} bytes, but {file.declared_bytes} were declared.",
                way_out="Choose the file again.",
                code="length",
            )
        if self._arriving[analysis.account_id] >= self._parallel:
            raise LimitReached(
                f"{self._parallel} files of yours are arriving already.",
                way_out="Send the next one when the first is there.",
                retry_after_s=5,
            )
        # Taken before anything is awaited, so that files that come together are counted together.
        self._arriving[analysis.account_id] += 1
        try:
            await self._begin(analysis, file)
        except BaseException:
            self._leave(analysis.account_id)
            raise
        return file

    async def receive(self, analysis: Analysis, file: UploadedFile, blocks: AsyncIterator[bytes]) -> None:
        """Bring a checked file to the disk; on any failure its analysis ends and nothing is left of it."""
        try:
            await self._store(analysis, file, blocks)
        except OSError as error:
            if error.errno not in FULL:
                await asyncio.shield(self._undo(analysis, file, error))
                raise
            no_room = Unavailable(NO_ROOM, way_out="Try again in a few minutes.", code="no_room", retry_after_s=300)
            await asyncio.shield(self._undo(analysis, file, no_room))
            raise no_room from error
        except BaseException as error:
            await asyncio.shield(self._undo(analysis, file, error))
            raise
        finally:
            self._leave(analysis.account_id)

    async def finish(self, analysis: Analysis) -> None:
        """Queue an analysis once all of its files are there."""
        now = self._clock()
        files = (await store.files_of([analysis.id])).get(analysis.id, [])
        if any(file.sha256 == "" for file in files):
            return
        changes = {AnalysisRow.state: State.QUEUED, AnalysisRow.queued_at: now}
        if await store.change(analysis.id, changes, now=now, states=[State.RECEIVING]):
            log.info("analysis.queued", analysis=str(analysis.id))
            await self._reached(Waypoint.QUEUED)
            await self._doorbell.ring()
            await self._reached(Waypoint.RUNG)
            await self._signals.publish(topic_of(analysis.account_id))

    async def abandon(self, analysis: Analysis, error: BaseException) -> None:
        """End an analysis whose file cannot be taken: no file, no charge, a sentence on its card."""
        is_refused = isinstance(error, AppError) and not isinstance(error, ClientGone | Conflict)
        sentence = f"{error.sentence} {error.way_out}".strip() if isinstance(error, AppError) else CUT
        changes: dict[Any, Any] = {
            AnalysisRow.state: State.FAILED if is_refused else State.CANCELLED,
            AnalysisRow.failure_code: error.code if isinstance(error, AppError) else "cut",
            AnalysisRow.failure_sentence: sentence,
            AnalysisRow.is_permanent: True,
            AnalysisRow.finished_at: self._clock(),
        }
        if not is_refused:
            changes[AnalysisRow.expires_at] = self._clock() + self._cancelled
        if await self._deleting.end(analysis.id, changes, states=[State.RECEIVING]):
            log.info("upload.abandoned", analysis=str(analysis.id), error=type(error).__name__)
            await self._signals.publish(topic_of(analysis.account_id))

    async def _begin(self, analysis: Analysis, file: UploadedFile) -> None:
        if analysis.state is not State.RECEIVING or not await store.begin_upload(file.id, self._clock()):
            raise Conflict(f"{file.name} has come already.", way_out="Load the page again.")

    def _leave(self, account_id: UUID) -> None:
        self._arriving[account_id] -= 1
        if not self._arriving[account_id]:
            del self._arriving[account_id]

    async def _undo(self, analysis: Analysis, file: UploadedFile, error: BaseException) -> None:
        # A cancellation may have marked the file as gone before its first byte made it.
        await self._storage.remove(file.id)
        await self.abandon(analysis, error)

    async def _store(self, analysis: Analysis, file: UploadedFile, blocks: AsyncIterator[bytes]) -> None:
        """Write, count and hash to the end, then say in the row that the file is whole."""
        digest = hashlib.sha256()
        size_bytes = 0
        told_at = 0.0
        async with self._storage.writer(file.id) as writer:
            async for block in _with_checked_head(file, blocks):
                size_bytes += len(block)
                if size_bytes > file.declared_bytes:
                    raise TooLarge(f"{file.name} is larger than was declared.", way_out="Choose the file again.")
                await _keep(writer, digest, block)
                if time.monotonic() - told_at > TELL_EVERY_S:
                    told_at = time.monotonic()
                    await self._tell(analysis, file.id, size_bytes)
                    await self._reached(Waypoint.FIRST_BLOCK)
        if size_bytes == 0:
            raise empty(file.kind, file.name)
        await self._reached(Waypoint.WRITTEN)
        is_wanted = await store.finish_upload(
            file.id, size_bytes=size_bytes, sha256=digest.hexdigest(), now=self._clock()
        )
        if not is_wanted:
            raise Conflict("The analysis was cancelled.")
        await self._reached(Waypoint.STORED)

    async def _tell(self, analysis: Analysis, upload_id: UUID, size_bytes: int) -> None:
        """Note the bytes counted so far and wake the page; notice a cancellation."""
        await store.count_received(upload_id, size_bytes)
        if not await store.change(analysis.id, {}, now=self._clock(), states=[State.RECEIVING]):
            raise Conflict("The analysis was cancelled.")
        await self._signals.publish(topic_of(analysis.account_id))


async def _keep(writer: Writer, digest: hashlib._Hash, block: bytes) -> None:
    digest.update(block)
    await writer.write(block)


async def _with_checked_head(file: UploadedFile, blocks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Hold back the first bytes until they prove the format that the name promised."""
    head = b""
    is_checked = False
    async for block in blocks:
        if is_checked:
            yield block
            continue
        head += block
        if len(head) >= HEAD_BYTES:
            check_head(Format(file.format), file.kind, file.name, head[:HEAD_BYTES])
            is_checked = True
            yield head
    if not is_checked and head:
        check_head(Format(file.format), file.kind, file.name, head)
        yield head
