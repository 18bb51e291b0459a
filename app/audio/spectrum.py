"""Tone: the long-term spectrum in third octaves and in seven producer's bands.

Levels are in dBFS with a full-scale sine at 0 dB (AES17), averaged over the channels.

References
----------
IEC 61260-1:2014: third-octave bands, base ten, 20 Hz to 20 kHz.
A. Elowsson, A. Friberg, "Long-term average spectrum in popular music and its relation to the
level of the percussion", AES 142nd convention, paper 9762 (2017): the tilt of popular music.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.audio.spectra import BAND_EDGES_HZ, TWELFTHS_FROM_HZ

if TYPE_CHECKING:
    from app.audio.spectra import Floats, Spectra, SpectrumWindows

THIRD_OCTAVE_NUMBERS = range(13, 44)
"""IEC 61260 band numbers: centre 10 ** (n / 10) Hz, from 20 Hz to 20 kHz."""

NOMINAL_CENTRES_HZ = (
    *(20.0, 25.0, 31.5, 40.0, 50.0, 63.0, 80.0, 100.0, 125.0, 160.0, 200.0),
    *(250.0, 315.0, 400.0, 500.0, 630.0, 800.0, 1000.0, 1250.0, 1600.0, 2000.0),
    *(2500.0, 3150.0, 4000.0, 5000.0, 6300.0, 8000.0, 10000.0, 12500.0, 16000.0, 20000.0),
)

TILT_RANGE_HZ = (100.0, 4000.0)
"""Where popular music falls along a line (Elowsson and Friberg)."""

SIBILANCE_HZ = (5000.0, 10_000.0)
HARSHNESS_HZ = (2500.0, 5000.0)
VOICE_HZ = (500.0, 2500.0)
"""Sharp and harsh sounds are judged against the body of voices and instruments."""

FULL_SCALE_SINE_POWER = 0.5


@dataclass(frozen=True, slots=True)
class ToneReadings:
    """Long-term tone.

    Attributes
    ----------
    third_octave_db : ndarray of float64 [shape=(31,)]
        NaN above half the sample rate and in bands without any energy.
    band_db, band_share : ndarray of float64 [shape=(7,)]
        Level, and part of the energy between 20 Hz and 20 kHz.
    tilt_db_per_octave
        Slope of the third-octave levels: pink noise has 0, white noise +3.
    timeline_db : ndarray of float64 [shape=(seconds, 7)]
        Level of the bands in each second.
    sibilance_db, harshness_db
        Level of 5 to 10 kHz and of 2.5 to 5 kHz over that of 0.5 to 2.5 kHz, as one window in
        twenty exceeds it.
    """

    third_octave_db: Floats
    band_db: Floats
    band_share: Floats
    tilt_db_per_octave: float | None
    timeline_db: Floats
    sibilance_db: float | None
    harshness_db: float | None


def measure_tone(spectra: Spectra) -> ToneReadings:
    """Read the tone out of the mean spectrum."""
    density = spectra.power.mean(axis=0)
    thirds = spectra.band(density, third_octave_edges_hz())
    # At 44.1 kHz the band of 20 kHz lacks its last 337 Hz, which is no reason to drop it.
    thirds[np.array(NOMINAL_CENTRES_HZ) > spectra.frequency_hz[-1] * 0.95] = 0.0
    bands = spectra.band(density, np.array(BAND_EDGES_HZ))
    bands[np.array(BAND_EDGES_HZ[:-1]) > spectra.frequency_hz[-1] * 0.95] = 0.0
    total = bands.sum()
    third_octave_db = level_db(thirds)
    windows = spectra.windows
    return ToneReadings(
        third_octave_db=third_octave_db,
        band_db=level_db(bands),
        band_share=bands / total if total > 0 else np.full(len(bands), np.nan),
        tilt_db_per_octave=_tilt(third_octave_db),
        timeline_db=band_timeline_db(windows),
        sibilance_db=_percentile_ratio_db(windows, SIBILANCE_HZ, VOICE_HZ),
        harshness_db=_percentile_ratio_db(windows, HARSHNESS_HZ, VOICE_HZ),
    )


def band_timeline_db(windows: SpectrumWindows) -> Floats:
    """Level of the seven bands every second [dBFS, shape=(seconds, 7)], NaN in silence."""
    power = ((windows.left + windows.right) / 2)[:, : len(BAND_EDGES_HZ) - 1]
    return level_db(in_seconds(power, windows.step_s))


def in_seconds(rows: Floats, step_s: float) -> Floats:
    """Mean of the windows whose centres fall into each second [shape=(seconds, columns)]."""
    seconds = ((np.arange(len(rows)) + 1) * step_s).astype(np.int64)
    counts = np.bincount(seconds)
    sums = np.stack([np.bincount(seconds, weights=column) for column in rows.T], axis=1)
    return np.asarray(sums / np.maximum(counts, 1)[:, None])


def third_octave_edges_hz() -> Floats:
    """Edges of the third-octave bands [Hz, shape=(32,)]."""
    first, last = THIRD_OCTAVE_NUMBERS.start, THIRD_OCTAVE_NUMBERS.stop
    numbers = np.arange(first, last + 1, dtype=np.float64)
    return np.asarray(10.0 ** ((numbers - 0.5) / 10.0))


def level_db(power: Floats) -> Floats:
    """Return the level of mean squares [dBFS, full-scale sine at 0], NaN for none."""
    level = np.full(np.shape(power), np.nan)
    heard = power > 1e-16
    level[heard] = 10.0 * np.log10(power[heard] / FULL_SCALE_SINE_POWER)
    return level


def _percentile_ratio_db(
    windows: SpectrumWindows, band_hz: tuple[float, float], other_hz: tuple[float, float]
) -> float | None:
    """Ratio of two bands that one sounding window in twenty exceeds [dB]."""
    band, other = (_twelfths_between(windows, edges) for edges in (band_hz, other_hz))
    sounding = other > other.max(initial=0.0) * 1e-4
    if other.max(initial=0.0) < 1e-12 or sounding.sum() < 4:
        return None
    ratio = np.maximum(band[sounding], 1e-16) / other[sounding]
    return 10 * float(np.log10(np.percentile(ratio, 95)))


def _twelfths_between(windows: SpectrumWindows, edges_hz: tuple[float, float]) -> Floats:
    first, last = (round(12 * np.log2(edge / TWELFTHS_FROM_HZ)) for edge in edges_hz)
    return np.asarray(windows.twelfths[:, first:last].sum(axis=1, dtype=np.float64))


def _tilt(third_octave_db: Floats) -> float | None:
    """Slope of a least-squares line over `TILT_RANGE_HZ`."""
    centres_hz = 10.0 ** (np.array(THIRD_OCTAVE_NUMBERS) / 10.0)
    low_hz, high_hz = TILT_RANGE_HZ
    inside = (centres_hz > low_hz * 0.99) & (centres_hz < high_hz * 1.01)
    levels = third_octave_db[inside]
    if not np.isfinite(levels).all():
        return None
    return float(np.polyfit(np.log2(centres_hz[inside]), levels, 1)[0])
