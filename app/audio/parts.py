"""From readings to the parts of the report: units, names, and a reason for every null."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from app.audio import loudness as meter
from app.audio.model import (
    CodecPreview,
    Loudness,
    LoudnessTimeline,
    NoteCode,
    Resonance,
    Spectrum,
    Stereo,
    StereoBand,
    StereoTimeline,
    ThirdOctaves,
    TimeRange,
    ToneBand,
    ToneTimeline,
)
from app.audio.resonances import find_resonances
from app.audio.spectra import BAND_EDGES_HZ, BAND_NAMES
from app.audio.spectrum import NOMINAL_CENTRES_HZ, measure_tone
from app.audio.stereo import measure_stereo

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from app.audio.bandwidth import BandwidthReadings
    from app.audio.dynamics import Span
    from app.audio.loudness import LoudnessReadings
    from app.audio.meters import Meters
    from app.audio.notes import Notes
    from app.audio.preview import CodecReadings
    from app.audio.resonances import ResonanceReadings
    from app.audio.spectra import Spectra
    from app.audio.stereo import StereoReadings

    Floats = npt.NDArray[np.float64]

_BANDS = tuple(zip(BAND_NAMES, BAND_EDGES_HZ[:-1], BAND_EDGES_HZ[1:], strict=True))
_SILENT = "The file is silent."


def loudness_part(meters: Meters, notes: Notes, *, silent: bool) -> Loudness:
    """Loudness and peaks."""
    readings = meters.loudness.readings()
    true_peaks = meters.peaks.true_peaks()
    true_peak = None if silent else _decibels(true_peaks.max())
    sample_peak = None if silent else _decibels(meters.peaks.sample_peaks().max())
    integrated = None if silent else readings.integrated_lufs
    psr_db = _peaks_over_short_term(readings, true_peaks)
    if silent:
        notes.add("loudness", NoteCode.SILENT, _SILENT)
    elif readings.integrated_lufs is None:
        notes.add(
            "loudness.integrated_lufs",
            NoteCode.TOO_SHORT if meters.levels.frames == 0 else NoteCode.NOT_HEARD,
            "No block of 0.4 s is louder than the gate of -70 LUFS.",
        )
    if readings.short_term_max_lufs is None and not silent:
        notes.add(
            "loudness.short_term_max_lufs",
            NoteCode.TOO_SHORT,
            "Short-term loudness and its range need 3 s of sound.",
        )
    _note_channels(len(meters.levels.power()), notes)
    return Loudness(
        integrated_lufs=integrated,
        range_lu=None if silent else readings.range_lu,
        momentary_max_lufs=None if silent else readings.momentary_max_lufs,
        short_term_max_lufs=None if silent else readings.short_term_max_lufs,
        true_peak_dbtp=true_peak,
        sample_peak_dbfs=sample_peak,
        plr_db=None if integrated is None or true_peak is None else true_peak - integrated,
        psr_min_db=None if silent else _smallest(psr_db),
        loudest=None if silent or readings.loudest_s is None else TimeRange(*readings.loudest_s),
        timeline=LoudnessTimeline(
            step_s=meter.TIMELINE_STEP_S,
            momentary_lufs=_optional(readings.momentary_lufs),
            short_term_lufs=_optional(readings.short_term_lufs),
            psr_db=_optional(psr_db),
            true_peak_dbtp=_optional(_outline(true_peaks, len(psr_db))),
        ),
    )


def spectrum_part(spectra: Spectra, bandwidth: BandwidthReadings, notes: Notes, *, silent: bool) -> Spectrum:
    """Tone."""
    tone = measure_tone(spectra)
    if silent:
        notes.add("spectrum", NoteCode.SILENT, _SILENT)
        tone.third_octave_db[:] = tone.band_db[:] = tone.band_share[:] = np.nan
    levels, shares = _optional(tone.band_db), _optional(tone.band_share)
    timeline = np.full_like(tone.timeline_db, np.nan) if silent else tone.timeline_db
    return Spectrum(
        bands=[
            ToneBand(name, low_hz, high_hz, level, share)
            for (name, low_hz, high_hz), level, share in zip(_BANDS, levels, shares, strict=True)
        ],
        third_octave=ThirdOctaves(list(NOMINAL_CENTRES_HZ), _optional(tone.third_octave_db)),
        tilt_db_per_octave=None if silent else tone.tilt_db_per_octave,
        bandwidth_hz=None if silent else bandwidth.bandwidth_hz,
        resonances=None if silent else [_resonance(found) for found in find_resonances(spectra)],
        sibilance_db=None if silent else tone.sibilance_db,
        harshness_db=None if silent else tone.harshness_db,
        timeline=ToneTimeline(1.0, [_optional(column) for column in timeline.T]),
    )


def _resonance(found: ResonanceReadings) -> Resonance:
    return Resonance(found.centre_hz, found.quality, found.height_db, ranges(found.ranges))


def ranges(spans: Iterable[Span]) -> list[TimeRange]:
    """Stretches as the document has them."""
    return [TimeRange(span.start_s, span.end_s) for span in spans]


def stereo_part(meters: Meters, spectra: Spectra, notes: Notes, *, silent: bool) -> Stereo | None:
    """Stereo; None for one channel and for silence."""
    power = meters.levels.power()
    if silent:
        notes.add("stereo", NoteCode.SILENT, _SILENT)
        return None
    if len(power) < 2:
        notes.add("stereo", NoteCode.ONE_CHANNEL, "The file has one channel.")
        return None
    readings = measure_stereo(float(power[0]), float(power[1]), meters.levels.cross_power(), spectra)
    if readings.correlation is None:
        notes.add("stereo.correlation", NoteCode.SILENT, "One of the two sides is silent.")
    return Stereo(
        correlation=readings.correlation,
        width=readings.width if np.isfinite(readings.width) else None,
        balance_db=readings.balance_db,
        fold_down_loss_db=readings.fold_down_loss_db,
        bands=_stereo_bands(readings),
        low_end_side_to_mid_db=readings.low_end_side_to_mid_db,
        inverted=ranges(readings.inverted),
        low_end_inverted=ranges(readings.low_end_inverted),
        one_sided=readings.one_sided,
        is_dual_mono=readings.is_dual_mono,
        timeline=StereoTimeline(
            step_s=1.0,
            correlation=_optional(readings.timeline.correlation),
            width=_optional(readings.timeline.width),
            fold_down_loss_db=_optional(readings.timeline.fold_down_loss_db),
            low_end_correlation=_optional(readings.timeline.low_end_correlation),
            bands_correlation=[_optional(column) for column in readings.timeline.band_correlation.T],
            bands_width=[_optional(column) for column in readings.timeline.band_width.T],
            bands_fold_down_loss_db=[_optional(column) for column in readings.timeline.band_fold_down_loss_db.T],
        ),
    )


def _stereo_bands(readings: StereoReadings) -> list[StereoBand]:
    columns = zip(
        _optional(readings.band_correlation),
        _optional(readings.band_width),
        _optional(readings.band_fold_down_loss_db),
        strict=True,
    )
    return [
        StereoBand(name, low_hz, high_hz, *values)
        for (name, low_hz, high_hz), values in zip(_BANDS, columns, strict=True)
    ]


def codec_parts(readings: Iterable[CodecReadings]) -> list[CodecPreview]:
    """What each encoder did to the loudest passages."""
    return [
        CodecPreview(
            name=reading.codec.name,
            bitrate_kbps=reading.codec.bitrate_kbps,
            true_peak_dbtp=reading.true_peak_dbtp,
            overs=ranges(reading.overs),
            band_difference_db=_optional(reading.band_difference_db),
            covered_s=reading.covered_s,
        )
        for reading in readings
    ]


def _note_channels(channels: int, notes: Notes) -> None:
    if channels == 1:
        notes.add(
            "loudness",
            NoteCode.ONE_CHANNEL,
            "One channel reads 3 LU under the same signal on two; the standard counts it once.",
        )
    elif channels > 2:
        notes.add(
            "loudness",
            NoteCode.ASSUMED_LAYOUT,
            f"The {channels} channels are taken to be in the order of WAVE files.",
        )


def _peaks_over_short_term(readings: LoudnessReadings, true_peaks: Floats) -> Floats:
    """True peak over short-term loudness, window by window of 3 s (AES e-brief 373)."""
    window = meter.SHORT_TERM_HOPS // meter.STEP_HOPS
    line = np.full(len(readings.short_term_lufs), np.nan)
    peaks = true_peaks.max(axis=1)[: len(line)]
    if len(peaks) < window:
        return line
    highest = np.lib.stride_tricks.sliding_window_view(peaks, window).max(axis=1)
    short_term = readings.short_term_lufs[window - 1 : window - 1 + len(highest)]
    with np.errstate(invalid="ignore"):
        loud = short_term > meter.ABSOLUTE_GATE_LUFS
    ratio = 20 * np.log10(np.maximum(highest, 1e-12)) - short_term
    line[window - 1 : window - 1 + len(highest)] = np.where(loud, ratio, np.nan)
    return line


def _outline(true_peaks: Floats, steps: int) -> Floats:
    """The highest true peak of any channel, step by step; nothing where there is no sound at all."""
    line = np.full(steps, np.nan)
    peaks = true_peaks.max(axis=1)[:steps]
    with np.errstate(divide="ignore"):
        line[: len(peaks)] = np.where(peaks > 0, 20 * np.log10(peaks), np.nan)
    return line


def _smallest(values: Floats) -> float | None:
    finite = values[np.isfinite(values)]
    return float(finite.min()) if len(finite) else None


def _decibels(amplitude: float) -> float | None:
    return float(20 * np.log10(amplitude)) if amplitude > 0 else None


def _optional(values: Floats) -> list[float | None]:
    return [value if np.isfinite(value) else None for value in values.tolist()]
