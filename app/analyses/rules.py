"""The life of an analysis, as pure rules.

::

    receiving ──> queued ──> running ──> done
        │            │ ▲        │  │
        │            │ └────────┘  │   (lease lost, attempts left)
        ▼            ▼             ▼
    cancelled    cancelled      failed ──> queued   (retry, while the file is kept)
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime
    from uuid import UUID


class State(StrEnum):
    """Where an analysis is."""

    RECEIVING = "receiving"
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_pending(self) -> bool:
        """Whether something is still to come without anybody asking."""
        return self in PENDING


PENDING = frozenset({State.RECEIVING, State.QUEUED, State.RUNNING})

MOVES: dict[State, frozenset[State]] = {
    State.RECEIVING: frozenset({State.QUEUED, State.CANCELLED, State.FAILED}),
    State.QUEUED: frozenset({State.RUNNING, State.CANCELLED, State.FAILED}),
    State.RUNNING: frozenset({State.DONE, State.FAILED, State.QUEUED, State.CANCELLED}),
    State.DONE: frozenset(),
    State.FAILED: frozenset({State.QUEUED, State.CANCELLED}),
    State.CANCELLED: frozenset(),
}


class Purpose(StrEnum):
    """What an upload is measured for."""

    BOUNCE = "bounce"
    """A report."""
    REFERENCE = "reference"
    """A target of its owner's: figures are learned from it, and no report is kept."""


class FileKind(StrEnum):
    """What an upload is to its analysis."""

    BOUNCE = "bounce"
    LIVE_SET = "live_set"


class FileState(StrEnum):
    """Where an upload's bytes are."""

    RECEIVING = "receiving"
    STORED = "stored"
    DELETING = "deleting"
    DELETED = "deleted"


class StepState(StrEnum):
    """Where one step of the engine is."""

    WAITING = "waiting"
    STARTED = "started"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class StepProgress:
    """One step of the engine, as the page shows it."""

    name: str
    """One of ``STEPS``, or ``SET_STEP``."""
    state: StepState
    part: float | None = None
    """How much of it is done, 0 to 1, where that is known."""
    result: str | None = None
    """Its first figure, such as ``−7.8 LUFS``."""


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """One upload of an analysis."""

    id: UUID
    kind: FileKind
    name: str
    """What its owner called it; a display string, never a path."""
    format: str
    """``wav``, ``mp3``, ``flac``, ``aiff``, ``ogg`` or ``als``."""
    state: FileState
    declared_bytes: int
    received_bytes: int
    sha256: str
    created_at: datetime
    started_at: datetime | None
    """When its first byte came."""
    delete_after: datetime
    deleted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Analysis:
    """One run over a bounce and, perhaps, its Live set."""

    id: UUID
    account_id: UUID
    track_id: UUID
    track_name: str
    version: int
    """Which bounce of its track this is, from 1."""
    state: State
    target: str
    stage: str
    files: tuple[UploadedFile, ...]
    steps: tuple[StepProgress, ...]
    attempts: int
    failure_code: str
    """Why it failed, a code of ``FAILURES``; empty otherwise."""
    failure_sentence: str
    """The same for a person, with the way out."""
    can_retry: bool
    """Whether a retry may help: the file is still there and the fault was ours."""
    created_at: datetime
    queued_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    changed_at: datetime
    expires_at: datetime
    purpose: Purpose = Purpose.BOUNCE
    joined_to: UUID | None = None
    """The report that this Live set was added to; none for an analysis of its own."""

    @property
    def bounce(self) -> UploadedFile | None:
        """The mix of this analysis."""
        return next((file for file in self.files if file.kind is FileKind.BOUNCE), None)

    @property
    def live_set(self) -> UploadedFile | None:
        """The Live set of this analysis."""
        return next((file for file in self.files if file.kind is FileKind.LIVE_SET), None)

    @property
    def is_reference(self) -> bool:
        """Whether a target is learned from it."""
        return self.purpose is Purpose.REFERENCE

    @property
    def is_set_alone(self) -> bool:
        """Whether a Live set came without a bounce."""
        return self.bounce is None and self.live_set is not None


def may_move(now: State, then: State) -> bool:
    """Tell whether an analysis may go from one state to another."""
    return then in MOVES[now]


STEPS = ("decode", "loudness", "tone", "stereo", "rhythm", "tonality")
"""The engine's steps, in the order in which the page shows them."""

SET_STEP = "set"
"""Reading the Live set, before anything is measured: a set that cannot be read is told within a second."""


def steps_of(kinds: Collection[FileKind]) -> tuple[str, ...]:
    """Return the steps of a run over files of these kinds."""
    reading = (SET_STEP,) if FileKind.LIVE_SET in kinds else ()
    return (*reading, *STEPS) if FileKind.BOUNCE in kinds else reading


FAILURES = {
    "crashed": "Measuring stopped without a reason that we know.",
    "memory": "Measuring took more memory than it may.",
    "timed_out": "Measuring took longer than it may.",
    "overdue": "The file was kept for as long as it may be, and it is deleted now.",
    "lost": "The worker that measured this was gone three times.",
}


def failure_of(code: str) -> str:
    """Return the sentence of a failure of ours."""
    return f"{FAILURES[code]} Nothing was counted."


HEADLINE_PARTS = ("loudness", "rhythm", "tonality")
"""The parts of a report that its headline is made of."""


def headline_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the few figures of a report that lists show; what was not measured is none."""
    loudness = document.get("loudness") or {}
    rhythm = document.get("rhythm") or {}
    tonality = document.get("tonality") or {}
    return {
        "integrated_lufs": loudness.get("integrated_lufs"),
        "true_peak_dbtp": loudness.get("true_peak_dbtp"),
        "tempo_bpm": rhythm.get("tempo_bpm"),
        "key": tonality.get("key"),
    }
