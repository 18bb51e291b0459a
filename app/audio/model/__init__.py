"""The report as data: every name that the JSON document has, and nothing else.

What could not be measured is None and has its reason under `notes`; a number is never NaN and
never a guess. Numbers carry their unit in the name: _s seconds, _hz hertz, _db decibels, _lufs,
_lu, _dbtp, _dbfs, _bpm.
"""

from __future__ import annotations

from app.audio.model.delivery import CodecPreview, Platform
from app.audio.model.dynamics import Clipping, Dynamics, Faults, Hum, Silence
from app.audio.model.encoding import encode
from app.audio.model.file import EngineFacts, FileFacts, TimeRange
from app.audio.model.loudness import Loudness, LoudnessTimeline
from app.audio.model.remarks import Note, NoteCode
from app.audio.model.report import SCHEMA, Report
from app.audio.model.rhythm import Rhythm, StockRhythm, TempoAlternative, TempoSegment
from app.audio.model.stereo import Stereo, StereoBand, StereoTimeline
from app.audio.model.structure import Section, Structure
from app.audio.model.tonality import Chord, KeyAlternative, StockTonality, Tonality
from app.audio.model.tone import Resonance, Spectrum, ThirdOctaves, ToneBand, ToneTimeline

__all__ = [
    "SCHEMA",
    "Chord",
    "Clipping",
    "CodecPreview",
    "Dynamics",
    "EngineFacts",
    "Faults",
    "FileFacts",
    "Hum",
    "KeyAlternative",
    "Loudness",
    "LoudnessTimeline",
    "Note",
    "NoteCode",
    "Platform",
    "Report",
    "Resonance",
    "Rhythm",
    "Section",
    "Silence",
    "Spectrum",
    "Stereo",
    "StereoBand",
    "StereoTimeline",
    "StockRhythm",
    "StockTonality",
    "Structure",
    "TempoAlternative",
    "TempoSegment",
    "ThirdOctaves",
    "TimeRange",
    "Tonality",
    "ToneBand",
    "ToneTimeline",
    "encode",
]
