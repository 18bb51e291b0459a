"""Rhythm: tempo, beats and bars out of what the downbeat networks heard.

References
----------
S. Böck, F. Krebs, G. Widmer, "Joint beat and downbeat tracking with recurrent neural networks",
ISMIR 2016.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.audio import neural
from app.audio.downbeats import decode_bars

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

FAINTEST_BEAT = 0.05
"""Mean activation at the beats under which none was heard: a held tone has 0.02."""

FAINTEST_BEAT_IN_NOISE = 0.2
"""The same for a signal as flat as noise, which lets the networks answer 0.07 to 0.13."""

STEADY_S = 0.025
"""A beat within this of the line through all beats is steady."""

_FEWEST_BEATS = 4


@dataclass(frozen=True, slots=True)
class RhythmReadings:
    """Beats, and the tempo of the line through them.

    Attributes
    ----------
    beats_s, downbeats_s : ndarray of float64
        Times of all beats and of the first beats of bars.
    beats_per_bar
        3 or 4.
    stability
        Part of the beats within `STEADY_S` of the line.
    """

    tempo_bpm: float
    beats_s: Floats
    downbeats_s: Floats
    beats_per_bar: int
    stability: float


def measure_rhythm(activations: npt.NDArray[np.float32], *, is_noise: bool) -> RhythmReadings | None:
    """Decode the beats and fit the tempo; None where no beat was heard.

    Parameters
    ----------
    activations : ndarray of float32 [shape=(frames, 2)]
        Probabilities of beat and downbeat, 100 frames a second.
    is_noise
        Whether the spectrum is as flat as that of noise.
    """
    bars = decode_bars(activations)
    if len(bars) < _FEWEST_BEATS:
        return None
    frames = np.round(bars[:, 0] * neural.BEAT_FRAMES_PER_S).astype(np.int64)
    strength = float(activations[frames].sum(axis=1).mean())
    if strength < (FAINTEST_BEAT_IN_NOISE if is_noise else FAINTEST_BEAT):
        return None
    beats_s = bars[:, 0]
    tempo_bpm, stability = fit_tempo(beats_s)
    return RhythmReadings(
        tempo_bpm=tempo_bpm,
        beats_s=beats_s,
        downbeats_s=beats_s[bars[:, 1] == 1],
        beats_per_bar=int(bars[:, 1].max()),
        stability=stability,
    )


def fit_tempo(beats_s: Floats) -> tuple[float, float]:
    """Return the tempo [BPM] of a line through the beats, and the part that lies on it.

    The intervals themselves are whole hundredths of a second, which turns 110.00 into 109.09;
    the line through all of them is not bound to that grid. Beats that were left out or added
    are numbered by the median interval, so that one slip does not bend the line.
    """
    interval_s = float(np.median(np.diff(beats_s)))
    steps = np.maximum(1.0, np.round(np.diff(beats_s) / interval_s))
    numbers = np.concatenate(([0.0], np.cumsum(steps)))
    slope_s, start_s = np.polyfit(numbers, beats_s, 1)
    steady = np.abs(beats_s - (start_s + slope_s * numbers)) <= STEADY_S
    if steady.mean() >= 0.5:
        slope_s, start_s = np.polyfit(numbers[steady], beats_s[steady], 1)
        steady = np.abs(beats_s - (start_s + slope_s * numbers)) <= STEADY_S
    else:
        slope_s = interval_s
    return 60.0 / float(slope_s), float(steady.mean())
