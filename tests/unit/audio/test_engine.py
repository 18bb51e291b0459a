"""The whole engine on made files: every part has a defined answer, and never a guess."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest

from app.audio.engine import Step, StepEvent, StepState, analyse
from app.audio.errors import AudioRefused, RefusalCode
from app.audio.model import NoteCode, Report, encode
from tests.unit.audio.signals import Floats, both, chords, drum_loop, noise, sine, write

if TYPE_CHECKING:
    from pathlib import Path

RATE_HZ = 44_100


def measure(folder: Path, signal: Floats, rate_hz: int = RATE_HZ, *, models: bool = True) -> Report:
    """Write a file and measure it; the document must be valid JSON."""
    path = write(folder, "a.wav", signal, rate_hz)
    report = analyse(path, name="a.wav", models=models, codecs=False)
    assert msgspec.json.decode(encode(report), type=Report).file.name == "a.wav"
    return report


def codes(report: Report, path: str) -> set[NoteCode]:
    """Reasons that are given for a part."""
    return {note.code for note in report.notes if note.path.startswith(path)}


@pytest.fixture(scope="module")
def music() -> Floats:
    """Twelve seconds of drums and chords [shape=(frames, 2)]."""
    cadence = np.resize(chords([[45, 57, 60, 64], [50, 57, 62, 65]], 2.0), 12 * RATE_HZ)
    drums = drum_loop(120.0, 12.0)
    return np.column_stack((drums + cadence, drums + 0.7 * cadence))


def test_music_is_measured(tmp_path: Path, music: Floats) -> None:
    """All parts that this version has are there."""
    report = measure(tmp_path, music)
    assert report.file.duration_s == 12.0
    assert report.loudness.integrated_lufs is not None
    assert report.loudness.true_peak_dbtp is not None
    assert report.loudness.plr_db == pytest.approx(report.loudness.true_peak_dbtp - report.loudness.integrated_lufs)
    assert len(report.loudness.timeline.momentary_lufs) == 120
    outline = report.loudness.timeline.true_peak_dbtp
    assert len(outline) == 120
    assert max(peak for peak in outline if peak is not None) == pytest.approx(report.loudness.true_peak_dbtp)
    assert report.stereo is not None
    assert report.rhythm is not None
    assert report.rhythm.tempo_bpm == pytest.approx(120.0, abs=0.2)
    assert report.tonality is not None
    assert report.tonality.key.endswith("minor")


def test_steps_are_told_in_order(tmp_path: Path, music: Floats) -> None:
    """Each starts, advances by real parts, and ends with a first figure."""
    events: list[StepEvent] = []
    path = write(tmp_path, "a.wav", music, RATE_HZ)
    analyse(path, name="a.wav", on_step=events.append, codecs=False)
    assert [event.step for event in events if event.state is StepState.STARTED] == list(Step)
    assert [event.step for event in events if event.state is StepState.DONE] == list(Step)
    results = {event.step: event.result for event in events if event.state is StepState.DONE}
    assert results[Step.DECODE] == "0:12"
    assert str(results[Step.LOUDNESS]).startswith("\N{MINUS SIGN}")
    assert results[Step.TONE] == "31 bands"
    assert results[Step.RHYTHM] == "120.0 BPM"
    parts = [event.part for event in events if event.step is Step.DECODE and event.part is not None]
    assert len(parts) > 4
    assert parts == sorted(parts)


def test_the_same_file_gives_the_same_bytes(tmp_path: Path, music: Floats) -> None:
    """Twice, by path and by descriptor."""
    path = write(tmp_path, "a.wav", music, RATE_HZ)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        documents = {
            encode(analyse(path, name="a.wav", codecs=False)),
            encode(analyse(descriptor, name="a.wav", codecs=False)),
        }
    finally:
        os.close(descriptor)
    assert len(documents) == 1


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="cores cannot be chosen here")
def test_one_core_and_all_cores_give_the_same_bytes(tmp_path: Path, music: Floats) -> None:
    """Which thread was faster leaves no trace, in a process of its own that has one core."""
    path = write(tmp_path, "a.wav", music, RATE_HZ)
    program = (
        "import os, sys; os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(sys.argv[2])]);"
        "from app.audio.engine import analyse; from app.audio.model import encode;"
        "from pathlib import Path; sys.stdout.buffer.write(encode(analyse(Path(sys.argv[1]), name='a.wav')))"
    )
    pinned = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    documents = [
        subprocess.run(
            [sys.executable, "-c", program, str(path), cores], capture_output=True, check=True, env=pinned
        ).stdout
        for cores in ("1", "64")
    ]
    assert documents[0] == documents[1]
    assert b'"tempo_bpm":' in documents[0]


def test_without_models_nothing_is_asked_of_them(tmp_path: Path, music: Floats) -> None:
    """Tempo and key come from plain onsets and pitch classes, and madmom's answers are null."""
    report = measure(tmp_path, music, models=False)
    assert report.rhythm is not None
    assert report.rhythm.tempo_bpm == pytest.approx(120.0, abs=0.2)
    assert report.rhythm.madmom is None
    assert report.tonality is not None
    assert report.tonality.madmom is None
    assert NoteCode.MODELS_OFF in codes(report, "rhythm.madmom")
    assert NoteCode.MODELS_OFF in codes(report, "tonality.madmom")


@pytest.mark.parametrize("level", [0.0, 0.5], ids=["silence", "offset"])
def test_silence_is_silent(tmp_path: Path, level: float) -> None:
    """Digital silence and a constant have no numbers but the file's own."""
    report = measure(tmp_path, np.full((8 * RATE_HZ, 2), level))
    assert report.loudness.integrated_lufs is None
    assert report.loudness.true_peak_dbtp is None
    assert report.spectrum.tilt_db_per_octave is None
    assert report.stereo is None
    assert report.rhythm is None
    assert report.tonality is None
    for part in ("loudness", "spectrum", "stereo", "rhythm", "tonality"):
        assert NoteCode.SILENT in codes(report, part)


@pytest.mark.parametrize("seconds", [1 / RATE_HZ, 0.1, 2.0], ids=["one sample", "0.1 s", "2 s"])
def test_short_files_have_only_what_fits(tmp_path: Path, seconds: float) -> None:
    """Peaks always; loudness from 0.4 s; rhythm and key from 5 s."""
    report = measure(tmp_path, both(sine(1000.0, seconds, RATE_HZ, peak=0.5, phase_deg=90.0)))
    assert (report.loudness.integrated_lufs is not None) == (seconds > 0.4)
    assert report.rhythm is None
    assert report.tonality is None
    assert report.loudness.short_term_max_lufs is None


def test_one_sample_next_to_nothing_is_not_silence(tmp_path: Path) -> None:
    """A single click has a peak and no tempo."""
    signal = np.zeros((8 * RATE_HZ, 2))
    signal[4 * RATE_HZ] = 1.0
    report = measure(tmp_path, signal)
    assert report.loudness.sample_peak_dbfs == pytest.approx(0.0, abs=0.01)
    assert report.rhythm is None
    assert report.tonality is None


def test_noise_has_neither_tempo_nor_key(tmp_path: Path) -> None:
    """The networks would name both."""
    report = measure(tmp_path, both(noise(10.0, RATE_HZ)))
    assert report.rhythm is None
    assert report.tonality is None
    assert codes(report, "rhythm") == {NoteCode.NOT_HEARD}


@pytest.mark.parametrize(("rate_hz", "channels"), [(8_000, 2), (48_000, 1), (48_000, 6), (192_000, 2)])
def test_other_shapes_have_answers(tmp_path: Path, rate_hz: int, channels: int) -> None:
    """8 kHz, 192 kHz, mono and 5.1."""
    signal = np.repeat(drum_loop(120.0, 6.0, rate_hz)[:, None], channels, axis=1)
    report = measure(tmp_path, signal, rate_hz)
    assert report.loudness.integrated_lufs is not None
    assert (report.stereo is None) == (channels == 1)
    assert report.rhythm is not None
    assert report.rhythm.tempo_bpm == pytest.approx(120.0, abs=0.3)


def test_a_full_scale_square_wave(tmp_path: Path) -> None:
    """It stands over full scale between its samples."""
    signal = np.sign(sine(100.3, 6.0, RATE_HZ, phase_deg=1.0))
    report = measure(tmp_path, both(signal))
    assert report.loudness.sample_peak_dbfs == pytest.approx(0.0, abs=1e-3)
    assert report.loudness.true_peak_dbtp is not None
    assert report.loudness.true_peak_dbtp > 0.5


def test_a_refusal_comes_out_as_such(tmp_path: Path) -> None:
    """No report, a code and a sentence."""
    path = tmp_path / "a.wav"
    path.write_bytes(b"")
    with pytest.raises(AudioRefused) as refused:
        analyse(path, name="a.wav", codecs=False)
    assert refused.value.code is RefusalCode.EMPTY


def test_a_document_with_nan_is_not_written() -> None:
    """The JSON library would write null without a word."""
    with pytest.raises(ValueError, match="not finite"):
        encode({"a": [1.0, float("nan")]})


def test_numbers_are_rounded_by_their_unit() -> None:
    """Hundredths of a decibel, thousandths of a second, no negative zero."""
    written = encode({"x_db": -0.001, "x_s": 1.23456, "share": 0.123456, "z_lufs": [-7.777, None]})
    assert json.loads(written) == {"x_db": 0.0, "x_s": 1.235, "share": 0.1235, "z_lufs": [-7.78, None]}
    assert b"-0.0" not in written


def test_a_warm_process_has_one_thread_and_no_report_to_anyone() -> None:
    """Importing the warm module leaves nothing running and keeps the runtime from calling home."""
    code = (
        "import app.audio.warm, os, socket;"
        "assert os.environ['ORT_DISABLE_TELEMETRY'] == '1';"
        "import time; end = time.monotonic() + 5;\n"
        "while len(os.listdir('/proc/self/task')) > 1 and time.monotonic() < end: pass\n"
        "assert len(os.listdir('/proc/self/task')) == 1, os.listdir('/proc/self/task');"
        "links = [os.path.realpath(f'/proc/self/fd/{fd}') for fd in os.listdir('/proc/self/fd')];"
        "assert not [link for link in links if 'socket' in link], links"
    )
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    finished = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
