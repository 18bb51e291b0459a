"""Loudness and peaks."""

from __future__ import annotations

from dataclasses import dataclass

from app.audio.model.file import TimeRange


@dataclass(frozen=True, slots=True)
class LoudnessTimeline:
    """Readings every `step_s`; entry i was read at (i + 1) * step_s, None in silence.

    `psr_db` is the true peak of the last 3 s over their short-term loudness, `true_peak_dbtp`
    that of the step alone: the outline of the wave.
    """

    step_s: float
    momentary_lufs: list[float | None]
    short_term_lufs: list[float | None]
    psr_db: list[float | None]
    true_peak_dbtp: list[float | None]


@dataclass(frozen=True, slots=True)
class Loudness:
    """Loudness and peaks."""

    integrated_lufs: float | None
    range_lu: float | None
    momentary_max_lufs: float | None
    short_term_max_lufs: float | None
    true_peak_dbtp: float | None
    sample_peak_dbfs: float | None
    plr_db: float | None
    psr_min_db: float | None
    loudest: TimeRange | None
    timeline: LoudnessTimeline
