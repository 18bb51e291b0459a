"""A whole set as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.liveset.model.inventory import PluginUse, Sample
    from app.liveset.model.song import Locator, Scale, Scene, SignaturePoint, TempoPoint
    from app.liveset.model.tracks import Track


@dataclass(frozen=True, slots=True)
class SkippedClips:
    """Clips that are no part of the song: recorded takes, frozen renders, grooves."""

    take_lanes: int = 0
    freezes: int = 0
    grooves: int = 0


@dataclass(frozen=True, slots=True)
class LiveSet:
    """All that is read of one set.

    Attributes
    ----------
    version
        Live's version, such as "12.0.5"; `schema` is the document's own.
    tempo_bpm
        The tempo at the start; `tempo_field_bpm` is what the transport showed when it was saved.
    tempo_points
        The tempo's automation, from beat 0; one point where it never moves.
    in_key
        Live's switch of that name, which is no evidence of a key.
    arrangement_beats, arrangement_s
        End of the last clip of the arrangement; seconds as Live plays them.
    unknown
        Elements whose names this reader does not know, with how often: "Parent/Name" -> count.
    """

    creator: str
    version: str
    schema: str
    tempo_bpm: float
    tempo_field_bpm: float
    tempo_is_automated: bool
    tempo_points: tuple[TempoPoint, ...]
    time_signature: str
    signature_points: tuple[SignaturePoint, ...]
    scale: Scale | None
    in_key: bool | None
    loop_is_on: bool
    loop_start_beat: float
    loop_beats: float
    arrangement_beats: float
    arrangement_s: float
    tracks: tuple[Track, ...]
    locators: tuple[Locator, ...]
    scenes: tuple[Scene, ...]
    plugins: tuple[PluginUse, ...]
    samples: tuple[Sample, ...]
    skipped_clips: SkippedClips
    unknown: dict[str, int]
