"""Dynamics, and what went wrong with the signal."""

from __future__ import annotations

from dataclasses import dataclass

from app.audio.model.file import TimeRange


@dataclass(frozen=True, slots=True)
class Clipping:
    """Samples that stand at a ceiling, as runs."""

    runs: int
    samples: int
    ranges: list[TimeRange]
    ceiling_dbfs: float | None


@dataclass(frozen=True, slots=True)
class Silence:
    """Silence before the first and after the last sound."""

    head_s: float
    tail_s: float


@dataclass(frozen=True, slots=True)
class Hum:
    """Hum of the mains."""

    frequency_hz: float
    level_dbfs: float


@dataclass(frozen=True, slots=True)
class Faults:
    """What went wrong with the file itself; None for what was looked for and is not there.

    `cut_start_dbfs` and `cut_end_dbfs` are levels of a file that begins or ends inside sound;
    `effective_bits` what samples of 24 bits and more really use; `lossy_cutoff_hz` where the
    spectrum ends in the cliff of a lossy encoder.
    """

    clicks_s: list[float]
    dropouts: list[TimeRange]
    cut_start_dbfs: float | None
    cut_end_dbfs: float | None
    hum: Hum | None
    effective_bits: int | None
    lossy_cutoff_hz: float | None
    upsampled_from_hz: int | None


@dataclass(frozen=True, slots=True)
class Dynamics:
    """Dynamics and faults of the signal."""

    crest_db: float | None
    dr: float | None
    transients_per_s: float | None
    clipping: Clipping | None
    inter_sample_overs: list[TimeRange] | None
    dc_offset: list[float] | None
    noise_floor_dbfs: float | None
    silence: Silence | None
    faults: Faults
