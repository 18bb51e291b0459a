"""Passages for lossy encoders, chosen as the engine does, or the whole of a signal as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.audio.codecs import MOST_PASSAGES, Loudest
from app.audio.dynamics import Span
from app.audio.passages import Passage, loudest_moments
from app.audio.true_peak import PeakMeter

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import numpy.typing as npt

    from app.audio.codecs import Codec
    from app.audio.passages import Cut

RATE_HZ = 44_100


def as_one(signal: npt.NDArray[np.float32], rate_hz: int = RATE_HZ) -> Callable[[Codec], Cut]:
    """Take a signal [shape=(frames, channels)] as one passage for every codec."""
    whole = Passage(Span(0.0, len(signal) / rate_hz))
    return lambda _: [(whole, signal)]


def loudest_of(signal: npt.NDArray[np.float32], rate_hz: int = RATE_HZ) -> Callable[[Codec], Cut]:
    """Take the passages of a signal that every codec gets of a file."""
    return Loudest.read([signal], moments_of(signal, rate_hz), rate_hz, len(signal) / rate_hz).passages


def moments_of(signal: npt.NDArray[np.float32], rate_hz: int = RATE_HZ) -> list[float]:
    """Choose the loudest moments of a signal [shape=(frames, channels)]."""
    meter = PeakMeter(rate_hz, signal.shape[1])
    meter.add(signal)
    hops = meter.true_peaks().max(axis=1)
    return loudest_moments(hops, hops**2, MOST_PASSAGES)
