"""Figures as the pages print them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.html import numbers

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (-7.83, 1, "−7.8"),
        (0.62, 1, "0.6"),
        (-0.04, 1, "0.0"),
        (12345.0, 0, "12\N{NO-BREAK SPACE}345"),
        (None, 1, "not measured"),
    ],
)
def test_fixed_uses_a_real_minus_and_fixed_decimals(value: float | None, decimals: int, text: str) -> None:
    """A figure has its decimals, its minus, or says that it is none."""
    assert numbers.fixed(value, decimals) == text


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_figure_is_not_measured(value: float) -> None:
    """Nan and infinity never reach a page."""
    assert numbers.fixed(value) == numbers.UNMEASURED
    assert numbers.clock(value) == numbers.UNMEASURED


@pytest.mark.parametrize(
    ("value", "text"), [(0.62, "+0.6"), (-1.0, "−1.0"), (0.01, "0.0"), (-0.01, "0.0"), (None, "not measured")]
)
def test_signed_shows_the_sign_but_of_zero(value: float | None, text: str) -> None:
    """Zero has no sign."""
    assert numbers.signed(value) == text


@given(st.floats(allow_nan=True, allow_infinity=True), st.integers(0, 3))
def test_no_figure_holds_a_hyphen(value: float, decimals: int) -> None:
    """The minus is U+2212 for every value."""
    assert "-" not in numbers.fixed(value, decimals)
    assert "-" not in numbers.signed(value, decimals)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0, "0:00"), (342.3, "5:42"), (59.6, "1:00"), (3723.0, "1:02:03"), (None, "not measured")]
)
def test_clock_writes_minutes_and_seconds(seconds: float | None, text: str) -> None:
    """A place in a track reads as m:ss."""
    assert numbers.clock(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (48_200_000, "48.2 MB"),
        (999_990, "1.0 MB"),
        (3_000_000_000, "3.0 GB"),
    ],
)
def test_byte_size_chooses_a_unit(count: int, text: str) -> None:
    """A size never has four digits before the point."""
    assert numbers.byte_size(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "0 s"),
        (9.0, "9 s"),
        (80.0, "1 min 20 s"),
        (120.0, "2 min"),
        (7500.0, "2 h 5 min"),
        (7200.0, "2 h"),
        (-3.0, "0 s"),
    ],
)
def test_duration_names_its_units(seconds: float, text: str) -> None:
    """A length of time is read without counting."""
    assert numbers.duration(seconds) == text


def test_moments_are_in_utc() -> None:
    """A moment of another zone is told in UTC."""
    at = datetime.fromisoformat("2026-11-24T14:41:00+01:00")
    assert numbers.moment(at) == "24 Nov, 13:41 UTC"
    assert numbers.day(at) == "24 Nov 2026"


@pytest.mark.parametrize(
    ("left", "text"),
    [
        (timedelta(days=29, hours=23, minutes=59), "29 d 23 h"),
        (timedelta(hours=23, minutes=35), "23 h 35 min"),
        (timedelta(minutes=12), "12 min"),
        (timedelta(seconds=12), "under a minute"),
        (timedelta(seconds=-12), "under a minute"),
    ],
)
def test_time_left_gets_finer_towards_the_end(left: timedelta, text: str) -> None:
    """A countdown shows its two largest units."""
    assert numbers.time_left(NOON + left, NOON) == text
