"""The relation of left and right."""

from __future__ import annotations

from dataclasses import dataclass

from app.audio.model.file import TimeRange


@dataclass(frozen=True, slots=True)
class StereoBand:
    """Correlation and width of one producer's band."""

    name: str
    low_hz: float
    high_hz: float
    correlation: float | None
    width: float | None
    fold_down_loss_db: float | None


@dataclass(frozen=True, slots=True)
class StereoTimeline:
    """The relation of left and right every `step_s`, None in silence.

    What begins with `bands_` has one list a band, in their order.
    """

    step_s: float
    correlation: list[float | None]
    width: list[float | None]
    fold_down_loss_db: list[float | None]
    low_end_correlation: list[float | None]
    bands_correlation: list[list[float | None]]
    bands_width: list[list[float | None]]
    bands_fold_down_loss_db: list[list[float | None]]


@dataclass(frozen=True, slots=True)
class Stereo:
    """The relation of left and right.

    `inverted` and `low_end_inverted` are passages in which the sides cancel each other;
    `one_sided` is "left" or "right" where the other side is silent or nearly so.
    """

    correlation: float | None
    width: float | None
    balance_db: float | None
    fold_down_loss_db: float | None
    bands: list[StereoBand]
    low_end_side_to_mid_db: float | None
    inverted: list[TimeRange]
    low_end_inverted: list[TimeRange]
    one_sided: str | None
    is_dual_mono: bool
    timeline: StereoTimeline
