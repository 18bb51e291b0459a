"""Analyses, documents and pages made for the tests of views."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from app.advice.judging import judged_document
from app.advice.model import Stage
from app.advice.target import find_target
from app.analyses.rules import Analysis, FileKind, FileState, State, StepProgress, StepState, UploadedFile
from tests.unit.advice.documents import sound

NOW = datetime(2026, 11, 23, 14, 2, tzinfo=UTC)
ANALYSIS_ID = UUID("00000000-0000-4000-8000-000000000001")


def ago(seconds: float) -> datetime:
    """Return a moment before now."""
    return NOW - timedelta(seconds=seconds)


def upload(name: str = "Night Bus v3.wav", *, state: FileState = FileState.STORED, **other: Any) -> UploadedFile:
    """Make an uploaded file of 48.2 MB."""
    kind = FileKind.LIVE_SET if name.endswith(".als") else FileKind.BOUNCE
    given: dict[str, Any] = {
        "id": UUID(int=7),
        "kind": kind,
        "name": name,
        "format": name.rpartition(".")[2],
        "state": state,
        "declared_bytes": 48_200_000,
        "received_bytes": 48_200_000,
        "sha256": "",
        "created_at": ago(60),
        "started_at": ago(45),
        "delete_after": NOW + timedelta(hours=23, minutes=39),
        "deleted_at": ago(4) if state is FileState.DELETED else None,
    }
    return UploadedFile(**{**given, **other})


def analysis(state: State, *files: UploadedFile, **other: Any) -> Analysis:
    """Make an analysis in a state, of one bounce unless files are given."""
    given: dict[str, Any] = {
        "id": ANALYSIS_ID,
        "account_id": UUID(int=2),
        "track_id": UUID(int=3),
        "track_name": "Night Bus",
        "version": 3,
        "state": state,
        "target": "general",
        "stage": "master",
        "files": files or (upload(),),
        "steps": (),
        "attempts": 1,
        "failure_code": "",
        "failure_sentence": "",
        "can_retry": False,
        "created_at": ago(60),
        "queued_at": ago(40),
        "started_at": ago(18),
        "finished_at": ago(5),
        "changed_at": ago(1),
        "expires_at": NOW + timedelta(days=29, hours=23),
    }
    return Analysis(**{**given, **other})


STEPS = (
    StepProgress("decode", StepState.DONE, 1.0, "5:42"),
    StepProgress("loudness", StepState.DONE, 1.0, "−7.8 LUFS"),
    StepProgress("rhythm", StepState.STARTED, 0.51, None),
    StepProgress("tonality", StepState.WAITING),
)

EVERY_STATE = (
    analysis(State.RECEIVING, upload(state=FileState.RECEIVING, received_bytes=24_100_000, started_at=ago(10))),
    analysis(State.RECEIVING, upload(state=FileState.RECEIVING, received_bytes=0, started_at=None)),
    analysis(State.QUEUED, attempts=0),
    analysis(State.RUNNING, upload(), upload("Night Bus.als"), steps=STEPS),
    analysis(State.DONE, upload(state=FileState.DELETED)),
    analysis(State.FAILED, failure_sentence="Measuring took longer than it may. Nothing was counted.", can_retry=True),
    analysis(
        State.FAILED, upload(state=FileState.DELETED), failure_sentence="It has 16 channels; 8 are taken at most."
    ),
    analysis(State.CANCELLED, upload(state=FileState.DELETED)),
)


def judged(given: dict[str, Any], meant: tuple[str, ...] = ()) -> dict[str, Any]:
    """Judge a document as the product does before it is shown."""
    return judged_document(given, find_target("general"), Stage.MASTER, meant=meant)


def spread(duration_s: float, count: int) -> list[dict[str, Any]]:
    """Make so many stretches along a track, none of them touching another."""
    part = duration_s / count
    return [{"start_s": round(index * part, 2), "end_s": round((index + 0.9) * part, 2)} for index in range(count)]


def sections(duration_s: float) -> list[dict[str, Any]]:
    """Make nine sections of an arrangement."""
    labels = ("intro", "build", "drop", "A", "break", "build", "drop", "B", "outro")
    return [
        {**span, "label": label, "energy": 0.5, "loudness_lufs": -9.0 - index % 3}
        for index, (label, span) in enumerate(zip(labels, spread(duration_s, len(labels)), strict=True))
    ]


def faulty(duration_s: float) -> dict[str, Any]:
    """Make a document with everything wrong that can be, all along the track."""
    given, full = document(duration_s), sound()
    many = spread(duration_s, 50)
    spectrum, stereo, dynamics = full["spectrum"], given["stereo"], full["dynamics"]
    spectrum["third_octave"]["level_db"][5:26] = [-10.0 * (place % 4) for place in range(21)]
    peaks = ({"centre_hz": centre, "quality": 12.0, "height_db": 20.0, "ranges": many} for centre in (500.0, 3000.0))
    spectrum |= {"bands": full["stereo"]["bands"], "resonances": list(peaks), "sibilance_db": 8.0, "harshness_db": 6.0}
    stereo |= {"correlation": -0.4, "balance_db": 3.0, "fold_down_loss_db": 7.0, "low_end_side_to_mid_db": -3.0}
    stereo |= {
        "low_end_inverted": many,
        "bands": [{**row, "fold_down_loss_db": 7.0} for row in full["stereo"]["bands"]],
    }
    dynamics["faults"] |= {"clicks_s": [span["start_s"] for span in many], "dropouts": many, "effective_bits": 16}
    dynamics["faults"] |= {"cut_start_dbfs": -10.0, "cut_end_dbfs": -10.0, "lossy_cutoff_hz": 16_000.0}
    dynamics["faults"]["hum"] = {"frequency_hz": 50.0, "level_dbfs": -30.0}
    dynamics |= {"dc_offset": [0.02, 0.0], "noise_floor_dbfs": -30.0, "crest_db": 5.0, "inter_sample_overs": many}
    dynamics |= {"silence": {"head_s": 3.0, "tail_s": 20.0}}
    dynamics["clipping"] = {"runs": 900, "samples": 900_000, "ranges": many, "ceiling_dbfs": -0.1}
    given["loudness"]["plr_db"] = 4.0
    return {**given, "spectrum": spectrum, "stereo": stereo, "dynamics": dynamics}


def document(duration_s: float = 342.3) -> dict[str, Any]:
    """Make a report's document with every part that the page can show."""
    count = int(duration_s * 10)
    short_term = [None if index < 29 else round(-12 + 4 * (index / count), 2) for index in range(count)]
    momentary = [None if index < 3 else round(-12 + index % 5, 2) for index in range(count)]
    edges = (20.0, 60.0, 250.0, 500.0)
    bands = [
        {"name": name, "low_hz": edges[index], "high_hz": edges[index + 1]}
        for index, name in enumerate(("sub", "bass", "low mids"))
    ]
    bars = spread(duration_s, int(duration_s / 1.8))
    return {
        "schema": "tracksensei-report/1",
        "engine": {"version": "0.1.0"},
        "file": {
            "name": "x.wav",
            "format": "wav",
            "codec": "pcm_24",
            "duration_s": duration_s,
            "sample_rate_hz": 44100,
            "channels": 2,
            "bit_depth": 24,
            "sha256": "9f2c",
        },
        "loudness": {
            "integrated_lufs": -7.83,
            "range_lu": 5.1,
            "momentary_max_lufs": -5.4,
            "short_term_max_lufs": -8.0,
            "true_peak_dbtp": 0.62,
            "sample_peak_dbfs": -0.1,
            "plr_db": 8.4,
            "psr_min_db": 4.9,
            "timeline": {
                "step_s": 0.1,
                "momentary_lufs": momentary,
                "short_term_lufs": short_term,
                "psr_db": [None if index < 29 else 7.5 + index % 13 / 4 for index in range(count)],
                "true_peak_dbtp": [round(-6 + index % 9 / 1.5, 2) for index in range(count)],
            },
        },
        "dynamics": {"crest_db": 9.2, "dr": 6, "clipping": {"runs": 0}, "inter_sample_overs": spread(duration_s, 50)},
        "spectrum": {
            "bands": [{**band, "level_db": -14.0, "share": 0.3} for band in bands],
            "third_octave": {"centre_hz": [63.0, 125.0, 250.0], "level_db": [-14.2, None, -20.0]},
            "tilt_db_per_octave": -4.61,
        },
        "stereo": {
            "correlation": 0.71,
            "width": 0.14,
            "balance_db": -0.2,
            "fold_down_loss_db": 0.7,
            "low_end_side_to_mid_db": -18.3,
            "bands": [{**band, "correlation": 0.9, "width": None} for band in bands],
            "inverted": spread(duration_s, 50),
            "timeline": {
                "step_s": 1.0,
                "correlation": [0.5 + index % 7 / 16 for index in range(int(duration_s))],
                "low_end_correlation": [0.9 for _ in range(int(duration_s))],
            },
        },
        "structure": {"sections": sections(duration_s), "contrast_db": 9.0},
        "codecs": [
            {
                "name": name,
                "bitrate_kbps": 128,
                "true_peak_dbtp": peak,
                "overs": spread(duration_s, 20),
                "band_difference_db": [0.0, 0.0, 0.0, 0.0, -0.5, -1.0, -40.0],
                "covered_s": 15.2,
            }
            for name, peak in (("MP3", 1.2), ("Opus", -0.4))
        ],
        "rhythm": {
            "tempo_bpm": 132.0,
            "confidence": 0.99,
            "alternatives": [{"tempo_bpm": 66.0}],
            "beats_s": [round(0.1 + 0.4545 * index + index % 5 / 400, 3) for index in range(int(duration_s * 2.2))],
            "downbeats_s": [0.1],
            "tempo_segments": [{"start_s": 0.1, "end_s": duration_s, "tempo_bpm": 132.0}],
            "meter": "4/4",
        },
        "tonality": {
            "key": "Bb major",
            "camelot": "6B",
            "confidence": None,
            "alternatives": [{"key": "G minor"}],
            "tuning_hz": 440.3,
            "chords": [{**span, "name": ("Bb major", "G minor")[place % 2]} for place, span in enumerate(bars)],
        },
        "notes": [
            {"path": "structure", "code": "not_measured", "reason": "Not measured by this version."},
            {"path": "tonality.confidence", "code": "not_measured", "reason": "Not measured by this version."},
        ],
    }
