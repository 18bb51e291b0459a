"""Rhythm: tempo, beats and bars.

References
----------
S. Böck, F. Krebs, G. Widmer, "Joint beat and downbeat tracking with recurrent neural networks",
ISMIR 2016: the networks and the model of bars.
U. Ramer, "An iterative procedure for the polygonal approximation of plane curves", Computer
Graphics and Image Processing 1 (1972): where the tempo changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from app.audio import neural
from app.audio.confidence import CLEAR_MARGIN, tempo_confidence
from app.audio.downbeats import decode_bars
from app.audio.onsets import onset_strength
from app.audio.tempo import Level, OnsetSpectrum, weigh_levels

if TYPE_CHECKING:
    import numpy.typing as npt

    from app.audio.aside import Aside

    Floats = npt.NDArray[np.float64]
    Matrix = npt.NDArray[np.float32]

FAINTEST_BEAT = 0.05
"""Mean activation at the beats under which none was heard: a held tone has 0.02."""

FAINTEST_BEAT_IN_NOISE = 0.2
"""The same for a signal as flat as noise, which lets the networks answer 0.07 to 0.13."""

STEADY_S = 0.025
"""A beat within this of the line of the tempo that lasts longest is steady."""

BEND_S = 0.06
"""A tempo changes where the beats leave the line by more than this."""

LONGEST_SLIP_S = 8.0
"""Beats that leave a grid and come back to the same one within this were miscounted: a break of
four bars at 120 BPM, in which the tracker has little to hold on to."""

_FEWEST_BEATS = 4
_FEWEST_BEATS_OF_A_TEMPO = 8
_LEVEL_SPAN = 0.08
_MOST = 0.5


@dataclass(frozen=True, slots=True)
class BeatLine:
    """Evenly spaced beats: the first of them, and the time from one to the next."""

    start_s: float
    period_s: float

    @property
    def tempo_bpm(self) -> float:
        """Beats a minute."""
        return 60.0 / self.period_s

    def off_line_s(self, beats_s: Floats, numbers: Floats) -> Floats:
        """Return how far each beat is from the line's beat of its number."""
        return np.abs(beats_s - (self.start_s + self.period_s * numbers))

    def off_grid_s(self, beats_s: Floats) -> Floats:
        """Return how far each beat is from the nearest beat of the line."""
        return self.off_line_s(beats_s, np.round((beats_s - self.start_s) / self.period_s))


@dataclass(frozen=True, slots=True)
class TempoStretch:
    """A stretch of one tempo, and the line through its beats, which begins with the first of them."""

    start_s: float
    end_s: float
    line: BeatLine

    @property
    def tempo_bpm(self) -> float:
        """Tempo of its line."""
        return self.line.tempo_bpm


@dataclass(frozen=True, slots=True)
class Beats:
    """Beats and bars as they were decoded.

    Attributes
    ----------
    beats_s, downbeats_s : ndarray of float64
        Times of all beats and of the first beats of bars.
    beats_per_bar
        3 or 4.
    """

    tempo_bpm: float
    beats_s: Floats
    downbeats_s: Floats
    beats_per_bar: int


@dataclass(frozen=True, slots=True)
class RhythmReadings:
    """Beats at the level that was chosen, and what was found before choosing.

    Attributes
    ----------
    tempo_bpm
        Of the stretch that lasts longest.
    confidence
        How often such an answer is right (0 to 1).
    levels
        The readings of the pulse, best first.
    stability
        Part of the beats within `STEADY_S` of the line of the tempo that lasts longest.
    drift_s
        How far the farthest beat is from that line. Where the tracker slipped, no beat counts.
    stock
        The tracker's own answer.
    margin, strength
        Score of the level over the next, and mean activation at the tracker's beats.
    """

    tempo_bpm: float
    confidence: float
    levels: tuple[Level, ...]
    beats: Beats
    stability: float
    drift_s: float
    stretches: tuple[TempoStretch, ...]
    stock: Beats
    margin: float
    strength: float


def measure_rhythm(
    features: Matrix, activations: Matrix, aside: Aside | None = None, *, is_noise: bool
) -> RhythmReadings | None:
    """Decode the beats and choose their level; None where no beat was heard.

    Parameters
    ----------
    features : ndarray of float32 [shape=(frames, 314)]
        As `app.audio.beat_features` makes them.
    activations : ndarray of float32 [shape=(frames, 2)]
        Probabilities of beat and downbeat, 100 frames a second.
    aside
        Takes half of the search for bars.
    is_noise
        Whether the spectrum is as flat as that of noise.
    """
    stock = _beats(decode_bars(activations, aside=aside))
    if stock is None:
        return None
    strength = _strength(stock, activations)
    if strength < (FAINTEST_BEAT_IN_NOISE if is_noise else FAINTEST_BEAT):
        return None
    onsets = OnsetSpectrum(onset_strength(features))
    levels = weigh_levels(stock.tempo_bpm, onsets, OnsetSpectrum(activations.sum(axis=1)))
    beats = _beats_at(levels[0], stock, activations)
    kept_s = without_slips(beats.beats_s)
    stretches = tempo_stretches(kept_s)
    longest = _longest(stretches)
    off_s = _off_longest(kept_s, longest)
    margin = levels[0].score - levels[1].score if len(levels) > 1 else CLEAR_MARGIN
    return RhythmReadings(
        tempo_bpm=onsets.refine(longest.tempo_bpm) if len(stretches) == 1 else longest.tempo_bpm,
        confidence=tempo_confidence(margin, strength),
        levels=levels,
        beats=beats,
        stability=float((off_s <= STEADY_S).sum() / len(beats.beats_s)),
        drift_s=float(off_s.max()),
        stretches=stretches,
        stock=stock,
        margin=margin,
        strength=strength,
    )


def fit_line(beats_s: Floats) -> BeatLine:
    """Fit a line through the beats.

    The intervals themselves are whole hundredths of a second, which turns 110.00 into 109.09;
    the line through all of them is not bound to that grid. Beats that were left out or added
    are numbered by the median interval, so that one slip does not bend the line.
    """
    numbers, _ = _numbered(beats_s)
    return _steady_line(beats_s, numbers) or _line(beats_s, numbers)


def tempo_stretches(beats_s: Floats) -> tuple[TempoStretch, ...]:
    """Cut the beats where their line bends by more than `BEND_S`."""
    numbers, _ = _numbered(beats_s)
    cuts = [0, *_bends(numbers, beats_s, 0, len(beats_s) - 1), len(beats_s) - 1]
    return tuple(
        TempoStretch(float(beats_s[first]), float(beats_s[last]), fit_line(beats_s[first : last + 1]))
        for first, last in pairwise(cuts)
    )


def without_slips(beats_s: Floats) -> Floats:
    """Leave out the beats between two stretches of one grid, at most `LONGEST_SLIP_S` apart.

    A tracker that loses the beat in a break and finds it again has counted too many or too few;
    music that changed its tempo would not come back to the very grid it left.
    """
    stretches = tempo_stretches(beats_s)
    line = _longest(stretches).line
    on_grid = [stretch for stretch in stretches if np.median(line.off_grid_s(_within(beats_s, stretch))) <= STEADY_S]
    kept = np.ones(len(beats_s), dtype=bool)
    for before, after in pairwise(on_grid):
        if after.start_s - before.end_s <= LONGEST_SLIP_S:
            kept[(beats_s > before.end_s) & (beats_s < after.start_s)] = False
    return beats_s[kept]


def _longest(stretches: tuple[TempoStretch, ...]) -> TempoStretch:
    return max(stretches, key=lambda stretch: stretch.end_s - stretch.start_s)


def _within(beats_s: Floats, stretch: TempoStretch) -> Floats:
    return beats_s[(beats_s >= stretch.start_s) & (beats_s <= stretch.end_s)]


def _off_longest(beats_s: Floats, longest: TempoStretch) -> Floats:
    """Return how far each beat is from the line of the longest stretch, counted on beyond its ends."""
    numbers, _ = _numbered(beats_s)
    first = numbers[np.searchsorted(beats_s, longest.start_s)]
    return longest.line.off_line_s(beats_s, numbers - first)


def _steady_line(beats_s: Floats, numbers: Floats) -> BeatLine | None:
    """Fit a line through the beats that are near the line through all; None where most are not."""
    steady = _line(beats_s, numbers).off_line_s(beats_s, numbers) <= STEADY_S
    return _line(beats_s[steady], numbers[steady]) if steady.mean() >= _MOST else None


def _line(beats_s: Floats, numbers: Floats) -> BeatLine:
    period_s, start_s = np.polyfit(numbers, beats_s, 1)
    return BeatLine(float(start_s), float(period_s))


def _bends(numbers: Floats, beats_s: Floats, first: int, last: int) -> list[int]:
    """Beats at which the polygon through the beats has its corners (Ramer)."""
    if last - first < 2 * _FEWEST_BEATS_OF_A_TEMPO:
        return []
    slope_s = (beats_s[last] - beats_s[first]) / (numbers[last] - numbers[first])
    chord_s = beats_s[first] + slope_s * (numbers[first : last + 1] - numbers[first])
    distance_s = np.abs(beats_s[first : last + 1] - chord_s)
    inner = slice(_FEWEST_BEATS_OF_A_TEMPO, -_FEWEST_BEATS_OF_A_TEMPO)
    corner = first + _FEWEST_BEATS_OF_A_TEMPO + int(distance_s[inner].argmax())
    if distance_s[inner].max(initial=0.0) <= BEND_S:
        return []
    return [
        *_bends(numbers, beats_s, first, corner),
        corner,
        *_bends(numbers, beats_s, corner, last),
    ]


def _numbered(beats_s: Floats) -> tuple[Floats, float]:
    """Number the beats by the median interval, over gaps and doubles."""
    interval_s = float(np.median(np.diff(beats_s)))
    steps = np.maximum(1.0, np.round(np.diff(beats_s) / interval_s))
    return np.concatenate(([0.0], np.cumsum(steps))), interval_s


def _pulse_bpm(beats_s: Floats) -> float:
    """Tempo of the line through the beats; of the median interval where most are not on one."""
    numbers, interval_s = _numbered(beats_s)
    line = _steady_line(beats_s, numbers)
    return line.tempo_bpm if line is not None else 60.0 / interval_s


def _beats(bars: Floats) -> Beats | None:
    if len(bars) < _FEWEST_BEATS:
        return None
    beats_s = bars[:, 0]
    return Beats(
        tempo_bpm=_pulse_bpm(beats_s),
        beats_s=beats_s,
        downbeats_s=beats_s[bars[:, 1] == 1],
        beats_per_bar=int(bars[:, 1].max()),
    )


def _beats_at(level: Level, stock: Beats, activations: Matrix) -> Beats:
    """Decode again at another level; the tracker's own beats where that finds none."""
    if level.relation == "pulse":
        return stock
    around = (level.tempo_bpm * (1 - _LEVEL_SPAN), level.tempo_bpm * (1 + _LEVEL_SPAN))
    return _beats(decode_bars(activations, around)) or stock


def _strength(beats: Beats, activations: Matrix) -> float:
    """Mean activation at the beats."""
    frames = np.round(beats.beats_s * neural.BEAT_FRAMES_PER_S).astype(np.int64)
    return float(activations[frames].sum(axis=1).mean())
