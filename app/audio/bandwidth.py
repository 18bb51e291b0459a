"""Where the spectrum ends, and what its end says about the source of the file.

References
----------
B. D'Alessandro, Y. Shi, "MP3 bit rate quality detection through frequency spectrum analysis",
ACM MM&Sec 2009: lossy encoders end the spectrum in a cliff whose place tells the bit rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from app.audio.spectra import Floats, Spectra

STEP_HZ = 100.0
AUDIBLE_RANGE_DB = 90.0
"""The spectrum ends where it is so far under its highest tenth of a kilohertz for good."""

CLIFF_DB = 18.0
"""Fall within `CLIFF_HZ` that no mix has by itself."""

CLIFF_HZ = 800.0
LOWEST_CLIFF_HZ = 10_000.0
HIGHEST_CLIFF_PART = 0.93
"""Nearer to half the sample rate a cliff is the converter's own filter."""

UPSAMPLED_FROM_HZ = (44_100, 48_000)
_EMPTY_DB = -150.0


@dataclass(frozen=True, slots=True)
class BandwidthReadings:
    """The end of the spectrum.

    Attributes
    ----------
    bandwidth_hz
        Highest frequency with content; None for silence.
    cliff_hz
        Where the spectrum ends in a cliff, as a lossy encoder leaves it; None without one.
    upsampled_from_hz
        The rate that a file of 88.2 kHz or more seems to come from; None if it is used.
    """

    bandwidth_hz: float | None
    cliff_hz: float | None
    upsampled_from_hz: int | None


def measure_bandwidth(spectra: Spectra) -> BandwidthReadings:
    """Read the end of the mean spectrum."""
    half_rate_hz = float(spectra.frequency_hz[-1])
    edges_hz = np.arange(0.0, half_rate_hz + 1.0, STEP_HZ)
    power = spectra.band(spectra.power.mean(axis=0), edges_hz)
    level = np.maximum(10.0 * np.log10(power + 1e-30), _EMPTY_DB)
    if level.max() <= _EMPTY_DB + 30.0:
        return BandwidthReadings(None, None, None)
    content = np.flatnonzero(level > max(level.max() - AUDIBLE_RANGE_DB, _EMPTY_DB + 30.0))
    cliff_hz = _cliff_hz(level, half_rate_hz)
    bandwidth_hz = float(edges_hz[content[-1] + 1])
    upsampled_from_hz = _source_rate_hz(bandwidth_hz, cliff_hz, half_rate_hz)
    return BandwidthReadings(
        bandwidth_hz=bandwidth_hz if cliff_hz is None else min(bandwidth_hz, cliff_hz),
        cliff_hz=cliff_hz if upsampled_from_hz is None else None,
        upsampled_from_hz=upsampled_from_hz,
    )


def _cliff_hz(level: Floats, half_rate_hz: float) -> float | None:
    """The steepest fall behind which nothing comes back up, if it is a cliff."""
    span = round(CLIFF_HZ / STEP_HZ)
    if len(level) <= 3 * span:
        return None
    before = np.array([np.median(level[place - span : place]) for place in range(span, len(level))])
    # What comes after the cliff must stay down, not only the bands right behind it.
    after = np.maximum.accumulate(level[::-1])[::-1]
    places = np.arange(span, len(level) - span // 2)
    fall = before[places - span] - after[places + span // 2]
    inside = (places * STEP_HZ >= LOWEST_CLIFF_HZ) & (places * STEP_HZ <= HIGHEST_CLIFF_PART * half_rate_hz)
    if not inside.any() or fall[inside].max() < CLIFF_DB:
        return None
    return float(places[inside][fall[inside].argmax()] * STEP_HZ)


def _source_rate_hz(bandwidth_hz: float, cliff_hz: float | None, half_rate_hz: float) -> int | None:
    end_hz = bandwidth_hz if cliff_hz is None else min(bandwidth_hz, cliff_hz)
    if half_rate_hz < max(UPSAMPLED_FROM_HZ) * 0.9:
        return None
    for rate_hz in UPSAMPLED_FROM_HZ:
        if 0.85 * rate_hz / 2 <= end_hz <= 1.02 * rate_hz / 2:
            return rate_hz
    return None
