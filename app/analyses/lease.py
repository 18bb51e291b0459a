"""A run's hold on its row: renewed by each step and by a heartbeat, lost when the row says so."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import msgspec
import structlog

from app.analyses import store
from app.analyses.rules import State, StepProgress, StepState, steps_of
from app.analyses.service import topic_of
from app.analyses.tables import Analysis as AnalysisRow

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from typing import Self
    from uuid import UUID

    from piccolo.custom_types import Combinable

    from app.analyses.rules import UploadedFile
    from app.kernel.clock import Clock
    from app.kernel.signals import Signals
    from app.policy import AnalysisPolicy

TELL_EVERY_S = 0.25

log = structlog.get_logger()


class LeaseLost(Exception):
    """The run was cancelled, or given to another worker."""


@dataclass(frozen=True, slots=True)
class LeasedRow:
    """A row that was claimed, and the run that claimed it."""

    analysis_id: UUID
    account_id: UUID
    run_id: UUID


class Lease:
    """A run's hold on its row: renewed by a heartbeat, lost when the row says so."""

    def __init__(
        self, row: LeasedRow, steps: tuple[StepProgress, ...], *, policy: AnalysisPolicy, clock: Clock, signals: Signals
    ) -> None:
        """Hold the row that was claimed for this run, and the steps that it will take."""
        self.analysis_id = row.analysis_id
        self.account_id = row.account_id
        self._run_id = row.run_id
        self._policy = policy
        self._clock = clock
        self._signals = signals
        self._steps = steps
        self._told_at = 0.0
        self._owner: asyncio.Task[Any] | None = None
        self._heart: asyncio.Task[None] | None = None
        self._is_lost = False

    async def __aenter__(self) -> Self:
        """Begin the heartbeat."""
        self._owner = asyncio.current_task()
        self._heart = asyncio.create_task(self._beat())
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """End the heartbeat; a cancellation that it caused becomes the loss that it stands for."""
        if self._heart is not None:
            self._heart.cancel()
            await asyncio.gather(self._heart, return_exceptions=True)
        if self._is_lost and kind is asyncio.CancelledError and self._owner is not None:
            self._owner.uncancel()
            raise LeaseLost

    async def change(self, changes: dict[Any, Any], *, now: datetime) -> bool:
        """Change the row while this run holds it; tell whether it does."""
        return await store.change(self.analysis_id, changes, now=now, states=[State.RUNNING], condition=self.is_held)

    @property
    def is_held(self) -> Combinable:
        """The condition under which a row is still this run's."""
        return AnalysisRow.run_id == self._run_id

    async def tell(self, message: dict[str, Any]) -> None:
        """Show a step on the page and renew the lease."""
        state = StepState.DONE if message["state"] == "done" else StepState.STARTED
        told = StepProgress(name=message["step"], state=state, part=message["part"], result=message["result"])
        self._steps = tuple(_merged(step, told) for step in self._steps)
        is_progress = message["state"] == "progress"
        if is_progress and time.monotonic() - self._told_at < TELL_EVERY_S:
            return
        self._told_at = time.monotonic()
        await self._renew({AnalysisRow.steps: encode_steps(self._steps)})
        await self._signals.publish(topic_of(self.account_id))

    async def _renew(self, changes: dict[Any, Any]) -> None:
        now = self._clock()
        until = now + self._policy.lease
        if not await self.change({**changes, AnalysisRow.lease_until: until}, now=now):
            raise LeaseLost

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._policy.heartbeat_seconds)
            try:
                await self._renew({})
            except LeaseLost:
                self._is_lost = True
                if self._owner is not None:
                    self._owner.cancel()
                return
            except Exception as error:  # noqa: BLE001 - whatever a driver raises, the heart beats on
                # The lease holds for a while yet; a database that is away for a moment must not cost the run.
                log.warning("lease.not_renewed", error=type(error).__name__)


def waiting_steps(files: Iterable[UploadedFile]) -> tuple[StepProgress, ...]:
    """Return the steps of a run over these files before the first of them."""
    names = steps_of({file.kind for file in files})
    return tuple(StepProgress(name=name, state=StepState.WAITING) for name in names)


def _merged(step: StepProgress, told: StepProgress) -> StepProgress:
    return replace(told, result=told.result or step.result) if step.name == told.name else step


def encode_steps(steps: tuple[StepProgress, ...]) -> str:
    """Return steps as the row keeps them."""
    return msgspec.json.encode(steps).decode()
