"""Sections of made tracks whose form is known."""

from __future__ import annotations

import numpy as np
import pytest

from app.audio.meters import Meters
from app.audio.structure import SectionReadings, find_cuts, measure_structure
from tests.unit.audio.signals import Floats, blocks, chords, drum_loop, noise

RATE_HZ = 44_100

FORMS = [
    [(8, "p"), (8, "kp"), (16, "kpbh"), (8, "p"), (16, "kpbh"), (8, "kp")],
    [(8, "k"), (16, "kb"), (8, "p"), (4, "ph"), (16, "kbph"), (8, "k")],
    [(16, "kh"), (16, "khb"), (8, "p"), (16, "khbp"), (16, "kh")],
    [(4, "p"), (8, "kb"), (8, "kbp"), (8, "kb"), (8, "kbp"), (4, "p")],
    [(8, "h"), (8, "hk"), (8, "hkb"), (8, "hkbp"), (8, "p"), (8, "hkbp")],
    [(8, "bp"), (16, "kbph"), (8, "bp"), (16, "kbph"), (8, "bp")],
    [(16, "kp"), (8, "p"), (16, "kpb"), (8, "h"), (16, "kpb")],
    [(8, "p"), (8, "pb"), (16, "pbk"), (16, "pbkh"), (8, "p")],
    [(12, "kb"), (12, "kbh"), (12, "p"), (12, "kbhp")],
    [(8, "kh"), (8, "khp"), (8, "khb"), (8, "p"), (16, "khbp"), (8, "kh")],
]


def made_track(form: list[tuple[int, str]], tempo_bpm: float) -> tuple[Floats, Floats, Floats]:
    """Layers that come and go: k drums, b bass, p pad, h noise on the off-beats.

    Returns
    -------
    signal, downbeats_s, bounds_s
    """
    bar_s = 240.0 / tempo_bpm
    bars = sum(length for length, _ in form)
    frames = round(bars * bar_s * RATE_HZ)
    time_s = np.arange(frames) / RATE_HZ
    pad = chords([[57, 60, 64, 67], [53, 57, 60, 64], [48, 55, 60, 64], [55, 59, 62, 67]], bar_s)
    step = (time_s / (bar_s / 8)).astype(np.int64)
    root_hz = np.array([55.0, 43.65, 65.41, 49.0])[(time_s / bar_s).astype(np.int64) % 4]
    layers = {
        "k": drum_loop(tempo_bpm, frames / RATE_HZ + 0.1)[:frames],
        "b": 0.25 * np.sin(2 * np.pi * np.cumsum(root_hz) / RATE_HZ) * (step % 2),
        "p": np.resize(pad, frames),
        "h": noise(frames / RATE_HZ + 0.1, RATE_HZ, rms=0.05)[:frames] * (step % 2),
    }
    bounds = np.cumsum([0, *(length for length, _ in form)])
    signal = noise(frames / RATE_HZ + 0.1, RATE_HZ, rms=1e-4)[:frames]
    for (_, names), first, last in zip(form, bounds[:-1], bounds[1:], strict=True):
        part = slice(round(first * bar_s * RATE_HZ), round(last * bar_s * RATE_HZ))
        for name in names:
            signal[part] += layers[name][part]
    return signal, np.arange(float(bars)) * bar_s, bounds * bar_s


def sections_of(signal: Floats, downbeats_s: Floats) -> tuple[SectionReadings, ...]:
    """Sections, with the bars given."""
    meters = Meters(RATE_HZ, 1)
    for block in blocks(signal):
        meters.add(block)
    meters.finish()
    return measure_structure(
        meters.spectra.spectra().windows,
        meters.listened().beat_features,
        meters.loudness.power(),
        downbeats_s,
    )


def test_bounds_of_ten_made_tracks() -> None:
    """Within a bar, none missing and none too many, on nine of ten at least."""
    right = 0
    for place, form in enumerate(FORMS):
        tempo_bpm = 118.0 + 4 * place
        signal, downbeats_s, bounds_s = made_track(form, tempo_bpm)
        sections = sections_of(signal, downbeats_s)
        found_s = np.array([section.start_s for section in sections[1:]])
        bar_s = 240.0 / tempo_bpm
        near = len(found_s) == len(bounds_s) - 2 and np.abs(found_s - bounds_s[1:-1]).max() <= 1.001 * bar_s
        right += bool(near)
    assert right >= 9


def test_names_follow_bass_and_energy() -> None:
    """Pad, full, pad, full, pad: an intro, drops after thin parts, a break, an outro."""
    form = [(8, "p"), (16, "kpbh"), (8, "p"), (16, "kpbh"), (8, "p")]
    signal, downbeats_s, _ = made_track(form, 126.0)
    sections = sections_of(signal, downbeats_s)
    assert [section.label for section in sections] == ["intro", "drop", "break", "drop", "outro"]
    assert sections[1].energy == pytest.approx(1.0, abs=0.05)
    assert sections[2].energy < 0.8
    assert sections[1].loudness_lufs is not None


def test_sections_without_evidence_get_letters() -> None:
    """Two grooves with the same bass in turn are A B A B."""
    form = [(8, "kb"), (8, "kbhp"), (8, "kb"), (8, "kbhp")]
    signal, downbeats_s, _ = made_track(form, 120.0)
    labels = [section.label for section in sections_of(signal, downbeats_s)]
    assert labels == ["A", "B", "A", "B"]


def test_one_groove_is_one_section() -> None:
    """Nothing changes, nothing is cut."""
    signal, downbeats_s, _ = made_track([(24, "kbp")], 124.0)
    assert len(sections_of(signal, downbeats_s)) == 1


def test_a_short_piece_has_no_sections() -> None:
    """Under eight bars nothing is claimed."""
    signal, downbeats_s, _ = made_track([(6, "kb")], 124.0)
    assert sections_of(signal, downbeats_s) == ()


def test_a_round_of_chords_is_no_section() -> None:
    """Bars that differ from each other in rounds of four are cut only where the round changes."""
    random = np.random.default_rng(0)
    rounds = np.tile(5.0 * random.standard_normal((4, 6)), (6, 1))
    rounds[13:] += 6.0
    assert find_cuts(rounds) == [0, 13, 24]
