"""Scales, ticks, thinning and paths of the charts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.html.charts import (
    LevelScale,
    beyond,
    level_scale,
    path,
    percent,
    place,
    quiet_place,
    thin,
    thin_extremes,
    times,
)

levels = st.lists(st.none() | st.floats(-70, 6, allow_subnormal=False), min_size=1, max_size=200)


@given(levels, st.sampled_from([30.0, 60.0]))
def test_a_scale_holds_its_loudest_value_and_at_most_five_lines(values: list[float | None], most: float) -> None:
    """Nothing rises over the top, and the grid stays sparse."""
    scale = level_scale(values, 200, most=most)
    known = [value for value in values if value is not None]
    assert scale.low < scale.high
    assert not known or max(known) <= scale.high
    lines = scale.lines("LUFS")
    assert 2 <= len(lines) <= 5
    assert lines[-1].is_base


def test_only_the_uppermost_line_names_the_unit() -> None:
    """The unit stands once, and the base line is the lowest."""
    lines = LevelScale(-24, 0, 240, 6).lines("LUFS")
    assert [line.label for line in lines] == ["0 LUFS", "−6", "−12", "−18", "−24"]
    assert [line.is_base for line in lines] == [False, False, False, False, True]


def test_a_value_under_the_scale_is_drawn_at_its_edge() -> None:
    """Silence does not leave the plot."""
    scale = LevelScale(-24, 0, 240, 6)
    assert scale.y(-70) == 240
    assert scale.y(-12) == 120


@pytest.mark.parametrize("duration_s", [0.5, 7.0, 42.0, 342.3, 900.0])
def test_times_are_round_and_few(duration_s: float) -> None:
    """A time axis has few round marks, all inside the track."""
    marks = times(duration_s)
    assert 1 <= len(marks) <= 13
    assert marks[0].at == "0%"
    assert all(float(mark.at.rstrip("%")) <= 100 for mark in marks)


@given(levels, st.integers(2, 50))
def test_thinning_never_exceeds_its_limit(values: list[float | None], most: int) -> None:
    """However long a track is, its curve has so many points at most."""
    assert len(thin(values, most)) <= max(most, 1)
    assert len(thin_extremes(values, most)) <= max(most, 1)


@given(st.lists(st.floats(-70, 6), min_size=60, max_size=300))
def test_thinning_by_extremes_keeps_every_peak(values: list[float]) -> None:
    """The loudest and the quietest reading survive."""
    kept = thin_extremes(values, 20)
    assert max(value for value in kept if value is not None) == max(values)
    assert min(value for value in kept if value is not None) == min(values)


def test_a_missing_reading_breaks_the_line() -> None:
    """A gap is a gap, not a bridge."""
    drawn = path([-12.0, None, -12.0, 0.0], LevelScale(-24, 0, 240, 6))
    assert drawn == "M0 120M667 120L1000 0"


def test_a_name_stands_where_the_curve_is_far() -> None:
    """The label of a level avoids the curve that crosses it."""
    values = [-12.0] * 50 + [-24.0] * 50
    assert quiet_place(values, -12.0, LevelScale(-24, 0, 240, 6)) in {"90%", "70%", "80%"}


def test_percentages_are_short() -> None:
    """A percentage has no needless digits."""
    assert percent(0.5) == "50%"
    assert percent(1 / 3) == "33.33%"
    assert place(2.0, -1.0, 1.0) == "100%"


def test_what_leaves_an_edge_is_cut_where_the_lines_cross() -> None:
    """The area begins and ends on the edge, between the readings."""
    scale = LevelScale(0.0, 10.0, 100, 5)
    area = beyond([0.0, 10.0, 20.0], [4.0, 8.0, 4.0], [6.0, 6.0, 6.0], scale, is_over=True)
    assert area == "M5 40L10 20L15 40L15 40L10 40L5 40Z"
    assert beyond([0.0, 10.0], [4.0, 5.0], [6.0, 6.0], scale, is_over=True) == ""
    assert beyond([0.0, 10.0], [None, 9.0], [6.0, None], scale, is_over=True) == ""


@given(levels, st.booleans())
def test_areas_beyond_an_edge_never_fail(values: list[float | None], is_over: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
    """Whatever is missing, a path or nothing comes out."""
    places = [float(index) for index in range(len(values))]
    drawn = beyond(places, values, [-20.0] * len(values), LevelScale(-70.0, 6.0, 200, 12), is_over=is_over)
    assert drawn == "" or (drawn[0], drawn[-1]) == ("M", "Z")
