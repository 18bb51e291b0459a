"""The file itself, the engine that read it, and a stretch of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """Which engine measured."""

    version: str


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What the file is; `duration_s` by the frames that were read."""

    name: str
    format: str
    codec: str
    duration_s: float
    sample_rate_hz: int
    channels: int
    bit_depth: int | None
    sha256: str


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A stretch of the file."""

    start_s: float
    end_s: float
