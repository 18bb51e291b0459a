"""Structure: sections of the arrangement, with bounds on downbeats.

Each bar is described by its levels in a dozen bands and by its onsets. A section begins where
the four bars before a downbeat differ most from the four after it: a round of four chords is in
both, so that it cancels. A section gets a name only where its place, its bass and its energy
carry it; else a letter, the same for sections that sound alike.

References
----------
J. Foote, "Automatic audio segmentation using a measure of audio novelty", ICME 2000: bounds as
peaks of the difference between what comes before and after.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from app.audio import neural
from app.audio.loudness import HOPS_PER_S, loudness

if TYPE_CHECKING:
    import numpy.typing as npt

    from app.audio.spectra import SpectrumWindows

    Floats = npt.NDArray[np.float64]
    Matrix = npt.NDArray[np.float32]

COMPARED_BARS = 4
"""Bars before and after a bound; the usual length of a round of chords."""

DIFFERENCE_DB = 2.0
"""Least difference at a bound: the fourth-power mean over the features, so that one layer that
comes in counts although nothing else changes."""

FEWEST_BARS = 8
BAR_WITHOUT_BEATS_S = 2.0

_TWELFTHS_A_BAND = 8
_QUIETEST_DB = 45.0
_LOW_BANDS = 2

FULL_DB = 2.5
"""A section within this of the loudest, in energy and bass, is a full one."""

BASS_MISSING_DB = 8.0
BUILD_RISE_DB = 2.0
ALIKE_DB = 1.5
ENERGY_SPAN_DB = 20.0


@dataclass(frozen=True, slots=True)
class SectionReadings:
    """One section.

    Attributes
    ----------
    label
        intro, build, drop, break, outro, or a letter.
    energy
        0 to 1: 1 for the loudest section, 0 for one that is 20 dB quieter.
    loudness_lufs
        K-weighted loudness without gates; None in silence.
    """

    start_s: float
    end_s: float
    label: str
    energy: float
    loudness_lufs: float | None


@dataclass(frozen=True, slots=True)
class _Section:
    first_bar: int
    last_bar: int
    mean: Floats
    energy_db: float
    bass_db: float
    rise_db: float


def measure_structure(
    windows: SpectrumWindows, features: Matrix, power: Floats, downbeats_s: Floats
) -> tuple[SectionReadings, ...]:
    """Cut a track into sections.

    Parameters
    ----------
    windows
        What is kept of every window of the shared spectra.
    features : ndarray of float32 [shape=(frames, 314)]
        Spectral features, 100 frames a second.
    power : ndarray of float64 [shape=(hops,)]
        K-weighted mean square per hundredth of a second.
    downbeats_s : ndarray of float64
        Where bars begin; if there are none, bars of two seconds are assumed.

    Returns
    -------
    tuple of SectionReadings
        Empty for less than `FEWEST_BARS` bars.
    """
    borders_s = _bar_borders_s(downbeats_s, len(power) / HOPS_PER_S)
    if len(borders_s) - 1 < FEWEST_BARS:
        return ()
    bars = _describe_bars(windows, features, borders_s)
    energy = _means(power[:, None], HOPS_PER_S, borders_s)[:, 0]
    cuts = find_cuts(bars)
    sections = [_section(bars, energy, first, last) for first, last in pairwise(cuts)]
    labels = _labels(sections)
    loudest_db = max(section.energy_db for section in sections)
    return tuple(
        SectionReadings(
            start_s=float(borders_s[section.first_bar]) if section.first_bar else 0.0,
            end_s=float(borders_s[section.last_bar]),
            label=label,
            energy=float(np.clip(1 + (section.energy_db - loudest_db) / ENERGY_SPAN_DB, 0, 1)),
            loudness_lufs=_loudness_lufs(energy[section.first_bar : section.last_bar]),
        )
        for section, label in zip(sections, labels, strict=True)
    )


def find_cuts(bars: Floats) -> list[int]:
    """Find the bars at which sections begin.

    Parameters
    ----------
    bars : ndarray of float64 [shape=(bars, features)]
        Levels in decibels.

    Returns
    -------
    list of int
        First bar of each section, and the number of bars.
    """
    count = len(bars)
    sums = np.concatenate((np.zeros((1, bars.shape[1])), np.cumsum(bars, axis=0)))
    places = np.arange(COMPARED_BARS, count - COMPARED_BARS + 1)
    before = (sums[places] - sums[places - COMPARED_BARS]) / COMPARED_BARS
    after = (sums[places + COMPARED_BARS] - sums[places]) / COMPARED_BARS
    difference = np.zeros(count)
    difference[places] = ((after - before) ** 4).mean(axis=1) ** 0.25
    reach = COMPARED_BARS - 1
    cuts = [
        int(place)
        for place in places
        if difference[place] > DIFFERENCE_DB
        and difference[place] == difference[max(0, place - reach) : place + reach + 1].max()
    ]
    return [0, *cuts, count]


def _bar_borders_s(downbeats_s: Floats, duration_s: float) -> Floats:
    """Borders of bars over the whole file, going on where no downbeat was found."""
    if len(downbeats_s) < FEWEST_BARS:
        return np.arange(0.0, duration_s, BAR_WITHOUT_BEATS_S)
    bar_s = float(np.median(np.diff(downbeats_s)))
    before = downbeats_s[0] - bar_s * np.arange(int(downbeats_s[0] / bar_s), 0, -1)
    room = max(0, int((duration_s - downbeats_s[-1]) / bar_s))
    after = downbeats_s[-1] + bar_s * np.arange(1, room + 1)
    return np.concatenate((before, downbeats_s, after))


def _describe_bars(windows: SpectrumWindows, features: Matrix, borders_s: Floats) -> Floats:
    """Levels of bands and of onsets in decibels [shape=(bars, features)]."""
    windows_per_s = 1.0 / windows.step_s
    low = (windows.left + windows.right)[:, :_LOW_BANDS] / 2
    rows = windows.twelfths.astype(np.float64)
    edges = np.arange(0, rows.shape[1], _TWELFTHS_A_BAND)
    bands = np.column_stack((low, np.add.reduceat(rows, edges, axis=1)))
    # A window is centred a step behind its index, and reaches a step to both sides.
    levels = _means(bands, windows_per_s, borders_s - windows.step_s, inset_s=windows.step_s)
    columns = features[:, :: features.shape[1] // 6].astype(np.float64)
    motion = np.abs(np.diff(columns, axis=0, prepend=columns[:1]))
    onsets = 20.0 * _means(motion, neural.BEAT_FRAMES_PER_S, borders_s)
    return np.column_stack((_floored_db(levels), onsets))


def _floored_db(power: Floats) -> Floats:
    level = 10.0 * np.log10(np.maximum(power, 1e-16))
    return np.asarray(np.maximum(level, level.max() - _QUIETEST_DB))


def _means(rows: Floats, rows_per_s: float, borders_s: Floats, inset_s: float = 0.0) -> Floats:
    """Mean of the rows between borders, and so far inside them [shape=(bars, columns)]."""
    last_row = len(rows) - 1
    starts = np.ceil((borders_s[:-1] + inset_s) * rows_per_s - 1e-6).astype(np.int64)
    starts = np.clip(starts, 0, last_row)
    ends = np.floor((borders_s[1:] - inset_s) * rows_per_s + 1e-6).astype(np.int64)
    ends = np.clip(ends, starts + 1, last_row + 1)
    sums = np.concatenate((np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0)))
    return np.asarray((sums[ends] - sums[starts]) / (ends - starts)[:, None])


def _section(bars: Floats, energy: Floats, first: int, last: int) -> _Section:
    level = 10.0 * np.log10(np.maximum(energy[first:last], 1e-12))
    half = max(1, (last - first) // 3)
    return _Section(
        first_bar=first,
        last_bar=last,
        mean=bars[first:last].mean(axis=0),
        energy_db=float(10.0 * np.log10(max(energy[first:last].mean(), 1e-12))),
        bass_db=float(bars[first:last, :_LOW_BANDS].max(axis=1).mean()),
        rise_db=float(level[-half:].mean() - level[:half].mean()),
    )


def _labels(sections: list[_Section]) -> list[str]:
    """Names where the evidence carries them, else letters."""
    loudest_db = max(section.energy_db for section in sections)
    bassiest_db = max(section.bass_db for section in sections)
    full = [
        section.energy_db > loudest_db - FULL_DB and section.bass_db > bassiest_db - FULL_DB for section in sections
    ]
    thin = [section.bass_db < bassiest_db - BASS_MISSING_DB for section in sections]
    labels = ["" for _ in sections]
    if len(sections) > 1:
        for place, section in enumerate(sections):
            after_thin = place > 0 and thin[place - 1]
            before_full = place + 1 < len(sections) and full[place + 1]
            labels[place] = _name(
                section,
                is_first=place == 0,
                is_last=place == len(sections) - 1,
                is_full=full[place],
                is_thin=thin[place],
                after_thin=after_thin,
                before_full=before_full,
            )
    return _lettered(sections, labels)


def _name(
    section: _Section,
    *,
    is_first: bool,
    is_last: bool,
    is_full: bool,
    is_thin: bool,
    after_thin: bool,
    before_full: bool,
) -> str:
    """Name one section, or leave it without a name."""
    if is_full:
        return "drop" if after_thin else ""
    if is_thin and before_full and section.rise_db > BUILD_RISE_DB:
        return "build"
    if is_first:
        return "intro"
    if is_last:
        return "outro"
    return "break" if is_thin else ""


def _lettered(sections: list[_Section], labels: list[str]) -> list[str]:
    """Give letters to sections without a name, the same to those that sound alike."""
    means: list[Floats] = []
    lettered = []
    for section, label in zip(sections, labels, strict=True):
        if label:
            lettered.append(label)
            continue
        distances = [float(np.abs(section.mean - mean).mean()) for mean in means]
        if not distances or min(distances) > ALIKE_DB:
            means.append(section.mean)
            distances.append(0.0)
        lettered.append(_letter(int(np.argmin(distances))))
    return lettered


def _letter(place: int) -> str:
    return chr(ord("A") + place % 26) + "'" * (place // 26)


def _loudness_lufs(power: Floats) -> float | None:
    mean = float(power.mean())
    return loudness(mean) if mean > 1e-12 else None
