"""The report as data: every name that the JSON document has, and nothing else.

What could not be measured is None and has its reason under `notes`; a number is never NaN and
never a guess. Numbers carry their unit in the name: _s seconds, _hz hertz, _db decibels, _lufs,
_lu, _dbtp, _dbfs, _bpm.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec

SCHEMA = "tracksensei-report/1"


class NoteCode(StrEnum):
    """Kinds of remarks about a report."""

    NOT_MEASURED = "not_measured"
    TOO_SHORT = "too_short"
    SILENT = "silent"
    NOT_HEARD = "not_heard"
    MODELS_OFF = "models_off"
    ONE_CHANNEL = "one_channel"
    ASSUMED_LAYOUT = "assumed_layout"
    SHORTER_THAN_CLAIMED = "shorter_than_claimed"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Note:
    """Why something is null, or what else should be known about a number.

    `path` names the part of the document, such as "rhythm" or "loudness.range_lu".
    """

    path: str
    code: NoteCode
    reason: str


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """Which engine measured."""

    version: str


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What the file is; `duration_s` by the frames that were read."""

    name: str
    format: str
    codec: str
    duration_s: float
    sample_rate_hz: int
    channels: int
    bit_depth: int | None
    sha256: str


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A stretch of the file."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class LoudnessTimeline:
    """Readings every `step_s`; entry i was read at (i + 1) * step_s, None in silence.

    `psr_db` is the true peak of the last 3 s over their short-term loudness, `true_peak_dbtp`
    that of the step alone: the outline of the wave.
    """

    step_s: float
    momentary_lufs: list[float | None]
    short_term_lufs: list[float | None]
    psr_db: list[float | None]
    true_peak_dbtp: list[float | None]


@dataclass(frozen=True, slots=True)
class Loudness:
    """Loudness and peaks."""

    integrated_lufs: float | None
    range_lu: float | None
    momentary_max_lufs: float | None
    short_term_max_lufs: float | None
    true_peak_dbtp: float | None
    sample_peak_dbfs: float | None
    plr_db: float | None
    psr_min_db: float | None
    loudest: TimeRange | None
    timeline: LoudnessTimeline


@dataclass(frozen=True, slots=True)
class Clipping:
    """Samples that stand at a ceiling, as runs."""

    runs: int
    samples: int
    ranges: list[TimeRange]
    ceiling_dbfs: float | None


@dataclass(frozen=True, slots=True)
class Silence:
    """Silence before the first and after the last sound."""

    head_s: float
    tail_s: float


@dataclass(frozen=True, slots=True)
class Hum:
    """Hum of the mains."""

    frequency_hz: float
    level_dbfs: float


@dataclass(frozen=True, slots=True)
class Faults:
    """What went wrong with the file itself; None for what was looked for and is not there.

    `cut_start_dbfs` and `cut_end_dbfs` are levels of a file that begins or ends inside sound;
    `effective_bits` what samples of 24 bits and more really use; `lossy_cutoff_hz` where the
    spectrum ends in the cliff of a lossy encoder.
    """

    clicks_s: list[float]
    dropouts: list[TimeRange]
    cut_start_dbfs: float | None
    cut_end_dbfs: float | None
    hum: Hum | None
    effective_bits: int | None
    lossy_cutoff_hz: float | None
    upsampled_from_hz: int | None


@dataclass(frozen=True, slots=True)
class Dynamics:
    """Dynamics and faults of the signal."""

    crest_db: float | None
    dr: float | None
    transients_per_s: float | None
    clipping: Clipping | None
    inter_sample_overs: list[TimeRange] | None
    dc_offset: list[float] | None
    noise_floor_dbfs: float | None
    silence: Silence | None
    faults: Faults


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


@dataclass(frozen=True, slots=True)
class StereoBand:
    """Correlation and width of one producer's band."""

    name: str
    low_hz: float
    high_hz: float
    correlation: float | None
    width: float | None
    fold_down_loss_db: float | None


@dataclass(frozen=True, slots=True)
class StereoTimeline:
    """The relation of left and right every `step_s`, None in silence."""

    step_s: float
    correlation: list[float | None]
    width: list[float | None]
    fold_down_loss_db: list[float | None]
    low_end_correlation: list[float | None]


@dataclass(frozen=True, slots=True)
class Stereo:
    """The relation of left and right.

    `inverted` and `low_end_inverted` are passages in which the sides cancel each other;
    `one_sided` is "left" or "right" where the other side is silent or nearly so.
    """

    correlation: float | None
    width: float | None
    balance_db: float | None
    fold_down_loss_db: float | None
    bands: list[StereoBand]
    low_end_side_to_mid_db: float | None
    inverted: list[TimeRange]
    low_end_inverted: list[TimeRange]
    one_sided: str | None
    is_dual_mono: bool
    timeline: StereoTimeline


@dataclass(frozen=True, slots=True)
class TempoAlternative:
    """Another tempo that the beats allow."""

    tempo_bpm: float
    relation: str


@dataclass(frozen=True, slots=True)
class TempoSegment:
    """A stretch of one tempo."""

    start_s: float
    end_s: float
    tempo_bpm: float


@dataclass(frozen=True, slots=True)
class StockRhythm:
    """What the beat tracker alone says, before its level is weighed."""

    tempo_bpm: float
    meter: str
    beats_s: list[float]
    downbeats_s: list[float]


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Tempo, beats and bars.

    `confidence` is how often such a tempo is right; `stability` the part of the beats within
    25 ms of the line through them, `drift_s` the distance of the farthest; `madmom` is null where
    the trained models are off.
    """

    tempo_bpm: float
    confidence: float | None
    alternatives: list[TempoAlternative]
    beats_s: list[float]
    downbeats_s: list[float]
    meter: str
    stability: float
    drift_s: float
    tempo_segments: list[TempoSegment]
    madmom: StockRhythm | None


@dataclass(frozen=True, slots=True)
class KeyAlternative:
    """Another key, with what the network gives it (0 to 1)."""

    key: str
    camelot: str
    weight: float


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord and where it sounds."""

    start_s: float
    end_s: float
    name: str


@dataclass(frozen=True, slots=True)
class StockTonality:
    """What the key network alone says."""

    key: str


@dataclass(frozen=True, slots=True)
class Tonality:
    """Key and tuning; `confidence` is how often such a key is right."""

    key: str
    camelot: str
    confidence: float | None
    alternatives: list[KeyAlternative]
    tuning_hz: float | None
    chords: list[Chord] | None
    madmom: StockTonality | None


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the arrangement; `energy` is 1 for the loudest, 0 for one 20 dB quieter."""

    start_s: float
    end_s: float
    label: str
    energy: float
    loudness_lufs: float | None


@dataclass(frozen=True, slots=True)
class Structure:
    """The arrangement; `contrast_db` is the loudest section over the quietest."""

    sections: list[Section]
    contrast_db: float | None


@dataclass(frozen=True, slots=True)
class CodecPreview:
    """What a lossy encoder makes of the loudest passages, `covered_s` seconds in all.

    `band_difference_db` is the level after decoding over that before, in the order of the bands.
    """

    name: str
    bitrate_kbps: int
    true_peak_dbtp: float
    overs: list[TimeRange]
    band_difference_db: list[float | None]
    covered_s: float


@dataclass(frozen=True, slots=True)
class Platform:
    """What a platform's normalisation would do."""

    name: str
    target_lufs: float | None
    gain_db: float | None
    as_of: str
    source: str


@dataclass(frozen=True, slots=True)
class Report:
    """One document; `live_set`, `findings` and `scores` are filled by those who make them."""

    schema: str
    engine: EngineFacts
    file: FileFacts
    loudness: Loudness
    dynamics: Dynamics | None
    spectrum: Spectrum
    stereo: Stereo | None
    rhythm: Rhythm | None
    tonality: Tonality | None
    structure: Structure | None
    fingerprint: str | None
    codecs: list[CodecPreview] | None
    platforms: list[Platform] | None
    live_set: Any
    findings: Any
    scores: Any
    notes: list[Note]


_DECIMALS = (
    (("_lufs", "_lu", "_dbtp", "_dbfs", "_db", "_db_per_octave", "_hz", "_bpm", "dr"), 2),
    (("_s",), 3),
)
_OTHER_DECIMALS = 4


def encode(document: Any) -> bytes:
    """Write a document as JSON: the same document gives the same bytes.

    Parameters
    ----------
    document
        A `Report`, or anything made of dataclasses, mappings, lists and plain values.

    Raises
    ------
    ValueError
        If a number is NaN or infinite, which JSON cannot say.
    """
    plain = msgspec.to_builtins(document, order="deterministic")
    return msgspec.json.encode(_rounded(plain, _OTHER_DECIMALS))


def decode(data: bytes) -> Report:
    """Read a document that `encode` wrote."""
    return msgspec.json.decode(data, type=Report)


def _rounded(value: Any, decimals: int) -> Any:
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("a number in the document is not finite")
        return round(value, decimals) + 0.0  # the sum turns -0.0 into 0.0
    if isinstance(value, dict):
        return {key: _rounded(item, _decimals_of(key)) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item, decimals) for item in value]
    return value


def _decimals_of(name: str) -> int:
    for suffixes, decimals in _DECIMALS:
        if name.endswith(suffixes):
            return decimals
    return _OTHER_DECIMALS
