"""Chords over time."""

from __future__ import annotations

import numpy as np
import pytest
from madmom.audio.chroma import DeepChromaProcessor
from madmom.audio.signal import Signal
from madmom.features.chords import DeepChromaChordRecognitionProcessor

from app.audio.chords import ChordReadings, HarmonyReadings, find_chords, measure_chords
from tests.unit.audio.signals import Floats, chords, drum_loop, noise
from tests.unit.audio.test_rhythm import listen
from tests.unit.audio.test_tonality import spectra_of

BEAT_S = 0.5
SHAPES = {"major": (0, 4, 7), "minor": (0, 3, 7)}
PROGRESSIONS = (
    ("C major", "G major", "A minor", "F major"),
    ("A minor", "D minor", "E major", "A minor"),
    ("F minor", "Db major", "Ab major", "Eb major"),
    ("Bb minor", "F# major", "C# minor", "B major"),
    ("E minor", "C major", "D major", "G# minor"),
)
PITCHES = {"C": 0, "C#": 1, "Db": 1, "D": 2, "D#": 3, "Eb": 3, "E": 4, "F": 5, "F#": 6, "G": 7, "G#": 8, "Ab": 8}
PITCHES |= {"A": 9, "Bb": 10, "B": 11}


def notes_of(name: str) -> list[int]:
    """A bass note and a triad over it."""
    root, shape = name.split()
    return [36 + PITCHES[root], *(60 + PITCHES[root] + step for step in SHAPES[shape])]


def harmony_of(signal: Floats, *, models: bool) -> HarmonyReadings:
    """Hear the chords of a signal with a beat every half second."""
    seconds = len(signal) / 44_100
    features = listen(signal).pitch_features if models else None
    return measure_chords(spectra_of(signal).windows, features, np.arange(0.0, seconds, BEAT_S), seconds)


def part_right(found: tuple[ChordReadings, ...], names: tuple[str, ...], seconds_each: float) -> float:
    """Part of the time at which the right chord is named."""
    middles_s = (np.arange(len(names) * 20) + 0.5) * seconds_each / 20
    right = [
        any(
            chord.start_s <= time_s < chord.end_s and chord.name == names[int(time_s / seconds_each)] for chord in found
        )
        for time_s in middles_s
    ]
    return float(np.mean(right))


@pytest.mark.parametrize("models", [True, False])
@pytest.mark.parametrize("names", PROGRESSIONS, ids=" ".join)
def test_four_chords_under_drums(names: tuple[str, ...], *, models: bool) -> None:
    """Nine tenths of the time at least carry the right name, with and without the networks."""
    names *= 2
    signal = chords([notes_of(name) for name in names], 2.0)
    signal += 0.3 * drum_loop(120.0, len(signal) / 44_100)
    assert part_right(harmony_of(signal, models=models).chords, names, 2.0) >= 0.9


@pytest.mark.parametrize("models", [True, False])
def test_drums_and_noise_have_no_chord(*, models: bool) -> None:
    """A tenth of the time at most is taken for a chord."""
    for signal in (drum_loop(120.0, 12.0), noise(12.0, 44_100)):
        sounding_s = sum(chord.end_s - chord.start_s for chord in harmony_of(signal, models=models).chords)
        assert sounding_s <= 1.2


def test_the_stock_chords_are_those_of_madmom() -> None:
    """Same bounds and same chords as its own chain, in our spelling."""
    signal = chords([notes_of(name) for name in PROGRESSIONS[3]], 2.0)
    theirs = DeepChromaChordRecognitionProcessor()(
        DeepChromaProcessor()(Signal(signal.astype(np.float32), sample_rate=44_100))
    )
    sounding = [(start, end, label) for start, end, label in theirs if label != "N"]
    stock = harmony_of(signal, models=True).stock
    assert stock is not None
    assert [chord.start_s for chord in stock] == pytest.approx([float(start) for start, _, _ in sounding])
    assert [chord.end_s for chord in stock] == pytest.approx([float(end) for _, end, _ in sounding])
    for chord, (_, _, label) in zip(stock, sounding, strict=True):
        (root, mode), (their_root, their_mode) = chord.name.split(), label.split(":")
        assert mode.startswith(their_mode)
        sharps = {"A#": "Bb"}
        assert PITCHES[root] == PITCHES[sharps.get(their_root, their_root)]


def test_silence_and_one_frame_have_defined_answers() -> None:
    """Nothing sounds, so nothing is named; a file of less than a beat is one stretch."""
    assert find_chords(np.zeros((20, 12)), np.arange(20) / 10, np.empty(0), 2.0, 0.0) == ()
    triad = np.zeros((1, 12))
    triad[0, [0, 4, 7]] = 1.0
    assert find_chords(triad, np.array([0.0]), np.empty(0), 0.1, 0.0) == (ChordReadings(0.0, 0.1, "C major"),)
