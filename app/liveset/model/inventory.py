"""What a set needs beside itself: samples and plug-ins."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.liveset.model.devices import DeviceKind


class Place(StrEnum):
    """Where a sample lies, as far as a set alone can tell."""

    PROJECT = "project"
    OUTSIDE = "outside"
    PACK = "pack"
    LIBRARY = "library"
    BUILT_IN = "built_in"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Sample:
    """A sound file that the set plays.

    `length_s` is that of the file, by its frames and rate; `uses` counts clips and zones.
    """

    name: str
    place: Place
    pack: str
    size_bytes: int | None
    frames: int | None
    sample_rate_hz: int | None
    length_s: float | None
    uses: int


@dataclass(frozen=True, slots=True)
class PluginUse:
    """A plug-in that a collaborator must own, how often it stands in the set, and on which tracks."""

    name: str
    maker: str
    kind: DeviceKind
    count: int
    tracks: tuple[int, ...]
