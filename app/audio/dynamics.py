"""Dynamics and faults of the signal, out of what the meters kept.

References
----------
TT Dynamic Range, Pleasurize Music Foundation (2009): DR of 3 s blocks.
R. Hammond et al., "Measuring micro-dynamics", AES e-brief 373 (2017): peak to short-term.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from app.audio.flaws import FlawReadings

    Floats = npt.NDArray[np.float64]

DR_BLOCK_HOPS = 30
"""Blocks of 3 s, in hops of 0.1 s."""

DR_LOUDEST_PART = 0.2

CEILING_PART = 0.98
"""Flat tops under this part of a channel's highest sample belong to single sounds, not to a
ceiling of the mix."""

MERGE_S = 0.1
MOST_RANGES = 200

SILENCE_DBFS = -60.0
NOISE_FLOOR_DROP_DB = 30.0
"""A pause must be so much quieter than the music for its level to be called a noise floor."""

CUT_DBFS = -40.0
"""A file whose first or last samples are louder than this was cut inside a sound."""

PAUSE_HOPS = 40


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the file [s]."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class ClippingReadings:
    """Runs of samples at a ceiling: how many, how many samples, where, how high."""

    runs: int
    samples: int
    ranges: tuple[Span, ...]
    ceiling_dbfs: float | None


def crest_db(power: Floats, sample_peak: float) -> float | None:
    """Highest sample over the root mean square of the loudest channel."""
    loudest = float(power.max(initial=0.0))
    if loudest <= 0.0 or sample_peak <= 0.0:
        return None
    return float(20 * np.log10(sample_peak) - 10 * np.log10(loudest))


def dynamic_range(squares: Floats, frames: Floats, peaks: Floats) -> float | None:
    """DR by the TT method: second highest peak over the loudest fifth of the blocks.

    Parameters
    ----------
    squares : ndarray of float64 [shape=(hops, channels)]
        Sums of squares per tenth of a second.
    frames : ndarray [shape=(hops,)]
        Frames of each hop.
    peaks : ndarray of float64 [shape=(hops, channels)]
        Sample peaks of each hop.

    Returns
    -------
    float or None
        Mean over the channels [dB]; None for less than two blocks or silence.
    """
    blocks = len(squares) // DR_BLOCK_HOPS
    if blocks < 2:
        return None
    hops = blocks * DR_BLOCK_HOPS
    in_blocks = squares[:hops].reshape(blocks, DR_BLOCK_HOPS, -1).sum(axis=1)
    counts = frames[:hops].reshape(blocks, DR_BLOCK_HOPS).sum(axis=1)
    # The method doubles the mean square, so that a sine has a DR of 0.
    power = np.sort(2.0 * in_blocks / counts[:, None], axis=0)[::-1]
    loudest = max(1, round(blocks * DR_LOUDEST_PART))
    level = np.sqrt(power[:loudest].mean(axis=0))
    highest = np.sort(peaks[:hops].reshape(blocks, DR_BLOCK_HOPS, -1).max(axis=1), axis=0)[-2]
    heard = (level > 0) & (highest > 0)
    if not heard.any():
        return None
    return float((20 * np.log10(highest[heard] / level[heard])).mean())


def clipping(flaws: FlawReadings, channel_peaks: Floats, rate_hz: int) -> ClippingReadings:
    """Keep the flat tops that stand at the ceiling of their channel.

    Parameters
    ----------
    flaws
        All flat tops.
    channel_peaks : ndarray of float64 [shape=(channels,)]
        Highest sample of each channel.
    """
    tops = flaws.tops
    ceilings = channel_peaks[tops[:, 2].astype(np.int64)] if len(tops) else np.empty(0)
    tops = tops[tops[:, 3] >= CEILING_PART * ceilings]
    starts_s, lengths_s = tops[:, 0] / rate_hz, tops[:, 1] / rate_hz
    return ClippingReadings(
        runs=len(tops),
        samples=int(tops[:, 1].sum()),
        ranges=merged(np.column_stack((starts_s, starts_s + lengths_s))),
        ceiling_dbfs=float(20 * np.log10(np.median(tops[:, 3]))) if len(tops) else None,
    )


def merged(spans_s: Floats, gap_s: float = MERGE_S) -> tuple[Span, ...]:
    """Join spans that are closer than a gap; the longest `MOST_RANGES` in order of time."""
    joined: list[list[float]] = []
    for start_s, end_s in spans_s[np.argsort(spans_s[:, 0], kind="stable")].tolist():
        if joined and start_s - joined[-1][1] <= gap_s:
            joined[-1][1] = max(joined[-1][1], end_s)
        else:
            joined.append([start_s, end_s])
    longest = sorted(joined, key=lambda span: span[0] - span[1])[:MOST_RANGES]
    return tuple(Span(start_s, end_s) for start_s, end_s in sorted(longest))


def hops_over(values: Floats, limit: float, hop_s: float) -> tuple[Span, ...]:
    """Stretches in which hops are over a limit."""
    over = np.flatnonzero(values > limit) * hop_s
    return merged(np.column_stack((over, over + hop_s)), gap_s=hop_s / 2)


def silence_s(power: Floats, hop_s: float) -> tuple[float, float]:
    """Silence before the first and after the last sound [power: shape=(hops,)]."""
    loud = np.flatnonzero(power > 10.0 ** (SILENCE_DBFS / 10.0))
    if len(loud) == 0:
        return len(power) * hop_s, 0.0
    return float(loud[0] * hop_s), float((len(power) - 1 - loud[-1]) * hop_s)


def cut_level_dbfs(peak: float) -> float | None:
    """Level of the edge of a file, None where it comes out of silence or goes into it."""
    level_dbfs = 20 * float(np.log10(max(peak, 1e-9)))
    return level_dbfs if level_dbfs > CUT_DBFS else None


def noise_floor_dbfs(power: Floats) -> float | None:
    """Level of the quietest 0.4 s that are not digital silence; None if the music never pauses.

    Parameters
    ----------
    power : ndarray of float64 [shape=(hops,)]
        Mean square per hundredth of a second.
    """
    count = len(power) // PAUSE_HOPS
    pauses = power[: count * PAUSE_HOPS].reshape(count, PAUSE_HOPS)
    sounding = pauses[(pauses > 1e-13).all(axis=1)].mean(axis=1)
    if len(sounding) == 0:
        return None
    quietest_db = 10 * float(np.log10(sounding.min()))
    if quietest_db > 10 * float(np.log10(power.mean())) - NOISE_FLOOR_DROP_DB:
        return None
    return quietest_db
