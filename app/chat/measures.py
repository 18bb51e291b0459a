"""The figures that have one place in the report, with how the page names and rounds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.analyses.document import number, section

if TYPE_CHECKING:
    from app.analyses.document import Document


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure that has one place in the report."""

    path: str
    name: str
    unit: str
    decimals: int
    anchor: str


MEASURES = (
    Measure("loudness.integrated_lufs", "Integrated loudness", "LUFS", 1, "timeline"),
    Measure("loudness.short_term_max_lufs", "Short-term maximum", "LUFS", 1, "timeline"),
    Measure("loudness.momentary_max_lufs", "Momentary maximum", "LUFS", 1, "timeline"),
    Measure("loudness.range_lu", "Loudness range", "LU", 1, "timeline"),
    Measure("loudness.true_peak_dbtp", "True peak", "dBTP", 1, "timeline"),
    Measure("loudness.sample_peak_dbfs", "Sample peak", "dBFS", 1, "dynamics"),
    Measure("loudness.plr_db", "Peak to loudness ratio", "dB", 1, "dynamics"),
    Measure("loudness.psr_min_db", "Least peak to short-term loudness", "dB", 1, "dynamics"),
    Measure("dynamics.crest_db", "Crest factor", "dB", 1, "dynamics"),
    Measure("dynamics.dr", "DR", "", 1, "dynamics"),
    Measure("dynamics.noise_floor_dbfs", "Noise floor", "dBFS", 1, "dynamics"),
    Measure("dynamics.transients_per_s", "Transients", "per second", 1, "dynamics"),
    Measure("dynamics.faults.cut_end_dbfs", "Level at the cut end", "dBFS", 1, "findings"),
    Measure("dynamics.faults.cut_start_dbfs", "Level at the cut beginning", "dBFS", 1, "findings"),
    Measure("dynamics.faults.effective_bits", "Used bits", "bit", 0, "findings"),
    Measure("dynamics.silence.head_s", "Silence at the beginning", "s", 2, "record"),
    Measure("dynamics.silence.tail_s", "Silence at the end", "s", 2, "record"),
    Measure("spectrum.tilt_db_per_octave", "Spectral slope", "dB/oct", 1, "tone"),
    Measure("spectrum.bandwidth_hz", "Bandwidth", "Hz", 0, "tone"),
    Measure("spectrum.harshness_db", "Harshness, 2.5 to 5 kHz against the mids", "dB", 1, "tone"),
    Measure("spectrum.sibilance_db", "Sibilance, 5 to 10 kHz against the mids", "dB", 1, "tone"),
    Measure("stereo.correlation", "Correlation", "", 2, "stereo"),
    Measure("stereo.width", "Width", "", 2, "stereo"),
    Measure("stereo.balance_db", "Balance", "dB", 1, "stereo"),
    Measure("stereo.fold_down_loss_db", "Loss in the sum to mono", "dB", 1, "stereo"),
    Measure("stereo.low_end_side_to_mid_db", "Side to mid under 120 Hz", "dB", 1, "stereo"),
    Measure("rhythm.tempo_bpm", "Tempo", "BPM", 1, "rhythm"),
    Measure("rhythm.drift_s", "Drift from a steady grid", "s", 3, "rhythm"),
    Measure("tonality.tuning_hz", "Tuning", "Hz", 1, "rhythm"),
    Measure("structure.contrast_db", "Contrast between the loudest and the quietest section", "dB", 1, "timeline"),
    Measure("file.duration_s", "Length", "s", 1, "record"),
    Measure("file.sample_rate_hz", "Sample rate", "Hz", 0, "record"),
    Measure("file.bit_depth", "Bit depth", "bit", 0, "record"),
)


SCORES = ("loudness", "dynamics", "tone", "stereo", "technical", "arrangement")
"""The scores of a report beside their total, as people name them."""


def value_at(document: Document, path: str) -> float | None:
    """Return the figure at a dotted path, or none where it was not measured."""
    *outer, last = path.split(".")
    part: Document = document
    for name in outer:
        part = section(part, name)
    return number(part, last)
