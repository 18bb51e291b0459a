"""Narrow peaks that stay: resonances of a mix, and the hum of the mains.

A note comes and goes; what stands out of its surroundings at the same place for half of the time
is a resonance, or a tone that the listener will take for one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.audio.dynamics import Span, merged
from app.audio.spectra import TWELFTHS_FROM_HZ

if TYPE_CHECKING:
    import numpy.typing as npt

    from app.audio.spectra import Floats, Spectra, SpectrumWindows

    Flags = npt.NDArray[np.bool_]

HEIGHT_DB = 9.0
"""Over the median of half an octave on both sides."""

PERSISTENCE = 0.5
"""Part of the sounding windows in which it must stand out."""

SURROUNDING = 6
SHORTEST_S = 1.0
MOST_RESONANCES = 8
_QUIET_DB = 60.0
_BLOCK_WINDOWS = 256
"""Windows whose surroundings are copied at once: a long file has thousands."""

HUM_HEIGHT_DB = 12.0
HUM_HARMONICS = (1, 2, 3, 4)
FEWEST_HUM_HARMONICS = 2
_HUM_SPAN_HZ = 12.0
_HUM_WIDTH_HZ = 1.5


@dataclass(frozen=True, slots=True)
class ResonanceReadings:
    """One narrow peak: where, how narrow (centre over width at -3 dB), how high, when."""

    centre_hz: float
    quality: float
    height_db: float
    ranges: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class HumReadings:
    """Hum of the mains at 50 or 60 Hz and its level."""

    frequency_hz: float
    level_dbfs: float


def find_resonances(spectra: Spectra) -> tuple[ResonanceReadings, ...]:
    """Find peaks that stand out for half of the time, the highest first."""
    windows = spectra.windows
    loud = _sounding(windows)
    if loud.sum() < 4:
        return ()
    excess = _excess_db(windows.twelfths)
    stands_out = (excess > HEIGHT_DB) & loud[:, None]
    part = stands_out.sum(axis=0) / loud.sum()
    height = np.median(excess[loud], axis=0)
    bands = [
        band
        for band in np.flatnonzero(part >= PERSISTENCE)
        if height[band] == height[max(0, band - 2) : band + 3].max()
    ]
    bands.sort(key=lambda band: -height[band])
    return tuple(
        _resonance(spectra, int(band), float(height[band]), stands_out[:, band]) for band in bands[:MOST_RESONANCES]
    )


def find_hum(spectra: Spectra) -> HumReadings | None:
    """Find 50 or 60 Hz with its harmonics where the file is quietest.

    The tenth percentile over time of each bin leaves what never stops.
    """
    windows = spectra.windows
    if len(windows.low) < 8:
        return None
    floor = np.percentile(windows.low.astype(np.float64), 10, axis=0) + 1e-20
    found = []
    for mains_hz in (50.0, 60.0):
        heights, levels = [], []
        for harmonic in HUM_HARMONICS:
            height_db, power = _line(floor, spectra.bin_hz, mains_hz * harmonic)
            if height_db > HUM_HEIGHT_DB:
                heights.append(height_db)
                levels.append(power)
        if len(heights) >= FEWEST_HUM_HARMONICS:
            level_dbfs = 10 * float(np.log10(sum(levels) / 0.5))
            found.append((sum(heights), HumReadings(mains_hz, level_dbfs)))
    return max(found, key=lambda pair: pair[0])[1] if found else None


def _sounding(windows: SpectrumWindows) -> Flags:
    """Windows within 60 dB of the loudest."""
    power = windows.twelfths.sum(axis=1)
    return np.asarray(power > power.max(initial=0.0) * 10 ** (-_QUIET_DB / 10))


def _excess_db(twelfths: npt.NDArray[np.float32]) -> Floats:
    """Level of each band over the median of its surroundings [shape=(windows, bands)]."""
    level = 10 * np.log10(np.maximum(twelfths.astype(np.float64), 1e-16))
    padded = np.pad(level, ((0, 0), (SURROUNDING, SURROUNDING)), mode="reflect")
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * SURROUNDING + 1, axis=1)
    for first in range(0, len(level), _BLOCK_WINDOWS):
        block = slice(first, first + _BLOCK_WINDOWS)
        beside = np.delete(around[block], [SURROUNDING - 1, SURROUNDING, SURROUNDING + 1], axis=2)
        level[block] -= np.median(beside, axis=2)
    return np.asarray(level)


def _resonance(
    spectra: Spectra,
    band: int,
    height_db: float,
    stands_out: Flags,
) -> ResonanceReadings:
    """Place a peak by the fine spectrum and tell when it stands out."""
    edges_hz = TWELFTHS_FROM_HZ * 2.0 ** (np.array([band - 0.5, band + 1.5]) / 12)
    first, last = np.round(edges_hz / spectra.bin_hz).astype(np.int64)
    density = spectra.power.mean(axis=0)
    peak = int(first + density[first : last + 1].argmax())
    half = density[peak] / 2
    low, high = peak, peak
    while low > 1 and density[low - 1] > half:
        low -= 1
    while high < len(density) - 2 and density[high + 1] > half:
        high += 1
    step_s = spectra.windows.step_s
    starts_s = np.flatnonzero(stands_out) * step_s
    spans = merged(np.column_stack((starts_s, starts_s + 2 * step_s)), gap_s=step_s)
    return ResonanceReadings(
        centre_hz=peak * spectra.bin_hz,
        quality=peak / (high - low + 1),
        height_db=height_db,
        ranges=tuple(span for span in spans if span.end_s - span.start_s >= SHORTEST_S),
    )


def _line(floor: npt.NDArray[np.floating], bin_hz: float, frequency_hz: float) -> tuple[float, float]:
    """Height of a narrow line over its surroundings [dB], and its power."""
    frequencies_hz = np.arange(len(floor)) * bin_hz
    distance_hz = np.abs(frequencies_hz - frequency_hz)
    on_line = distance_hz <= max(_HUM_WIDTH_HZ, bin_hz / 2)
    beside = (distance_hz > 2.5 * bin_hz) & (distance_hz < 2.5 * bin_hz + _HUM_SPAN_HZ)
    if not on_line.any() or not beside.any():
        return 0.0, 0.0
    highest = float(floor[on_line].max())
    # The line must be the top of its surroundings, not the flank of a bass note beside it.
    if highest < floor[distance_hz <= 2.5 * bin_hz].max():
        return 0.0, 0.0
    return 10 * float(np.log10(highest / np.median(floor[beside]))), highest
