"""What becomes of the file where it is heard."""

from __future__ import annotations

from dataclasses import dataclass

from app.audio.model.file import TimeRange


@dataclass(frozen=True, slots=True)
class CodecPreview:
    """What a lossy encoder makes of the loudest passages, `covered_s` seconds in all.

    `band_difference_db` is the level after decoding over that before, in the order of the bands.
    """

    name: str
    bitrate_kbps: int
    true_peak_dbtp: float
    overs: list[TimeRange]
    band_difference_db: list[float | None]
    covered_s: float


@dataclass(frozen=True, slots=True)
class Platform:
    """What a platform's normalisation would do."""

    name: str
    target_lufs: float | None
    gain_db: float | None
    as_of: str
    source: str
