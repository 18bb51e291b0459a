"""Where in a track its tone goes beyond a limit, from the levels of the bands each second.

What is missing has no place of its own: places are given for what is too much.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.advice.reading import line_at, number_at, rows_at, stretches

if TYPE_CHECKING:
    from app.advice.model import Range
    from app.advice.rule import Case

_BODY_HZ = 1118.0
"""The middle of 0.5 to 2.5 kHz, over which sharpness is measured."""

_SHARPEST_PART = 0.05
"""The part of the windows that the measured figure of sharpness leaves above itself."""

_QUIET_DB = 20.0
"""A band so far under its loudest second is not what is heard as sharp."""

_JOIN_S = 2.0


def seconds_over(case: Case, centre_hz: float, excess_db: float) -> tuple[Range, ...]:
    """Seconds in which a band passes the edge of the corridor.

    Its level over the whole track is `excess_db` beyond the edge: with its shape kept, a second
    passes the edge where it is louder than that level less the excess.
    """
    place = _place(case, centre_hz)
    level_db = case.number(f"spectrum.bands.{place}.level_db")
    if level_db is None:
        return ()
    line = _line(case, place)
    return _stretches(case, [value is not None and value > level_db - excess_db for value in line])


def sharpest_seconds(case: Case, centre_hz: float) -> tuple[Range, ...]:
    """Seconds in which the band of a frequency stands higher over the body than in 19 of 20.

    What is as sharp all the time has no place of its own.
    """
    line, body = _line(case, _place(case, centre_hz)), _line(case, _place(case, _BODY_HZ))
    loudest_db = max((value for value in line if value is not None), default=0.0)
    ratios = [
        value - under if value is not None and under is not None and value > loudest_db - _QUIET_DB else None
        for value, under in zip(line, body, strict=False)
    ]
    known = sorted((ratio for ratio in ratios if ratio is not None), reverse=True)
    if not known:
        return ()
    least = known[min(int(len(known) * _SHARPEST_PART), len(known) - 1)]
    return _stretches(case, [ratio is not None and ratio > least for ratio in ratios])


def _place(case: Case, frequency_hz: float) -> int | None:
    """Number of the band that holds a frequency."""
    for place, row in enumerate(rows_at(case.document, "spectrum.bands")):
        low_hz, high_hz = number_at(row, "low_hz"), number_at(row, "high_hz")
        if low_hz is not None and high_hz is not None and low_hz <= frequency_hz < high_hz:
            return place
    return None


def _line(case: Case, place: int | None) -> list[float | None]:
    return line_at(case.document, f"spectrum.timeline.bands_db.{place}")


def _stretches(case: Case, flags: list[bool]) -> tuple[Range, ...]:
    return stretches(flags, case.number("spectrum.timeline.step_s") or 1.0, join_s=_JOIN_S)
