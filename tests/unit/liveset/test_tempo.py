"""Beats to seconds."""

from __future__ import annotations

import math

import pytest

from app.liveset.model.song import TempoPoint
from app.liveset.tempo import TempoMap

BEFORE = -63072000.0


def test_a_constant_tempo_is_a_multiplication() -> None:
    """Two beats at 120 last a second, by either method."""
    tempo_map = TempoMap.of([TempoPoint(0.0, 120.0)])
    assert tempo_map.seconds_exactly(2) == tempo_map.seconds_as_played(2) == 1.0


def test_a_ramp_is_integrated() -> None:
    """60 d / (b2 - b1) ln(b2 / b1)."""
    tempo_map = TempoMap.of([TempoPoint(0.0, 60.0), TempoPoint(4.0, 120.0)])
    assert tempo_map.seconds_exactly(4) == pytest.approx(4 * math.log(2))
    assert tempo_map.seconds_exactly(6) == pytest.approx(4 * math.log(2) + 1)


def test_live_plays_a_ramp_in_sixteenths() -> None:
    """Each sixteenth has the tempo of its start."""
    tempo_map = TempoMap.of([TempoPoint(0.0, 60.0), TempoPoint(1.0, 120.0)])
    assert tempo_map.seconds_as_played(1) == pytest.approx(0.25 * sum(60 / tempo for tempo in (60, 75, 90, 105)))


def test_a_step_takes_its_second_value() -> None:
    """Two points at one beat are a step."""
    tempo_map = TempoMap.of([TempoPoint(0.0, 60.0), TempoPoint(4.0, 60.0), TempoPoint(4.0, 120.0)])
    assert tempo_map.seconds_exactly(8) == tempo_map.seconds_as_played(8) == pytest.approx(6.0)


def test_the_first_point_of_the_song_holds_from_its_beginning() -> None:
    """What stands before the song is no start of a ramp of years."""
    tempo_map = TempoMap.of([TempoPoint(BEFORE, 60.0), TempoPoint(4.0, 90.0), TempoPoint(8.0, 120.0)])
    assert tempo_map.start_bpm == 90.0
