"""Beats, bars and tempo; equal to madmom's own where its steps were replaced."""

from __future__ import annotations

import numpy as np
import pytest
from madmom.audio.signal import Signal
from madmom.features.downbeats import DBNDownBeatTrackingProcessor, RNNDownBeatProcessor
from madmom.features.key import CNNKeyRecognitionProcessor

from app.audio import neural
from app.audio.aside import Aside
from app.audio.downbeats import decode_bars
from app.audio.meters import MonoListeners
from app.audio.onsets import untrained_activations
from app.audio.rhythm import RhythmReadings, fit_line, measure_rhythm, tempo_stretches, without_slips
from tests.unit.audio.signals import Floats, blocks, chords, drum_loop, noise, sine


def listen(signal: Floats, *, block: int = 65_536) -> MonoListeners:
    """Feed a mono signal at 44.1 kHz to the listeners."""
    listeners = MonoListeners(neural.SAMPLE_RATE_HZ)
    for piece in blocks(signal, block):
        listeners.add(piece[:, 0])
    listeners.finish()
    return listeners


def activations_of(signal: Floats) -> np.ndarray:
    """What the networks hear."""
    return ask_networks(listen(signal).beat_features)


def ask_networks(features: np.ndarray) -> np.ndarray:
    """Activations, with the second thread."""
    with Aside() as aside:
        return neural.DownbeatActivations(features, aside).answer()


def rhythm_of(signal: Floats, *, is_noise: bool = False, models: bool = True) -> RhythmReadings | None:
    """Ask the networks, or plain onsets."""
    features = listen(signal).beat_features
    heard = ask_networks(features) if models else untrained_activations(features)
    return measure_rhythm(features, heard, is_noise=is_noise)


@pytest.fixture(scope="module")
def loop() -> Floats:
    """Twelve seconds of drums at 128 BPM with a chord."""
    return drum_loop(128.0, 12.0) + np.resize(chords([[57, 60, 64]], 2.0), 12 * 44_100)


def test_the_features_equal_madmoms(loop: Floats) -> None:
    """Block by block in float32 they are the same to a few parts in a million."""
    stock = np.asarray(RNNDownBeatProcessor().processors[0](Signal(loop.astype(np.float32), 44_100)))
    ours = listen(loop, block=10_007).beat_features
    assert ours.shape == stock.shape
    assert np.abs(ours - stock).max() < 1e-5


def test_the_key_answer_equals_madmoms(loop: Floats) -> None:
    """The features and the network give madmom's probabilities."""
    stock = np.asarray(CNNKeyRecognitionProcessor()(Signal(loop.astype(np.float32), 44_100)))
    ours = neural.key_probabilities(listen(loop, block=10_007).pitch_features)
    assert np.abs(ours - stock.ravel()).max() < 1e-5


def test_the_bars_equal_madmoms(loop: Floats) -> None:
    """The search over beat entries finds the path that the dense trellis finds."""
    stock = DBNDownBeatTrackingProcessor(beats_per_bar=[3, 4], fps=100)
    heard = activations_of(loop)
    assert np.array_equal(decode_bars(heard), stock(heard))


@pytest.mark.parametrize("seed", range(8))
def test_the_bars_equal_madmoms_on_any_activations(seed: int) -> None:
    """Random activations, bars of three and four, tempo changes, short pieces."""
    random = np.random.default_rng(seed)
    frames = int(random.integers(60, 900))
    heard = random.uniform(0.001, 0.06, (frames, 2)).astype(np.float32)
    position, beat, beats_per_bar = 0.0, 0, 3 + seed % 2
    while position < frames:
        heard[int(position), 1 if beat % beats_per_bar == 0 else 0] = random.uniform(0.3, 0.9)
        position += random.uniform(40, 60) if frames < 500 else 50 + 10 * (position > frames / 2)
        beat += 1
    stock = DBNDownBeatTrackingProcessor(beats_per_bar=[3, 4], fps=100)
    assert np.array_equal(decode_bars(heard), stock(heard))


def test_silence_has_no_bars() -> None:
    """Nothing over the threshold, no beats."""
    assert decode_bars(np.full((500, 2), 0.01, dtype=np.float32)).shape == (0, 2)


@pytest.mark.parametrize("models", [True, False], ids=["networks", "onsets"])
@pytest.mark.parametrize("tempo_bpm", [90.0, 110.0, 128.0, 150.0])
def test_the_tempo_of_drums(tempo_bpm: float, *, models: bool) -> None:
    """Twenty seconds of a plain beat give its tempo to a tenth of a BPM."""
    rhythm = rhythm_of(drum_loop(tempo_bpm, 20.0), models=models)
    assert rhythm is not None
    assert rhythm.tempo_bpm == pytest.approx(tempo_bpm, abs=0.1)
    assert rhythm.beats.beats_per_bar == 4
    assert rhythm.stability > 0.9
    assert 0.5 < rhythm.confidence < 1.0


@pytest.mark.parametrize("tempo_bpm", [76.0, 178.0])
def test_half_or_double_is_named_where_either_may_be_meant(tempo_bpm: float) -> None:
    """A plain beat far from two a second may be felt twice as fast or slow."""
    rhythm = rhythm_of(drum_loop(tempo_bpm, 20.0))
    assert rhythm is not None
    readings = [level.tempo_bpm for level in rhythm.levels]
    assert min(abs(reading / tempo_bpm - 1.0) for reading in readings) < 0.002


def test_the_line_is_finer_than_the_frames() -> None:
    """Beats rounded to hundredths still give 109.97, and one slip does not bend it."""
    beats_s = np.round(np.arange(60) * 60.0 / 109.97, 2)
    assert fit_line(beats_s).tempo_bpm == pytest.approx(109.97, abs=0.02)
    assert fit_line(np.delete(beats_s, 20)).tempo_bpm == pytest.approx(109.97, abs=0.02)


def test_a_change_of_tempo_is_two_stretches() -> None:
    """Forty beats at 120, then forty at 100: the corner and both tempi."""
    first = np.arange(0.0, 20.0, 0.5)
    beats_s = np.concatenate((first, first[-1] + np.arange(1.0, 41.0) * 0.6))
    stretches = tempo_stretches(beats_s)
    assert [round(stretch.tempo_bpm, 1) for stretch in stretches] == [120.0, 100.0]
    assert stretches[0].end_s == pytest.approx(first[-1], abs=0.6)
    assert len(tempo_stretches(first)) == 1


def beats_with_a_break(break_s: float, beats_in_break: int) -> Floats:
    """Two minutes at 120, in whose middle the tracker counts what it likes."""
    before = np.arange(100) * 0.5
    slip = before[-1] + np.arange(1, beats_in_break) * break_s / beats_in_break
    return np.concatenate((before, slip, before[-1] + break_s + np.arange(100) * 0.5))


@pytest.mark.parametrize("beats_in_break", [8, 9, 11])
def test_a_slip_in_a_break_is_no_other_tempo(beats_in_break: int) -> None:
    """Beats that come back to the same grid within two bars leave one stretch of one tempo."""
    beats_s = beats_with_a_break(3.0, beats_in_break)
    assert len(tempo_stretches(beats_s)) > 1
    kept_s = without_slips(beats_s)
    assert len(kept_s) == 200
    (whole,) = tempo_stretches(kept_s)
    assert whole.tempo_bpm == pytest.approx(120.0, abs=0.01)


@pytest.mark.parametrize(("break_s", "beats_in_break"), [(3.2, 8), (12.0, 32)], ids=["another grid", "too long"])
def test_what_comes_back_late_or_elsewhere_is_another_tempo(break_s: float, beats_in_break: int) -> None:
    """A grid moved by a fifth of a second, or one that is away for twelve seconds."""
    beats_s = beats_with_a_break(break_s, beats_in_break)
    assert np.array_equal(without_slips(beats_s), beats_s)


@pytest.mark.parametrize(
    ("signal", "is_noise"),
    [
        (noise(10.0, 44_100), True),
        (sine(440.0, 10.0, 44_100, peak=0.3), False),
        (np.zeros(441_000), False),
    ],
    ids=["noise", "tone", "silence"],
)
def test_what_has_no_beat_has_no_tempo(signal: Floats, *, is_noise: bool) -> None:
    """The networks always answer something; it is not passed on."""
    assert rhythm_of(signal, is_noise=is_noise) is None
