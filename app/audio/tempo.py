"""Tempo: which metrical level is the beat, and how fast it is to a tenth of a BPM.

The beat tracker finds a regular pulse, but in fast music it may take the eighths for beats, and
in music of dotted notes a pulse of three sixteenths. Three readings of the same music are
therefore weighed against each other: its pulse, half of it, and three quarters of it.

References
----------
D. Moelants, "Preferred tempo reconsidered", ICMPC 2002: people hear the pulse that is nearest
to about two beats a second.
G. Peeters, "Template-based estimation of time-varying tempo", EURASIP JASP 2007: the spectrum
of the onsets, read at multiples of a tempo, tells its subdivision.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.audio import neural

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

WINDOW_S = 30.0
_PADDING = 4

SLOWEST_BPM = 60.0
"""Half of a pulse is not considered below; the tracker's own tempi begin at 55."""

_COMB = (1, 2, 4, 8)
_COMB_SPAN = 0.005
_FAINT = 0.005


@dataclass(frozen=True, slots=True)
class LevelWeights:
    """What the readings of a pulse are weighed by.

    Attributes
    ----------
    preferred_bpm, preference_octaves
        Middle and width of the log-normal preference; produced music lies a little over Moelants'
        120.
    subdivision
        Weight of the clearness of a tempo's sixteenths.
    alternation
        What it adds to half a pulse that every second beat is stronger.
    reinterpretation_cost
        What it costs to read three quarters of a pulse: the tracker is rarely wrong by that.
    """

    preferred_bpm: float = 126.0
    preference_octaves: float = 0.4
    subdivision: float = 0.5
    alternation: float = 0.5
    reinterpretation_cost: float = 0.6


WEIGHTS = LevelWeights()


@dataclass(frozen=True, slots=True)
class Level:
    """One reading of the pulse.

    Attributes
    ----------
    relation
        "pulse", "half" or "three quarters" of what the tracker found.
    score
        Logarithm of its weight against the others.
    """

    tempo_bpm: float
    relation: str
    score: float


class OnsetSpectrum:
    """How strong the onsets repeat at each rate: mean over windows of half a minute.

    Parameters
    ----------
    envelope : ndarray of float [shape=(frames,)]
        Onset strength, 100 frames a second.
    """

    def __init__(self, envelope: npt.NDArray[np.floating]) -> None:
        size = min(len(envelope), round(WINDOW_S * neural.BEAT_FRAMES_PER_S))
        window = np.hanning(size)
        bins = _PADDING * size
        self._rate_hz = neural.BEAT_FRAMES_PER_S / bins
        total = np.zeros(bins // 2 + 1)
        starts = range(0, len(envelope) - size + 1, max(1, size // 2))
        for start in starts:
            piece = envelope[start : start + size].astype(np.float64)
            piece -= piece.mean()
            scale = np.sqrt((piece**2).mean()) * window.sum() + 1e-12
            total += np.abs(np.fft.rfft(piece * window, bins)) / scale
        self._strength = total / len(starts)

    def at(self, rate_hz: float | Floats) -> Floats:
        """Strength at rates in repetitions a second; 0.5 for a pure sine."""
        places = np.arange(len(self._strength))
        return np.interp(np.asarray(rate_hz) / self._rate_hz, places, self._strength, right=0.0)

    def refine(self, tempo_bpm: float) -> float:
        """Move a tempo by half a percent at most to where a comb of its multiples is strongest."""
        tempi_bpm = tempo_bpm * np.linspace(1 - _COMB_SPAN, 1 + _COMB_SPAN, 201)
        comb = np.sum([self.at(tempi_bpm / 60.0 * multiple) for multiple in _COMB], axis=0)
        best = int(comb.argmax())
        if best in {0, len(comb) - 1}:
            return tempo_bpm
        return float(tempi_bpm[best])


def weigh_levels(
    tempo_bpm: float, onsets: OnsetSpectrum, pulses: OnsetSpectrum, weights: LevelWeights = WEIGHTS
) -> tuple[Level, ...]:
    """Weigh the readings of a pulse, best first.

    Parameters
    ----------
    tempo_bpm
        What the beat tracker found.
    onsets
        Spectrum of the onsets of all bands.
    pulses
        Spectrum of the beat activations.
    weights
        `python -m tests.bench.accuracy` tells what others would do.
    """
    pulse_hz = tempo_bpm / 60.0
    alternation = float(pulses.at(pulse_hz / 2) / max(float(pulses.at(pulse_hz)), _FAINT))
    levels = [
        _level(tempo_bpm, "pulse", onsets, weights),
        _level(tempo_bpm / 2, "half", onsets, weights, weights.alternation * min(alternation, 1.0)),
    ]
    if levels[-1].tempo_bpm < SLOWEST_BPM:
        levels.pop()
    if _is_in_threes(pulse_hz, onsets):
        levels.append(_level(tempo_bpm * 0.75, "three quarters", onsets, weights, -weights.reinterpretation_cost))
    return tuple(sorted(levels, key=lambda level: -level.score))


def _is_in_threes(pulse_hz: float, onsets: OnsetSpectrum) -> bool:
    """Whether the pulse is cut into three rather than into two or four."""
    twos, threes, fours = onsets.at(pulse_hz * np.array([2.0, 3.0, 4.0]))
    return bool(threes > max(twos, fours))


def _level(tempo_bpm: float, relation: str, onsets: OnsetSpectrum, weights: LevelWeights, bonus: float = 0.0) -> Level:
    """Score a tempo by preference and by how clear its sixteenths are."""
    octaves = np.log2(tempo_bpm / weights.preferred_bpm) / weights.preference_octaves
    sixteenths = float(onsets.at(tempo_bpm / 60.0 * 4))
    score = -0.5 * octaves**2 + weights.subdivision * np.log(max(sixteenths, _FAINT)) + bonus
    return Level(tempo_bpm, relation, float(score))
