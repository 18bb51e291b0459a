"""What may be sent of a report: these fields of these types, and nothing that anyone typed.

A report's document is read through these structures, so that a field that is not named here cannot
leave. Names of files, tracks, locators, clips, presets and people are not among them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from app.analyses.document import readings, rows, section, text
from app.chat.names import Names, names_of, product_name

if TYPE_CHECKING:
    from app.analyses.document import Document

MOST_RANGES = 6
MOST_TRACKS = 200
MOST_DEVICES = 24
MOST_SIGNS = 400
"""Of a sentence of a finding."""
SECOND_S = 1.0
Loose = TypeVar("Loose", bound="Part")


class Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A part of what is sent; a figure that was not measured is left out."""


class FileInput(Part, frozen=True):
    """The file, without its name."""

    format: str = ""
    codec: str = ""
    duration_s: float | None = None
    sample_rate_hz: int | None = None
    channels: int | None = None
    bit_depth: int | None = None


class LoudnessInput(Part, frozen=True):
    """Loudness and peaks."""

    integrated_lufs: float | None = None
    range_lu: float | None = None
    momentary_max_lufs: float | None = None
    short_term_max_lufs: float | None = None
    true_peak_dbtp: float | None = None
    sample_peak_dbfs: float | None = None
    plr_db: float | None = None
    psr_min_db: float | None = None


class DynamicsInput(Part, frozen=True):
    """Dynamics."""

    crest_db: float | None = None
    dr: float | None = None
    noise_floor_dbfs: float | None = None
    transients_per_s: float | None = None


class BandInput(Part, frozen=True):
    """One of the seven bands."""

    name: str = ""
    low_hz: float | None = None
    high_hz: float | None = None
    level_db: float | None = None
    share: float | None = None
    correlation: float | None = None
    width: float | None = None


class ResonanceInput(Part, frozen=True):
    """A steady tone."""

    centre_hz: float | None = None
    height_db: float | None = None


class SpectrumInput(Part, frozen=True):
    """Tone."""

    tilt_db_per_octave: float | None = None
    bandwidth_hz: float | None = None
    harshness_db: float | None = None
    sibilance_db: float | None = None
    bands: tuple[BandInput, ...] = ()
    resonances: tuple[ResonanceInput, ...] = ()


class StereoInput(Part, frozen=True):
    """Stereo."""

    correlation: float | None = None
    width: float | None = None
    balance_db: float | None = None
    fold_down_loss_db: float | None = None
    low_end_side_to_mid_db: float | None = None
    bands: tuple[BandInput, ...] = ()


class RhythmInput(Part, frozen=True):
    """Tempo and bars."""

    tempo_bpm: float | None = None
    confidence: float | None = None
    meter: str = ""
    stability: float | None = None


class TonalityInput(Part, frozen=True):
    """Key and tuning."""

    key: str = ""
    camelot: str = ""
    confidence: float | None = None
    tuning_hz: float | None = None


class RangeInput(Part, frozen=True):
    """A stretch of the track [s]."""

    start_s: float
    end_s: float


class SectionInput(Part, frozen=True):
    """A section of the music."""

    start_s: float
    end_s: float
    label: str = ""
    loudness_lufs: float | None = None


class CodecInput(Part, frozen=True):
    """A preview of an encoder."""

    name: str = ""
    bitrate_kbps: float | None = None
    true_peak_dbtp: float | None = None


class PlatformInput(Part, frozen=True):
    """What a platform does with the loudness."""

    name: str = ""
    target_lufs: float | None = None
    gain_db: float | None = None


class EvidenceInput(Part, frozen=True):
    """A value that broke a limit."""

    path: str = ""
    value: float | str | None = None
    limit: float | str | None = None
    unit: str = ""


class FindingInput(Part, frozen=True):
    """A finding, as the report tells it."""

    id: str
    severity: str
    title: str
    evidence: tuple[EvidenceInput, ...] = ()
    ranges: tuple[RangeInput, ...] = ()
    why: str = ""
    advice: tuple[str, ...] = ()


class TrackInput(Part, frozen=True):
    """A track of the Live set under its placeholder: what it is for and which devices are on it."""

    name: str
    kind: str = ""
    role: str = ""
    volume_db: float | None = None
    pan: float | None = None
    devices: tuple[str, ...] = ()


class LocatorInput(Part, frozen=True):
    """A locator of the Live set under its placeholder."""

    name: str
    time_s: float | None = None


class LiveSetInput(Part, frozen=True):
    """The Live set in short."""

    tempo_bpm: float | None = None
    time_signature: str = ""
    tracks: tuple[TrackInput, ...] = ()
    locators: tuple[LocatorInput, ...] = ()


class TimelineInput(Part, frozen=True):
    """Short-term loudness at each second; null where there is none."""

    step_s: float
    short_term_lufs: tuple[float | None, ...] = ()


class PromptInput(Part, frozen=True):
    """Everything of a report that is sent."""

    target: str = ""
    stage: str = ""
    file: FileInput = FileInput()
    loudness: LoudnessInput = LoudnessInput()
    timeline: TimelineInput | None = None
    dynamics: DynamicsInput = DynamicsInput()
    spectrum: SpectrumInput = SpectrumInput()
    stereo: StereoInput = StereoInput()
    rhythm: RhythmInput = RhythmInput()
    tonality: TonalityInput = TonalityInput()
    sections: tuple[SectionInput, ...] = ()
    codecs: tuple[CodecInput, ...] = ()
    platforms: tuple[PlatformInput, ...] = ()
    findings: tuple[FindingInput, ...] = ()
    scores: dict[str, float | None] = {}
    live_set: LiveSetInput | None = None
    not_measured: tuple[str, ...] = ()


def prompt_input(document: Document) -> PromptInput:
    """Read what may be sent out of a report."""
    target, names = section(document, "target"), names_of(document)
    return PromptInput(
        target=text(target, "name"),
        stage=text(target, "stage"),
        file=_read(section(document, "file"), FileInput),
        loudness=_read(section(document, "loudness"), LoudnessInput),
        timeline=_timeline(document),
        dynamics=_read(section(document, "dynamics"), DynamicsInput),
        spectrum=_read(section(document, "spectrum"), SpectrumInput),
        stereo=_read(section(document, "stereo"), StereoInput),
        rhythm=_read(section(document, "rhythm"), RhythmInput),
        tonality=_read(section(document, "tonality"), TonalityInput),
        sections=tuple(_read(row, SectionInput) for row in rows(section(document, "structure"), "sections")),
        codecs=tuple(_read(row, CodecInput) for row in rows(document, "codecs")),
        platforms=tuple(_read(row, PlatformInput) for row in rows(document, "platforms")),
        findings=tuple(_finding(row, names) for row in rows(document, "findings")),
        scores={name: _read(score, _Value).value for name, score in section(document, "scores").items()},
        live_set=_live_set(section(document, "live_set"), names) if document.get("live_set") else None,
        not_measured=tuple(text(note, "path") for note in rows(document, "notes")),
    )


class _Value(Part, frozen=True):
    value: float | None = None


def _read(part: Document, kind: type[Loose]) -> Loose:
    """Read the named fields of a part; one of another type than it must have is left out."""
    try:
        return msgspec.convert(part, kind)
    except msgspec.ValidationError:
        kept: dict[str, Any] = {}
        for field in msgspec.structs.fields(kind):
            if field.name in part:
                try:
                    kept[field.name] = msgspec.convert(part[field.name], field.type)
                except msgspec.ValidationError:
                    continue
        return msgspec.convert(kept, kind)


def _timeline(document: Document) -> TimelineInput:
    """Take every second's reading; the report has ten."""
    line = section(section(document, "loudness"), "timeline")
    found = readings(line, "short_term_lufs")
    step_s = line.get("step_s") or SECOND_S
    every = max(1, round(SECOND_S / step_s))
    return TimelineInput(step_s=SECOND_S, short_term_lufs=tuple(found[every - 1 :: every]))


def _finding(row: Document, names: Names) -> FindingInput:
    hide = names.hide if text(row, "family") == "set" else str
    return FindingInput(
        id=text(row, "id"),
        severity=text(row, "severity"),
        title=hide(text(row, "title"))[:MOST_SIGNS],
        evidence=tuple(_read(item, EvidenceInput) for item in rows(row, "evidence")),
        ranges=tuple(_read(item, RangeInput) for item in rows(row, "ranges")[:MOST_RANGES]),
        why=hide(text(row, "why"))[:MOST_SIGNS],
        advice=tuple(hide(text(item, "text"))[:MOST_SIGNS] for item in rows(row, "advice")),
    )


def _live_set(live_set: Document, names: Names) -> LiveSetInput:
    tracks = rows(live_set, "tracks")[:MOST_TRACKS]
    return LiveSetInput(
        tempo_bpm=_read(live_set, RhythmInput).tempo_bpm,
        time_signature=text(live_set, "time_signature")[:8],
        tracks=tuple(_track(row, index, names) for index, row in enumerate(tracks)),
        locators=tuple(
            LocatorInput(name=f"L{index + 1}", time_s=_read(row, _Time).time_s)
            for index, row in enumerate(rows(live_set, "locators")[:MOST_TRACKS])
        ),
    )


class _Time(Part, frozen=True):
    time_s: float | None = None


class _Mixer(Part, frozen=True):
    kind: str = ""
    volume_db: float | None = None
    pan: float | None = None


def _track(row: Document, index: int, names: Names) -> TrackInput:
    mixer, role = _read(row, _Mixer), row.get("role")
    return TrackInput(
        name=names.track(index),
        kind=mixer.kind,
        role=text(role, "role") if isinstance(role, dict) else str(role or ""),
        volume_db=mixer.volume_db,
        pan=mixer.pan,
        devices=tuple(product_name(device) for device in rows(row, "devices")[:MOST_DEVICES]),
    )
