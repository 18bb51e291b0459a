"""What advice is made of: findings, deductions, scores and the verdict that holds them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """What the bounce is meant to be."""

    PREMASTER = "premaster"
    MASTER = "master"


class Family(StrEnum):
    """What a finding is about."""

    LOUDNESS = "loudness"
    DYNAMICS = "dynamics"
    CLIPPING = "clipping"
    TONE = "tone"
    STEREO = "stereo"
    PHASE = "phase"
    TECHNICAL = "technical"
    RHYTHM = "rhythm"
    TONALITY = "tonality"
    STRUCTURE = "structure"
    CODEC = "codec"
    SET = "set"


class Severity(StrEnum):
    """How much a finding asks for: to be mended, to be listened to, to be known."""

    FIX = "fix"
    CHECK = "check"
    NOTE = "note"


class Confidence(StrEnum):
    """What a finding rests on; a figure would claim a calibration that does not exist.

    Measured: the value follows from the samples. Inferred: a detector decided, and detectors
    err. Convention: the value is measured, but where it becomes too much is a matter of taste.
    """

    MEASURED = "measured"
    INFERRED = "inferred"
    CONVENTION = "convention"


class Grade(StrEnum):
    """How near a limit is to who set it."""

    OFFICIAL = "O"
    THIRD_PARTY = "T"
    SECOND_HAND = "S"
    HOUSE = "P"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a limit comes from.

    `how` says how a house limit was set, or how a published one is used.
    """

    title: str
    address: str | None
    grade: Grade
    as_of: str
    how: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A value of the report by its path, beside its limit; no limit where none applies."""

    path: str
    value: float | str
    limit: float | str | None
    unit: str


@dataclass(frozen=True, slots=True)
class Range:
    """A stretch of the file."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Setting:
    """One control and the value to dial in."""

    name: str
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to do: the sentence, and the same as device and settings."""

    text: str
    device: str | None = None
    settings: tuple[Setting, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that fired; `points` is what it takes from the score of its family.

    `is_meant` says that its owner meant it: it is told, and takes nothing.
    """

    id: str
    family: Family
    severity: Severity
    title: str
    evidence: tuple[Evidence, ...]
    ranges: tuple[Range, ...]
    why: str
    advice: tuple[Advice, ...]
    confidence: Confidence
    source: Source
    points: int
    is_meant: bool = False


@dataclass(frozen=True, slots=True)
class Deduction:
    """What one finding takes; less than its points where nothing more was left."""

    finding: str
    points: int


@dataclass(frozen=True, slots=True)
class Score:
    """100 less the deductions; None, with a note, where there is not enough evidence."""

    value: int | None
    deductions: tuple[Deduction, ...]
    note: str | None


@dataclass(frozen=True, slots=True)
class Total:
    """The mean of the scores that have a value: how near to the target, not how good."""

    value: int | None
    name: str
    note: str | None


@dataclass(frozen=True, slots=True)
class Scores:
    """One score a subject."""

    loudness: Score
    dynamics: Score
    tone: Score
    stereo: Score
    technical: Score
    arrangement: Score
    total: Total


@dataclass(frozen=True, slots=True)
class PlatformGain:
    """What a platform's normalisation would do; information, never a fault."""

    name: str
    target_lufs: float | None
    gain_db: float | None
    as_of: str
    source: str
    grade: Grade
    note: str | None


@dataclass(frozen=True, slots=True)
class LimitFacts:
    """Thresholds of one quantity, from the mildest to the hardest; None where there is none."""

    name: str
    unit: str
    is_lower: bool
    note: float | None
    check: float | None
    fix: float | None


@dataclass(frozen=True, slots=True)
class TargetFacts:
    """What was judged against."""

    name: str
    title: str
    genre: str
    destination: str
    stage: Stage
    note: str
    limits: tuple[LimitFacts, ...]


@dataclass(frozen=True, slots=True)
class CorridorBand:
    """The corridor in one third octave, placed at the level of this mix [dBFS]."""

    centre_hz: float
    low_db: float
    high_db: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """Everything that advice says about one document."""

    target: TargetFacts
    findings: tuple[Finding, ...]
    scores: Scores
    platforms: tuple[PlatformGain, ...]
    corridor: tuple[CorridorBand, ...]
