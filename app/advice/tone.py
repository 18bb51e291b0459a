"""Rules about tone: the corridor, resonances, sharpness, the end of the spectrum."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import log2, sqrt
from statistics import median
from typing import TYPE_CHECKING

from app.advice.model import Advice, Confidence, CorridorBand, Evidence, Family, Setting, Severity
from app.advice.reading import line_at, number_at, ranges_at, rows_at
from app.advice.rule import Draft, Rule, evidence
from app.advice.target import Breach
from app.advice.tone_places import seconds_over, sharpest_seconds
from app.advice.words import figure, hertz, signed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.advice.rule import Case

_LEVELS = "spectrum.third_octave.level_db"
_FITTED_HZ = (190.0, 4200.0)
"""The mix is laid on the corridor by the median over these bands, where music varies least."""

_FEWEST_BANDS = 8

REGIONS = (
    ("sub", 70.0),
    ("bass", 190.0),
    ("low mids", 450.0),
    ("mids", 1800.0),
    ("high mids", 4200.0),
    ("highs", 10500.0),
)
"""Names of regions and their upper ends [Hz], by which findings keep their names."""

_FIXABLE = frozenset({"low mids", "mids", "high mids"})
_RESONANCE_HZ = (100.0, 12_000.0)
_MOST_RESONANCES = 3
_MOST_CUT_DB = 6.0
_INSIDE_DB = 1.0
"""A bell goes so far inside the edge, so that the next bounce is not on it again."""


@dataclass(frozen=True, slots=True)
class _Band:
    place: int
    centre_hz: float
    low_db: float
    high_db: float
    level_db: float

    @property
    def excess_db(self) -> float:
        """Distance over the upper edge, or, negative, under the lower one; 0 inside."""
        return max(self.level_db - self.high_db, 0.0) + min(self.level_db - self.low_db, 0.0)

    @property
    def region(self) -> str:
        """The name of the region that it is in."""
        return next(name for name, to_hz in REGIONS if self.centre_hz <= to_hz)


def corridor_bands(case: Case) -> tuple[CorridorBand, ...]:
    """The corridor at the level of this mix; empty where too little was measured."""
    return tuple(CorridorBand(band.centre_hz, round(band.low_db, 2), round(band.high_db, 2)) for band in _bands(case))


def out_of_corridor(case: Case) -> Iterator[Draft]:
    """Yield one finding for each region and side outside the corridor, so that ids stay stable."""
    outside = [band for band in _bands(case) if band.excess_db]
    for name, _ in REGIONS:
        for is_over in (True, False):
            bands = [band for band in outside if band.region == name and (band.excess_db > 0) is is_over]
            if bands:
                yield _region(case, bands, max(bands, key=lambda band: abs(band.excess_db)))


def resonances(case: Case) -> Iterator[Draft]:
    """Yield the highest of the narrow peaks that stay."""
    kept = 0
    for place, row in enumerate(rows_at(case.document, "spectrum.resonances")):
        height_db, centre_hz = number_at(row, "height_db"), number_at(row, "centre_hz")
        if height_db is None or centre_hz is None or not _RESONANCE_HZ[0] <= centre_hz <= _RESONANCE_HZ[1]:
            continue
        breach = case.limit("resonance_db").breach(height_db)
        if breach is None or kept == _MOST_RESONANCES:
            continue
        kept += 1
        quality = min(max(number_at(row, "quality") or 12.0, 4.0), 30.0)
        cut_db = min(height_db / 2, _MOST_CUT_DB)
        yield Draft(
            breach,
            f"Steady resonance at {hertz(centre_hz)}",
            (evidence(f"spectrum.resonances.{place}.height_db", breach),),
            "A narrow peak that stays while the music changes. A held note is meant; a room or a filter is not.",
            (_bell("Notch", centre_hz, -cut_db, quality),),
            ranges_at(row, "ranges"),
            part=_third_octave_name(centre_hz),
        )


def sharpness(case: Case) -> Iterator[Draft]:
    """Yield findings on sibilance and harshness."""
    for name, words, low_hz, high_hz in (
        ("sibilance_db", "Sharp", 5000.0, 10_000.0),
        ("harshness_db", "Harsh", 2500.0, 5000.0),
    ):
        path = f"spectrum.{name}"
        breach = case.breach(path, name)
        if breach is None:
            continue
        cut_db = min(max(breach.value - breach.limit.bound, 1.0), _MOST_CUT_DB)
        centre_hz = sqrt(low_hz * high_hz)
        yield Draft(
            breach,
            f"{words} moments between {hertz(low_hz)} and {hertz(high_hz)}",
            (evidence(path, breach),),
            "One window in twenty is so much louder there than the body of voices and instruments.",
            (
                Advice(
                    f"Dynamic band at {hertz(centre_hz)}, Q 1.4, at most {signed(-cut_db, 'dB')}, on what is sharp.",
                    "De-esser",
                    (
                        Setting("frequency", round(centre_hz), "Hz"),
                        Setting("Q", 1.4, ""),
                        Setting("gain", -round(cut_db, 1), "dB"),
                    ),
                ),
            ),
            sharpest_seconds(case, centre_hz),
            part=name.removesuffix("_db"),
        )


def dull(case: Case) -> Iterator[Draft]:
    """Yield a note where the spectrum ends low without a cliff."""
    breach = case.breach("spectrum.bandwidth_hz", "bandwidth_hz")
    if breach is None or case.number("dynamics.faults.lossy_cutoff_hz") is not None:
        return  # a cliff has a finding of its own
    yield Draft(
        breach,
        f"Nothing above {hertz(breach.value)}",
        (evidence("spectrum.bandwidth_hz", breach, 0),),
        "Cymbals and rooms reach higher. A low-pass may be left on a group.",
        (Advice(f"Look for a low-pass near {hertz(breach.value)} on the master and its groups.", "EQ"),),
    )


def _bands(case: Case) -> list[_Band]:
    corridor = case.corridor()
    centres_hz = line_at(case.document, "spectrum.third_octave.centre_hz")
    levels_db = line_at(case.document, _LEVELS)
    pairs = [
        (place, centre_hz, level_db)
        for place, (centre_hz, level_db) in enumerate(zip(centres_hz, levels_db, strict=False))
        if centre_hz is not None and level_db is not None and corridor.judges(centre_hz)
    ]
    offsets = [
        level_db - corridor.centre_db(centre_hz)
        for _, centre_hz, level_db in pairs
        if _FITTED_HZ[0] <= centre_hz <= _FITTED_HZ[1]
    ]
    if len(offsets) < _FEWEST_BANDS:
        return []
    made = []
    for place, centre_hz, level_db in pairs:
        middle_db, tolerance = median(offsets) + corridor.centre_db(centre_hz), corridor.tolerance(centre_hz)
        low_db, high_db = middle_db - tolerance.under_db, middle_db + tolerance.over_db
        made.append(_Band(place, centre_hz, low_db, high_db, level_db))
    return made


def _region(case: Case, bands: list[_Band], worst: _Band) -> Draft:
    is_over = worst.excess_db > 0
    breach = _breach(case, worst)
    octaves = log2(bands[-1].centre_hz / bands[0].centre_hz) + 1 / 3
    quality = round(min(max(1.0 / octaves, 0.4), 4.0), 1)
    change_db = min(abs(worst.excess_db) + _INSIDE_DB, _MOST_CUT_DB)
    gain_db = -change_db if is_over else change_db
    words = "Build-up" if is_over else "Too little"
    title = f"{words} in the {worst.region} around {hertz(worst.centre_hz)}"
    why = (
        "More than the corridor allows: what lies there covers its neighbours."
        if is_over
        else "Less than the corridor expects: the mix leans on what lies beside it."
    )
    bound_db = worst.high_db if is_over else worst.low_db
    return Draft(
        breach,
        title,
        (
            Evidence(f"{_LEVELS}.{worst.place}", round(worst.level_db, 2), round(bound_db, 2), "dBFS"),
            Evidence("spectrum.tilt_db_per_octave", case.number("spectrum.tilt_db_per_octave") or 0.0, None, "dB/oct"),
        ),
        f"{why} {signed(worst.excess_db, 'dB')} beyond its edge.",
        (_bell("Bell", worst.centre_hz, gain_db, quality),),
        seconds_over(case, worst.centre_hz, worst.excess_db) if is_over else (),
        part=f"{worst.region.replace(' ', '-')}-{'over' if is_over else 'under'}",
    )


def _breach(case: Case, worst: _Band) -> Breach:
    """The corridor's breach; outside the middle of the spectrum, and where thin, never a fix.

    It grows by the tolerance of the band: where music varies more, a decibel weighs less.
    """
    corridor = case.corridor()
    tolerance = corridor.tolerance(worst.centre_hz)
    span_db = tolerance.over_db if worst.excess_db > 0 else tolerance.under_db
    limit = replace(case.limit("tone_excess_db"), source=corridor.source, span=span_db)
    excess_db = abs(worst.excess_db)
    is_fixable = worst.excess_db > 0 and worst.region in _FIXABLE
    found = limit.breach(excess_db)
    if found is not None and (found.severity is not Severity.FIX or is_fixable):
        return found
    return Breach(limit, excess_db, Severity.CHECK, excess_db / limit.span)


def _bell(word: str, frequency_hz: float, gain_db: float, quality: float) -> Advice:
    return Advice(
        f"{word} {signed(gain_db, 'dB')} at {hertz(frequency_hz)}, Q {figure(quality)}, on the group that fills it.",
        "EQ",
        (
            Setting("frequency", round(frequency_hz, 1), "Hz"),
            Setting("gain", round(gain_db, 1), "dB"),
            Setting("Q", round(quality, 1), ""),
        ),
    )


def _third_octave_name(frequency_hz: float) -> str:
    """The centre of the third octave, so that a peak keeps its name when it moves a little."""
    number = round(10 * log2(frequency_hz) / log2(10))
    return f"{round(10 ** (number / 10))}-hz"


RULES = (
    Rule(
        "tone.corridor",
        Family.TONE,
        "Third-octave levels from 63 Hz to 10 kHz against the corridor",
        ("tone_excess_db",),
        Confidence.CONVENTION,
        out_of_corridor,
    ),
    Rule("tone.resonance", Family.TONE, "Narrow peaks that stay", ("resonance_db",), Confidence.INFERRED, resonances),
    Rule(
        "tone.sharpness",
        Family.TONE,
        "Levels of 2.5 to 5 and 5 to 10 kHz over 0.5 to 2.5 kHz",
        ("sibilance_db", "harshness_db"),
        Confidence.CONVENTION,
        sharpness,
    ),
    Rule("tone.dull", Family.TONE, "Highest frequency with content", ("bandwidth_hz",), Confidence.CONVENTION, dull),
)
