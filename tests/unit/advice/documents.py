"""Made documents: a sound report, and the same with some figures changed."""

from __future__ import annotations

import copy
from typing import Any

from app.advice.judging import judge
from app.advice.model import Finding, Stage, Verdict
from app.advice.target import find_target

CENTRES_HZ = [
    *(20.0, 25.0, 31.5, 40.0, 50.0, 63.0, 80.0, 100.0, 125.0, 160.0, 200.0),
    *(250.0, 315.0, 400.0, 500.0, 630.0, 800.0, 1000.0, 1250.0, 1600.0, 2000.0),
    *(2500.0, 3150.0, 4000.0, 5000.0, 6300.0, 8000.0, 10000.0, 12500.0, 16000.0, 20000.0),
]
BANDS = [
    *(("sub", 20.0, 60.0), ("bass", 60.0, 250.0), ("low mids", 250.0, 500.0), ("mids", 500.0, 2000.0)),
    *(("high mids", 2000.0, 6000.0), ("highs", 6000.0, 16000.0), ("air", 16000.0, 20000.0)),
]
SECONDS = 60


def sound() -> dict[str, Any]:
    """Return a report in which no rule finds anything, for any target, as a master."""
    centre_db = find_target("general").corridor.centre_db
    return {
        "file": {
            "name": "a.wav",
            "format": "wav",
            "codec": "pcm_s24",
            "duration_s": float(SECONDS),
            "sample_rate_hz": 44100,
            "channels": 2,
            "bit_depth": 24,
        },
        "loudness": _loudness(),
        "dynamics": _dynamics(),
        "spectrum": {
            "bands": [
                {"name": name, "low_hz": low, "high_hz": high, "level_db": -20.0, "share": 1 / len(BANDS)}
                for name, low, high in BANDS
            ],
            "third_octave": {"centre_hz": CENTRES_HZ, "level_db": [-20.0 + centre_db(hz) for hz in CENTRES_HZ]},
            "tilt_db_per_octave": -1.5,
            "bandwidth_hz": 20_000.0,
            "resonances": [],
            "sibilance_db": -5.0,
            "harshness_db": -5.0,
            "timeline": {"step_s": 1.0, "bands_db": [[-20.0] * SECONDS for _ in BANDS]},
        },
        "stereo": _stereo(),
        "rhythm": {"tempo_bpm": 128.0, "confidence": 0.95, "stability": 1.0},
        "tonality": {"key": "F minor", "confidence": 0.9, "tuning_hz": 440.0},
        "structure": {"sections": [], "contrast_db": 6.0},
        "codecs": [
            {"name": "MP3", "bitrate_kbps": 128, "true_peak_dbtp": -0.5, "overs": [], "band_difference_db": [0.0] * 7}
        ],
        "notes": [],
    }


def with_changes(**changes: Any) -> dict[str, Any]:
    """Return a sound report with figures changed: `loudness__true_peak_dbtp=1.0`."""
    document = copy.deepcopy(sound())
    for path, value in changes.items():
        *folders, name = path.split("__")
        part: Any = document
        for folder in folders:
            part = part[int(folder)] if isinstance(part, list) else part[folder]
        if isinstance(part, list):
            part[int(name)] = value
        else:
            part[name] = value
    return document


def verdict(document: dict[str, Any], target: str = "general", stage: Stage = Stage.MASTER) -> Verdict:
    """Judge a document."""
    return judge(document, find_target(target), stage)


def found(document: dict[str, Any], target: str = "general", stage: Stage = Stage.MASTER) -> dict[str, Finding]:
    """Findings by their id."""
    return {finding.id: finding for finding in verdict(document, target, stage).findings}


def _loudness() -> dict[str, Any]:
    return {
        "integrated_lufs": -9.0,
        "range_lu": 6.0,
        "momentary_max_lufs": -6.5,
        "short_term_max_lufs": -7.0,
        "true_peak_dbtp": -2.0,
        "sample_peak_dbfs": -2.2,
        "plr_db": 11.0,
        "psr_min_db": 9.0,
        "loudest": {"start_s": 30.0, "end_s": 33.0},
        "timeline": {"step_s": 0.1, "psr_db": [12.0] * (10 * SECONDS)},
    }


def _dynamics() -> dict[str, Any]:
    return {
        "crest_db": 12.0,
        "dr": 9.0,
        "inter_sample_overs": [],
        "dc_offset": [0.0, 0.0],
        "noise_floor_dbfs": -80.0,
        "silence": {"head_s": 0.1, "tail_s": 1.0},
        "clipping": {"runs": 0, "samples": 0, "ranges": [], "ceiling_dbfs": None},
        "faults": {
            "clicks_s": [],
            "dropouts": [],
            "cut_start_dbfs": None,
            "cut_end_dbfs": None,
            "hum": None,
            "effective_bits": 24,
            "lossy_cutoff_hz": None,
            "upsampled_from_hz": None,
        },
    }


def _stereo() -> dict[str, Any]:
    return {
        "correlation": 0.6,
        "width": 0.2,
        "balance_db": 0.2,
        "fold_down_loss_db": 1.0,
        "bands": [
            {"name": name, "low_hz": low, "high_hz": high, "correlation": 0.6, "fold_down_loss_db": 1.0}
            for name, low, high in BANDS
        ],
        "low_end_side_to_mid_db": -25.0,
        "inverted": [],
        "low_end_inverted": [],
        "one_sided": None,
        "is_dual_mono": False,
        "timeline": {
            "step_s": 1.0,
            "correlation": [0.6] * SECONDS,
            "fold_down_loss_db": [1.0] * SECONDS,
            "low_end_correlation": [0.99] * SECONDS,
        },
    }
