"""Rules about polarity: sides that work against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.advice.model import Advice, Confidence, Evidence, Family, Setting
from app.advice.reading import line_at, value_at
from app.advice.rule import Draft, Rule, evidence
from app.advice.words import figure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.advice.model import Range
    from app.advice.rule import Case

_CORRELATION = "stereo.correlation"
_LOW_BANDS = 2
_QUIET_LOWS_DB = 20.0
"""Lows so far under their loudest second carry no weight, whatever their phase."""


def correlation(case: Case) -> Iterator[Draft]:
    """Yield a finding where the sides cancel over the whole track."""
    breach = case.breach(_CORRELATION, "correlation")
    if breach is None:
        return
    yield Draft(
        breach,
        f"The sides cancel: correlation {figure(breach.value, decimals=2)}",
        (evidence(_CORRELATION, breach),),
        "Over the whole track the sum to mono is weaker than one side.",
        (_invert("Utility: Phase Invert on one side, on the group that cancels. If all cancels, on the master."),),
        case.ranges("stereo.inverted"),
    )


def inverted(case: Case) -> Iterator[Draft]:
    """Yield a finding for passages in which the sides cancel, unless the whole does."""
    ranges, duration_s = case.ranges("stereo.inverted"), case.number("file.duration_s")
    if not ranges or not duration_s or case.breach(_CORRELATION, "correlation") is not None:
        return
    yield from _passages(
        case,
        ranges,
        ("stereo.inverted", "inverted_part", "The sides cancel in passages"),
        "A hole in the middle on headphones, a gap in mono.",
        "Utility: Phase Invert on one side, on what plays there; or lower its width to 100 %.",
    )


def low_end_inverted(case: Case) -> Iterator[Draft]:
    """Yield a finding for passages in which the sides cancel under 120 Hz while lows sound."""
    ranges = _with_lows(case, case.ranges("stereo.low_end_inverted"))
    yield from _passages(
        case,
        ranges,
        ("stereo.low_end_inverted", "low_end_inverted_part", "Bass cancels below 120 Hz"),
        "Summed to mono, as large systems do, the bass is gone.",
        "Utility: Phase Invert on one side of the bass, or Bass Mono at 120 Hz.",
    )


def _passages(
    case: Case, ranges: tuple[Range, ...], names: tuple[str, str, str], why: str, text: str
) -> Iterator[Draft]:
    path, limit, title = names
    duration_s = case.number("file.duration_s")
    if not ranges or not duration_s:
        return
    seconds = sum(span.end_s - span.start_s for span in ranges)
    breach = case.limit(limit).breach(min(seconds / duration_s, 1.0))
    if breach is not None:
        shown = Evidence(path, round(breach.value, 3), breach.limit.bound, breach.limit.unit)
        yield Draft(breach, title, (shown,), why, (_invert(text),), ranges)


def _with_lows(case: Case, ranges: tuple[Range, ...]) -> tuple[Range, ...]:
    """Keep passages in which the two lowest bands come near their loudest second."""
    lines = value_at(case.document, "spectrum.timeline.bands_db")
    count = len(lines) if isinstance(lines, list) else 0
    rows = [line_at(case.document, f"spectrum.timeline.bands_db.{band}") for band in range(min(count, _LOW_BANDS))]
    seconds = [
        max((level for level in column if level is not None), default=None) for column in zip(*rows, strict=False)
    ]
    loudest = max((level for level in seconds if level is not None), default=None)
    if loudest is None:
        return ranges
    return tuple(span for span in ranges if _sounds(seconds, span, loudest - _QUIET_LOWS_DB))


def _sounds(seconds: list[float | None], span: Range, least_db: float) -> bool:
    inside = seconds[int(span.start_s) : max(int(span.end_s), int(span.start_s) + 1)]
    return any(level is not None and level > least_db for level in inside)


def _invert(text: str) -> Advice:
    return Advice(text, "Utility", (Setting("phase invert", 1.0, "side"),))


RULES = (
    Rule(
        "phase.correlation",
        Family.PHASE,
        "Correlation of the whole",
        ("correlation",),
        Confidence.MEASURED,
        correlation,
    ),
    Rule(
        "phase.inverted",
        Family.PHASE,
        "Passages with correlation under −0.3",
        ("inverted_part",),
        Confidence.MEASURED,
        inverted,
    ),
    Rule(
        "phase.low-end-inverted",
        Family.PHASE,
        "Passages with correlation under 0 below 120 Hz",
        ("low_end_inverted_part",),
        Confidence.MEASURED,
        low_end_inverted,
    ),
)
