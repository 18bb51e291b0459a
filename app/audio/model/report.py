"""The whole document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.audio.model.delivery import CodecPreview, Platform
from app.audio.model.dynamics import Dynamics
from app.audio.model.file import EngineFacts, FileFacts
from app.audio.model.loudness import Loudness
from app.audio.model.remarks import Note
from app.audio.model.rhythm import Rhythm
from app.audio.model.stereo import Stereo
from app.audio.model.structure import Structure
from app.audio.model.tonality import Tonality
from app.audio.model.tone import Spectrum

SCHEMA = "tracksensei-report/1"


@dataclass(frozen=True, slots=True)
class Report:
    """One document; `live_set`, `findings` and `scores` are filled by those who make them."""

    schema: str
    engine: EngineFacts
    file: FileFacts
    loudness: Loudness
    dynamics: Dynamics | None
    spectrum: Spectrum
    stereo: Stereo | None
    rhythm: Rhythm | None
    tonality: Tonality | None
    structure: Structure | None
    fingerprint: str | None
    codecs: list[CodecPreview] | None
    platforms: list[Platform] | None
    live_set: Any
    findings: Any
    scores: Any
    notes: list[Note]
