"""From the meters to the part of the report about dynamics and faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from app.audio import dynamics
from app.audio.flaws import CLICK_CONTEXT
from app.audio.loudness import HOPS_PER_S
from app.audio.model import Clipping, Dynamics, Faults, Hum, NoteCode, Silence, TimeRange
from app.audio.parts import ranges
from app.audio.resonances import find_hum

if TYPE_CHECKING:
    from app.audio.bandwidth import BandwidthReadings
    from app.audio.flaws import FlawReadings
    from app.audio.meters import Meters
    from app.audio.model import FileFacts
    from app.audio.notes import Notes
    from app.audio.spectra import Spectra

_PEAK_HOP_S = 0.1
_BITS_WITH_ROOM = 24
_MOST_CLICKS = 200


def dynamics_part(
    meters: Meters,
    spectra: Spectra,
    bandwidth: BandwidthReadings,
    facts: FileFacts,
    transients: float | None,
    notes: Notes,
) -> Dynamics:
    """Dynamics and faults of a file that is not silent."""
    flaws = meters.flaws.finish()
    sample_peaks = meters.peaks.sample_peaks()
    squares, frames = meters.levels.hops()
    power = meters.loudness.power()
    dr = dynamics.dynamic_range(squares, frames, sample_peaks[: len(squares)])
    if dr is None:
        notes.add("dynamics.dr", NoteCode.TOO_SHORT, "DR needs two blocks of 3 s.")
    noise_floor = dynamics.noise_floor_dbfs(power) if len(power) else None
    if noise_floor is None:
        notes.add("dynamics.noise_floor_dbfs", NoteCode.NOT_HEARD, "The music never pauses.")
    return Dynamics(
        crest_db=dynamics.crest_db(meters.levels.power(), float(sample_peaks.max())),
        dr=dr,
        transients_per_s=transients,
        clipping=_clipping(flaws, sample_peaks, facts.sample_rate_hz),
        inter_sample_overs=ranges(dynamics.hops_over(meters.peaks.true_peaks().max(axis=1), 1.0, _PEAK_HOP_S)),
        dc_offset=meters.levels.offset().tolist(),
        noise_floor_dbfs=noise_floor,
        silence=Silence(*dynamics.silence_s(power, 1 / HOPS_PER_S)),
        faults=_faults(flaws, spectra, bandwidth, facts),
    )


def _clipping(flaws: FlawReadings, sample_peaks: np.ndarray, rate_hz: int) -> Clipping:
    readings = dynamics.clipping(flaws, sample_peaks.max(axis=0), rate_hz)
    return Clipping(readings.runs, readings.samples, ranges(readings.ranges), readings.ceiling_dbfs)


def _faults(
    flaws: FlawReadings,
    spectra: Spectra,
    bandwidth: BandwidthReadings,
    facts: FileFacts,
) -> Faults:
    rate_hz = facts.sample_rate_hz
    hum = find_hum(spectra)
    has_room = facts.bit_depth is not None and facts.bit_depth >= _BITS_WITH_ROOM
    return Faults(
        clicks_s=_click_times_s(flaws, facts),
        dropouts=[
            TimeRange(float(first / rate_hz), float((first + frames) / rate_hz))
            for first, frames in flaws.gaps[: dynamics.MOST_RANGES]
        ],
        cut_start_dbfs=dynamics.cut_level_dbfs(flaws.first_peak),
        cut_end_dbfs=dynamics.cut_level_dbfs(flaws.last_peak),
        hum=None if hum is None else Hum(hum.frequency_hz, hum.level_dbfs),
        effective_bits=flaws.effective_bits if has_room and facts.codec != "pcm_f32" else None,
        lossy_cutoff_hz=bandwidth.cliff_hz,
        upsampled_from_hz=bandwidth.upsampled_from_hz,
    )


def _click_times_s(flaws: FlawReadings, facts: FileFacts) -> list[float]:
    """Times of clicks, once for all channels; the cut ends of a file are told elsewhere."""
    frames = np.unique(np.round(flaws.clicks[:, 0] / CLICK_CONTEXT)) * CLICK_CONTEXT
    last = facts.duration_s * facts.sample_rate_hz - 2 * CLICK_CONTEXT
    inside = frames[(frames > 2 * CLICK_CONTEXT) & (frames < last)]
    return [float(frame) / facts.sample_rate_hz for frame in inside[:_MOST_CLICKS]]
