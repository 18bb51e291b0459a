"""From readings of rhythm and tonality to the parts of the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.audio.confidence import key_confidence
from app.audio.model import (
    Chord,
    KeyAlternative,
    NoteCode,
    Rhythm,
    Section,
    StockRhythm,
    StockTonality,
    Structure,
    TempoAlternative,
    TempoSegment,
    Tonality,
)
from app.audio.tonality import camelot

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.audio.chords import ChordReadings, HarmonyReadings
    from app.audio.notes import Notes
    from app.audio.rhythm import Beats, RhythmReadings
    from app.audio.structure import SectionReadings
    from app.audio.tonality import KeyReadings

_KEY_ALTERNATIVES = 3


def rhythm_part(readings: RhythmReadings | None, notes: Notes, *, models: bool) -> Rhythm | None:
    """Rhythm; None where no beat was heard."""
    if readings is None:
        notes.add("rhythm", NoteCode.NOT_HEARD, "No steady beat was heard.")
        return None
    if not models:
        notes.add("rhythm.madmom", NoteCode.MODELS_OFF, "The trained models are switched off.")
    beats = readings.beats
    return Rhythm(
        tempo_bpm=readings.tempo_bpm,
        confidence=readings.confidence,
        alternatives=_tempo_alternatives(readings),
        beats_s=beats.beats_s.tolist(),
        downbeats_s=beats.downbeats_s.tolist(),
        meter=_meter(beats),
        stability=readings.stability,
        drift_s=readings.drift_s,
        tempo_segments=[
            TempoSegment(stretch.start_s, stretch.end_s, stretch.tempo_bpm) for stretch in readings.stretches
        ],
        madmom=_stock(readings.stock) if models else None,
    )


def tonality_part(
    key: KeyReadings | None, harmony: HarmonyReadings, tuning_hz: float | None, notes: Notes
) -> Tonality | None:
    """Tonality; None where no key stands out."""
    if key is None:
        notes.add("tonality", NoteCode.NOT_HEARD, "No key stands out.")
        return None
    if not harmony.chords:
        notes.add("tonality.chords", NoteCode.NOT_HEARD, "No chord stands out.")
    if tuning_hz is None:
        notes.add("tonality.tuning_hz", NoteCode.NOT_HEARD, "The tones share no tuning.")
    if key.network_key is None:
        notes.add("tonality.madmom", NoteCode.MODELS_OFF, "The trained models are switched off.")
    others = list(zip(key.names, key.weights.tolist(), strict=True))[1:]
    return Tonality(
        key=key.names[0],
        camelot=camelot(key.names[0]),
        confidence=key_confidence(float(key.weights[0])),
        alternatives=[KeyAlternative(name, camelot(name), weight) for name, weight in others[:_KEY_ALTERNATIVES]],
        tuning_hz=tuning_hz,
        chords=_chords(harmony.chords) or None,
        madmom=_stock_tonality(key.network_key, harmony),
    )


def structure_part(sections: tuple[SectionReadings, ...], notes: Notes) -> Structure | None:
    """The arrangement; None for a piece of a few bars."""
    if not sections:
        notes.add("structure", NoteCode.TOO_SHORT, "Sections need eight bars at least.")
        return None
    levels = [part.loudness_lufs for part in sections if part.loudness_lufs is not None]
    return Structure(
        sections=[Section(part.start_s, part.end_s, part.label, part.energy, part.loudness_lufs) for part in sections],
        contrast_db=max(levels) - min(levels) if levels else None,
    )


def _tempo_alternatives(readings: RhythmReadings) -> list[TempoAlternative]:
    """Half and double, and the other reading of a pulse in threes where there is one."""
    tempo_bpm = readings.tempo_bpm
    alternatives = [
        TempoAlternative(tempo_bpm / 2, "half"),
        TempoAlternative(tempo_bpm * 2, "double"),
    ]
    for level in readings.levels[1:]:
        ratio = level.tempo_bpm / tempo_bpm
        if min(abs(ratio / known - 1.0) for known in (0.5, 1.0, 2.0)) > 0.02:
            relation = "three quarters" if ratio < 1.0 else "four thirds"
            alternatives.append(TempoAlternative(level.tempo_bpm, relation))
    return alternatives


def _stock(beats: Beats) -> StockRhythm:
    return StockRhythm(
        tempo_bpm=beats.tempo_bpm,
        meter=_meter(beats),
        beats_s=beats.beats_s.tolist(),
        downbeats_s=beats.downbeats_s.tolist(),
    )


def _stock_tonality(network_key: str | None, harmony: HarmonyReadings) -> StockTonality | None:
    if network_key is None:
        return None
    return StockTonality(network_key, None if harmony.stock is None else _chords(harmony.stock))


def _chords(readings: Iterable[ChordReadings]) -> list[Chord]:
    return [Chord(reading.start_s, reading.end_s, reading.name) for reading in readings]


def _meter(beats: Beats) -> str:
    return f"{beats.beats_per_bar}/4"
