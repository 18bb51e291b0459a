"""The spectrum."""

from __future__ import annotations

from dataclasses import dataclass

from app.audio.model.file import TimeRange


@dataclass(frozen=True, slots=True)
class ToneBand:
    """A producer's band: level, and its part of the energy (0 to 1)."""

    name: str
    low_hz: float
    high_hz: float
    level_db: float | None
    share: float | None


@dataclass(frozen=True, slots=True)
class ThirdOctaves:
    """Levels of the 31 third-octave bands, None above half the sample rate."""

    centre_hz: list[float]
    level_db: list[float | None]


@dataclass(frozen=True, slots=True)
class Resonance:
    """A narrow peak that stands out of its surroundings."""

    centre_hz: float
    quality: float
    height_db: float
    ranges: list[TimeRange]


@dataclass(frozen=True, slots=True)
class ToneTimeline:
    """Levels of the bands, in their order, every `step_s`: one list a band."""

    step_s: float
    bands_db: list[list[float | None]]


@dataclass(frozen=True, slots=True)
class Spectrum:
    """Long-term tone; the tilt is the slope of the third-octave levels (pink noise: 0).

    `sibilance_db` and `harshness_db` are levels of 5 to 10 kHz and of 2.5 to 5 kHz over that of
    0.5 to 2.5 kHz which one window in twenty exceeds.
    """

    bands: list[ToneBand]
    third_octave: ThirdOctaves
    tilt_db_per_octave: float | None
    bandwidth_hz: float | None
    resonances: list[Resonance] | None
    sibilance_db: float | None
    harshness_db: float | None
    timeline: ToneTimeline
