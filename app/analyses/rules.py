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
from typing import TYPE_CHECKING, Any, TypedDict
from uuid import UUID

from app.audio.formats import FORMATS, Format, format_of_name, recognise_unsupported, sniff
from app.kernel.errors import Invalid, TooLarge, UnsupportedFormat
from app.tracks.rules import display_name

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from app.audio.formats import Unsupported


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
    """``decode``, ``loudness``, ``tone``, ``stereo``, ``rhythm``, ``tonality``."""
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

    @property
    def bounce(self) -> UploadedFile | None:
        """The mix of this analysis."""
        return next((file for file in self.files if file.kind is FileKind.BOUNCE), None)

    @property
    def live_set(self) -> UploadedFile | None:
        """The Live set of this analysis."""
        return next((file for file in self.files if file.kind is FileKind.LIVE_SET), None)


def may_move(now: State, then: State) -> bool:
    """Tell whether an analysis may go from one state to another."""
    return then in MOVES[now]


@dataclass(frozen=True, slots=True)
class DeclaredFile:
    """A file that somebody says they will send."""

    kind: FileKind
    name: str
    format: Format
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Declaration:
    """What somebody wants measured."""

    bounce: DeclaredFile
    live_set: DeclaredFile | None
    track_id: UUID | None
    track_name: str
    target: str
    stage: str
    idempotency_key: str


def declared_file(kind: FileKind, name: str, size_bytes: int, *, max_bytes: int) -> DeclaredFile:
    """Check what is known of a file before its first byte.

    Raises
    ------
    UnsupportedFormat
        When its name promises nothing that is taken in this place.
    TooLarge, Invalid
        When it is larger than files may be, or empty.

    """
    shown = display_name(name)
    found = format_of_name(shown)
    if found is None or (found is Format.LIVE_SET) != (kind is FileKind.LIVE_SET):
        raise wrong_format(kind, shown, recognise_unsupported(b"", shown))
    if size_bytes <= 0:
        raise Invalid(f"{shown} is empty.", way_out="Bounce it again and drop it here.", code="empty")
    if size_bytes > max_bytes:
        raise TooLarge(
            f"{shown} is larger than {max_bytes // (1024 * 1024)} MB.",
            way_out="A FLAC of the same mix is about half the size of a WAV and measures the same.",
            code="too_large",
        )
    return DeclaredFile(kind=kind, name=shown, format=found, size_bytes=size_bytes)


def wrong_format(kind: FileKind, name: str, seen: Unsupported | None) -> UnsupportedFormat:
    """Say what a file is instead, and the way out."""
    if kind is FileKind.LIVE_SET:
        return UnsupportedFormat(
            f"{name} is no Ableton Live set.", way_out="Save the set in Live and drop its .als file.", code="format"
        )
    if seen is None:
        sentence, way_out = f"{name} is not a format that is measured.", "Bounce WAV, AIFF, FLAC, MP3 or OGG."
    else:
        sentence, way_out = f"{name} is {seen.label}.", seen.way_out
    return UnsupportedFormat(sentence, way_out=way_out, code="format")


def check_head(declared: Format, kind: FileKind, name: str, head: bytes) -> None:
    """Refuse a file whose first bytes are not what its name says.

    Raises
    ------
    UnsupportedFormat
        With what it is instead, where that can be told.

    """
    found = sniff(head)
    if found is declared:
        return
    if found is None or (found is Format.LIVE_SET) != (kind is FileKind.LIVE_SET):
        raise wrong_format(kind, name, recognise_unsupported(head, name))
    raise UnsupportedFormat(
        f"{name} holds {FORMATS[found].label}, not {FORMATS[declared].label} as its name says.",
        way_out=f"Rename it to end in {FORMATS[found].extensions[0]} and drop it again.",
        code="format",
    )


STEPS = ("decode", "loudness", "tone", "stereo", "rhythm", "tonality")
"""The engine's steps, in the order in which the page shows them."""

FAILURES = {
    "crashed": "Measuring stopped without a reason that we know.",
    "timed_out": "Measuring took longer than it may.",
    "overdue": "The file was kept for as long as it may be, and it is deleted now.",
    "lost": "The worker that measured this was gone three times.",
}


def failure_of(code: str) -> str:
    """Return the sentence of a failure of ours."""
    return f"{FAILURES[code]} Nothing was counted."


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


STAGES = ("master", "premaster")
TARGETS = ("general",)


class Choices(TypedDict):
    """What a person chose beside the files."""

    track_id: UUID | None
    track_name: str
    target: str
    stage: str


def read_choices(form: Mapping[str, str]) -> Choices:
    """Read the choices of an upload form; an unknown one is an error, not a guess.

    Raises
    ------
    Invalid
        When a choice is none of those offered.

    """
    target, stage, track = form.get("target") or TARGETS[0], form.get("stage") or STAGES[0], form.get("track", "")
    if target not in TARGETS or stage not in STAGES:
        raise Invalid("This target or stage is not offered.", way_out="Load the page again.", code="choice")
    try:
        track_id = UUID(track) if track else None
    except ValueError as error:
        raise Invalid("This track is not there.", way_out="Load the page again.", code="choice") from error
    return Choices(track_id=track_id, track_name=form.get("track_name", "")[:400], target=target, stage=stage)
