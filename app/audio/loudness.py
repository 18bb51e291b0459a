"""Loudness after ITU-R BS.1770-5 with the gates and windows of EBU R 128.

References
----------
ITU-R BS.1770-5 (2023), Annex 1: K-weighting, channel weights, gating.
EBU Tech 3341 v4 (2023): momentary (0.4 s) and short-term (3 s) loudness.
EBU Tech 3342 v4 (2023): loudness range.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from app.audio.hops import HopGrid, HopSeries

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Block = npt.NDArray[np.float32]

HOPS_PER_S = 100
"""Energies are kept per 10 ms; a coarser grid misses the maximum of Tech 3341 case 13."""

STEP_HOPS = 10
"""Readings of timelines, gates and range come every 0.1 s (BS.1770-5: 75 % overlap of 0.4 s)."""

TIMELINE_STEP_S = STEP_HOPS / HOPS_PER_S
MOMENTARY_HOPS = 40
SHORT_TERM_HOPS = 300

OFFSET_LU = -0.691
ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0
RANGE_GATE_LU = -20.0
RANGE_PERCENTILES = (10.0, 95.0)
SILENCE_LUFS = -120.0
"""Readings below are silence and have no number."""

_SURROUND = 1.41
CHANNEL_WEIGHTS: dict[int, tuple[float, ...]] = {
    1: (1.0,),
    2: (1.0, 1.0),
    3: (1.0, 1.0, 1.0),
    4: (1.0, 1.0, _SURROUND, _SURROUND),
    5: (1.0, 1.0, 1.0, _SURROUND, _SURROUND),
    6: (1.0, 1.0, 1.0, 0.0, _SURROUND, _SURROUND),
    7: (1.0, 1.0, 1.0, 0.0, 1.0, _SURROUND, _SURROUND),
    8: (1.0, 1.0, 1.0, 0.0, 1.0, 1.0, _SURROUND, _SURROUND),
}
"""Weights in the order of WAVE: L R C LFE and the rest (BS.1770-5 table 4): the side speakers
weigh 1.41, those behind 120 degrees 1.0, the LFE nothing."""


@dataclass(frozen=True, slots=True)
class LoudnessReadings:
    """What the meter read; None where the signal is too short or too quiet for a reading.

    The timelines are float64 arrays in LUFS, NaN in silence and before the first full window;
    entry i was read at (i + 1) * `TIMELINE_STEP_S`, where its window ends. `loudest_s` is the
    window of 3 s with the highest short-term loudness.
    """

    integrated_lufs: float | None
    range_lu: float | None
    momentary_max_lufs: float | None
    short_term_max_lufs: float | None
    momentary_lufs: Floats
    short_term_lufs: Floats
    loudest_s: tuple[float, float] | None


class LoudnessMeter:
    """A meter that is fed blocks and keeps one energy per 10 ms."""

    def __init__(self, sample_rate_hz: int, channels: int) -> None:
        self._grid = HopGrid(sample_rate_hz, HOPS_PER_S)
        self._energy = HopSeries(1, np.add)
        self._coefficients = k_weighting(sample_rate_hz)
        self._state = np.zeros((channels, 4))
        self._weights = np.array(CHANNEL_WEIGHTS[channels])

    def add(self, block: Block) -> None:
        """Measure one more block [shape=(frames, channels)]."""
        ends, last_is_open = self._grid.ends(len(block))
        energy = _weighted_energy(block, ends, self._coefficients, self._state, self._weights)
        self._energy.extend(energy[:, None], last_is_open=last_is_open)

    def power(self) -> Floats:
        """K-weighted mean square of every hundredth of a second [shape=(hops,)]."""
        energy = self._energy.closed()[:, 0]
        return np.asarray(energy / np.diff(self._grid.border(np.arange(len(energy) + 1))))

    def readings(self) -> LoudnessReadings:
        """Gate and summarise what was measured so far."""
        energy = self._energy.closed()[:, 0]
        borders = self._grid.border(np.arange(len(energy) + 1))
        momentary = _window_power(energy, borders, MOMENTARY_HOPS)
        short_term = _window_power(energy, borders, SHORT_TERM_HOPS)
        return LoudnessReadings(
            integrated_lufs=integrated_loudness(momentary[::STEP_HOPS]),
            range_lu=loudness_range(short_term[::STEP_HOPS]),
            momentary_max_lufs=_maximum(momentary),
            short_term_max_lufs=_maximum(short_term),
            momentary_lufs=_timeline(momentary, len(energy), MOMENTARY_HOPS),
            short_term_lufs=_timeline(short_term, len(energy), SHORT_TERM_HOPS),
            loudest_s=_loudest(short_term),
        )


def k_weighting(sample_rate_hz: int) -> Floats:
    """Return the two second-order sections of the K-weighting for any sample rate.

    BS.1770-5 tables 1 and 2 give them at 48 kHz; the analogue prototypes behind those numbers
    are brought to the rate by the bilinear transform.

    Returns
    -------
    ndarray of float64 [shape=(10,)]
        b0 b1 b2 a1 a2 of the shelf, then of the high-pass.
    """
    gain_db, quality = 3.999843853973347, 0.7071752369554196
    warped = np.tan(np.pi * 1681.974450955533 / sample_rate_hz)
    high = 10.0 ** (gain_db / 20.0)
    middle = high**0.4996667741545416
    norm = 1.0 + warped / quality + warped**2
    shelf = [
        (high + middle * warped / quality + warped**2) / norm,
        2.0 * (warped**2 - high) / norm,
        (high - middle * warped / quality + warped**2) / norm,
        2.0 * (warped**2 - 1.0) / norm,
        (1.0 - warped / quality + warped**2) / norm,
    ]
    quality = 0.5003270373238773
    warped = np.tan(np.pi * 38.13547087602444 / sample_rate_hz)
    norm = 1.0 + warped / quality + warped**2
    high_pass = [
        1.0,
        -2.0,
        1.0,
        2.0 * (warped**2 - 1.0) / norm,
        (1.0 - warped / quality + warped**2) / norm,
    ]
    return np.array(shelf + high_pass)


def integrated_loudness(block_power: Floats) -> float | None:
    """Gate 0.4 s blocks and return their loudness [LUFS] (BS.1770-5, equations 4 to 7).

    Parameters
    ----------
    block_power : ndarray of float64 [shape=(blocks,)]
        Weighted mean square of each block, blocks overlapping by 75 %.
    """
    loud = block_power[block_power > _power(ABSOLUTE_GATE_LUFS)]
    if len(loud) == 0:
        return None
    gate = _power(loudness(loud.mean()) + RELATIVE_GATE_LU)
    return loudness(loud[loud > gate].mean())


def loudness_range(short_term_power: Floats) -> float | None:
    """Return the loudness range [LU] of short-term readings (Tech 3342, clause 2)."""
    loud = short_term_power[short_term_power > _power(ABSOLUTE_GATE_LUFS)]
    if len(loud) == 0:
        return None
    gate = _power(loudness(loud.mean()) + RANGE_GATE_LU)
    ordered = np.sort(loud[loud > gate])
    low, high = (ordered[round((len(ordered) - 1) * part / 100)] for part in RANGE_PERCENTILES)
    return loudness(high) - loudness(low)


def loudness(power: float) -> float:
    """Return the loudness [LUFS] of a weighted mean square."""
    return OFFSET_LU + 10.0 * float(np.log10(power))


def _power(loudness_lufs: float) -> float:
    return float(10.0 ** ((loudness_lufs - OFFSET_LU) / 10.0))


def _maximum(power: Floats) -> float | None:
    if len(power) == 0 or power.max() <= _power(SILENCE_LUFS):
        return None
    return loudness(power.max())


def _loudest(short_term: Floats) -> tuple[float, float] | None:
    if _maximum(short_term) is None:
        return None
    start = float(short_term.argmax()) / HOPS_PER_S
    return start, start + SHORT_TERM_HOPS / HOPS_PER_S


def _window_power(energy: Floats, borders: npt.NDArray[np.int64], hops: int) -> Floats:
    """Mean square of every window of `hops` hops [shape=(len(energy) - hops + 1,)]."""
    if len(energy) < hops:
        return np.empty(0)
    total = np.concatenate(([0.0], np.cumsum(energy)))
    frames = borders[hops:] - borders[:-hops]
    return np.asarray(np.maximum(total[hops:] - total[:-hops], 0.0) / frames)


def _timeline(power: Floats, hops: int, window_hops: int) -> Floats:
    """Readings at every tenth of a second, NaN where there is none."""
    line = np.full(hops // STEP_HOPS, np.nan)
    first = -(-window_hops // STEP_HOPS) - 1
    readings = power[(first + 1) * STEP_HOPS - window_hops :: STEP_HOPS]
    heard = readings > _power(SILENCE_LUFS)
    line[first : first + len(readings)][heard] = OFFSET_LU + 10.0 * np.log10(readings[heard])
    return line


@njit(cache=True, nogil=True, fastmath={"contract"})
def _weighted_energy(
    block: Block,
    ends: npt.NDArray[np.int64],
    coefficients: Floats,
    state: Floats,
    weights: Floats,
) -> Floats:
    """K-weight a block and sum its squares between `ends`; `state` goes on to the next block.

    A filter waits for its own last result. Two channels at once wait together, which takes half the time; an
    odd one goes with itself and counts once.
    """
    b0, b1, b2, a1, a2 = coefficients[:5]
    c0, c1, c2, d1, d2 = coefficients[5:]
    energy = np.zeros(len(ends))
    for left in range(0, block.shape[1], 2):
        right = min(left + 1, block.shape[1] - 1)
        right_weight = weights[right] if right > left else 0.0
        s1, s2, t1, t2 = state[left]
        u1, u2, v1, v2 = state[right]
        start = 0
        for segment in range(len(ends)):
            left_sum, right_sum = 0.0, 0.0
            for frame in range(start, ends[segment]):
                here, there = np.float64(block[frame, left]), np.float64(block[frame, right])
                shelved, other_shelved = b0 * here + s1, b0 * there + u1
                s1, u1 = b1 * here + s2 - a1 * shelved, b1 * there + u2 - a1 * other_shelved
                s2, u2 = b2 * here - a2 * shelved, b2 * there - a2 * other_shelved
                weighted, other_weighted = c0 * shelved + t1, c0 * other_shelved + v1
                t1, v1 = c1 * shelved + t2 - d1 * weighted, c1 * other_shelved + v2 - d1 * other_weighted
                t2, v2 = c2 * shelved - d2 * weighted, c2 * other_shelved - d2 * other_weighted
                left_sum += weighted * weighted
                right_sum += other_weighted * other_weighted
            energy[segment] += weights[left] * left_sum + right_weight * right_sum
            start = ends[segment]
            # Decaying states become denormal numbers in long silence, which are slow.
            if abs(s1) + abs(s2) + abs(t1) + abs(t2) < 1e-30:
                s1 = s2 = t1 = t2 = 0.0
            if abs(u1) + abs(u2) + abs(v1) + abs(v2) < 1e-30:
                u1 = u2 = v1 = v2 = 0.0
        state[left, 0], state[left, 1], state[left, 2], state[left, 3] = s1, s2, t1, t2
        state[right, 0], state[right, 1], state[right, 2], state[right, 3] = u1, u2, v1, v2
    return energy
