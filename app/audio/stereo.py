"""Stereo: how left and right belong together, as a whole and by band.

With mid = (left + right) / 2 and side = (left - right) / 2 everything follows from the power of
left, of right and of their product, so that no second pass is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.audio.dynamics import Span, merged
from app.audio.spectra import BAND_EDGES_HZ, LOW_END_HZ
from app.audio.spectrum import in_seconds

if TYPE_CHECKING:
    from app.audio.spectra import Floats, Spectra, SpectrumWindows

INVERTED_CORRELATION = -0.3
SHORTEST_INVERTED_S = 1.0
"""Sides that pull against each other for so long are heard as a hole in the middle."""

ONE_SIDED_DB = 30.0
DUAL_MONO_DB = 80.0
"""A side signal so far under the mid is no stereo but rounding."""

FLOOR_DB = 60.0
"""Losses and ratios end here; beyond it the difference is rounding of the file format."""


@dataclass(frozen=True, slots=True)
class StereoTimeline:
    """One value a second, NaN in silence [shape=(seconds,)]; by band [shape=(seconds, 7)]."""

    correlation: Floats
    width: Floats
    fold_down_loss_db: Floats
    low_end_correlation: Floats
    band_correlation: Floats
    band_width: Floats
    band_fold_down_loss_db: Floats


@dataclass(frozen=True, slots=True)
class StereoReadings:
    """The relation of the first two channels.

    Attributes
    ----------
    correlation
        +1 mono, 0 unrelated, -1 inverted; None if a side is silent.
    width
        Part of the energy that is in the side: 0 mono, 0.5 unrelated, 1 inverted.
    balance_db
        Right against left; positive leans right.
    fold_down_loss_db
        What the sum to mono loses: 0 for mono, 3 for unrelated sides, `FLOOR_DB` at most.
    low_end_side_to_mid_db
        Side against mid under 120 Hz; `-FLOOR_DB` at least.
    band_correlation, band_width : ndarray of float64 [shape=(7,)]
        By producer's band, NaN where a band is silent.
    inverted, low_end_inverted
        Passages in which the sides cancel, as a whole and under 120 Hz.
    one_sided
        "left" or "right" where the other side is `ONE_SIDED_DB` quieter.
    is_dual_mono
        Whether both sides are the same signal.
    """

    correlation: float | None
    width: float
    balance_db: float | None
    fold_down_loss_db: float
    low_end_side_to_mid_db: float | None
    band_correlation: Floats
    band_width: Floats
    band_fold_down_loss_db: Floats
    timeline: StereoTimeline
    inverted: tuple[Span, ...]
    low_end_inverted: tuple[Span, ...]
    one_sided: str | None
    is_dual_mono: bool


def measure_stereo(left: float, right: float, cross: float, spectra: Spectra) -> StereoReadings:
    """Read the stereo image.

    Parameters
    ----------
    left, right, cross
        Mean squares of the two sides and mean of their product, offsets removed.
    spectra
        The mean spectrum of the same file.
    """
    edges = np.array(BAND_EDGES_HZ)
    band_left, band_right = spectra.band(spectra.power[:2], edges)
    band_cross = spectra.band(spectra.cross, edges)
    low_left, low_right = spectra.band(spectra.power[:2], np.array(LOW_END_HZ))[:, 0]
    low_cross = spectra.band(spectra.cross, np.array(LOW_END_HZ))[0]
    audible = min(left, right) > 1e-12
    balance_db = _ratio_db(right, left)
    timeline = _timeline(spectra.windows)
    return StereoReadings(
        correlation=float(np.clip(cross / np.sqrt(left * right), -1, 1)) if audible else None,
        width=float(_width(left, right, cross)),
        balance_db=balance_db if audible else None,
        fold_down_loss_db=-_ratio_db((left + right + 2 * cross) / 2, left + right),
        low_end_side_to_mid_db=_side_to_mid(low_left, low_right, low_cross),
        band_correlation=_correlations(band_left, band_right, band_cross),
        band_width=_width(band_left, band_right, band_cross),
        band_fold_down_loss_db=_fold_down_losses(band_left, band_right, band_cross),
        timeline=timeline,
        inverted=_passages(timeline.correlation, INVERTED_CORRELATION),
        low_end_inverted=_passages(timeline.low_end_correlation, 0.0),
        one_sided=_louder_side(balance_db),
        is_dual_mono=bool(left + right - 2 * cross < (left + right) * 10 ** (-DUAL_MONO_DB / 10)),
    )


def _timeline(windows: SpectrumWindows) -> StereoTimeline:
    bands = len(BAND_EDGES_HZ) - 1
    rows = [windows.left, windows.right, windows.cross]
    by_band = [in_seconds(row[:, :bands], windows.step_s) for row in rows]
    left, right, cross = (in_seconds(row[:, :bands].sum(axis=1, keepdims=True), windows.step_s)[:, 0] for row in rows)
    low = [in_seconds(row[:, bands:], windows.step_s)[:, 0] for row in rows]
    return StereoTimeline(
        correlation=_correlations(left, right, cross),
        width=_width(left, right, cross),
        fold_down_loss_db=_fold_down_losses(left, right, cross),
        low_end_correlation=_correlations(*low),
        band_correlation=_correlations(*by_band),
        band_width=_width(*by_band),
        band_fold_down_loss_db=_fold_down_losses(*by_band),
    )


def _passages(correlation: Floats, limit: float) -> tuple[Span, ...]:
    """Stretches of whole seconds whose correlation is under a limit."""
    seconds = np.flatnonzero(np.nan_to_num(correlation, nan=1.0) < limit).astype(np.float64)
    spans = merged(np.column_stack((seconds, seconds + 1.0)))
    return tuple(span for span in spans if span.end_s - span.start_s > SHORTEST_INVERTED_S)


def _louder_side(balance_db: float) -> str | None:
    if abs(balance_db) < ONE_SIDED_DB:
        return None
    return "right" if balance_db > 0 else "left"


def _fold_down_losses(left: Floats, right: Floats, cross: Floats) -> Floats:
    """What the sum to mono loses [dB], `FLOOR_DB` at most, NaN in silence."""
    total = left + right
    with np.errstate(divide="ignore", invalid="ignore"):
        kept = np.clip((total + 2 * cross) / (2 * total), 10 ** (-FLOOR_DB / 10), 1.0)
    return np.where(total > 1e-14, -10 * np.log10(kept), np.nan)


def _width(left: Floats | float, right: Floats | float, cross: Floats | float) -> Floats:
    """Side over side plus mid: (L + R - 2 LR) / (2 (L + R))."""
    total = np.asarray(left + right)
    with np.errstate(divide="ignore", invalid="ignore"):
        width = np.clip((total - 2 * np.asarray(cross)) / (2 * total), 0.0, 1.0)
    return np.where(total > 1e-14, width, np.nan)


def _correlations(left: Floats, right: Floats, cross: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = np.clip(cross / np.sqrt(left * right), -1.0, 1.0)
    return np.where(np.minimum(left, right) > 1e-14, correlation, np.nan)


def _side_to_mid(left: float, right: float, cross: float) -> float | None:
    if left + right < 1e-12:
        return None
    return _ratio_db((left + right - 2 * cross) / 4, (left + right + 2 * cross) / 4)


def _ratio_db(part: float, whole: float) -> float:
    """Ratio of powers in dB between -`FLOOR_DB` and +`FLOOR_DB`."""
    floor = 10.0 ** (-FLOOR_DB / 10.0)
    ratio = max(part, 0.0) / whole if whole > 0 else 1 / floor
    return float(10.0 * np.log10(np.clip(ratio, floor, 1 / floor)))
