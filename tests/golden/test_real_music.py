"""Real music against the readings of another program."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from madmom.features.downbeats import DBNDownBeatTrackingProcessor

from app.audio import neural
from app.audio.aside import Aside
from app.audio.decode import open_audio
from app.audio.downbeats import decode_bars
from app.audio.errors import Limits
from app.audio.loudness import LoudnessMeter
from app.audio.meters import MonoListeners
from app.audio.true_peak import PeakMeter

DATA = Path(os.environ.get("TRACKSENSEI_DATA") or Path(__file__).parents[3] / "shared" / "data")
MANIFEST = DATA / "audio" / "MANIFEST.json"


def tracks() -> list[dict[str, Any]]:
    """The files beside this checkout; one that is missing where there are none."""
    if not MANIFEST.exists():
        return [{"file": ""}]
    return list(json.loads(MANIFEST.read_text("utf-8")))


@pytest.fixture(params=tracks(), ids=lambda track: track["file"] or "absent")
def track(request: pytest.FixtureRequest) -> dict[str, Any]:
    """One file with its readings."""
    if not request.param["file"]:
        pytest.skip("real music is not beside this checkout")
    return dict(request.param)


def read_by_ffmpeg(track: dict[str, Any]) -> tuple[float, float, float]:
    """Integrated loudness, true peak, and how near both must be.

    The summary that the manifest has is rounded to tenths; the metadata of ffmpeg's last frame,
    where it is installed, is not.
    """
    program = shutil.which("ffmpeg")
    if program is None:
        readings = track["ffmpeg_ebur128"]
        return readings["I_LUFS"], readings["TP_dBTP"], 0.1
    meter = "ebur128=peak=true:metadata=1,ametadata=print:file=-"
    command = [program, "-nostdin", "-v", "error", "-i", str(DATA / "audio" / track["file"]), "-af", meter]
    printed = subprocess.run([*command, "-f", "null", "-"], capture_output=True, text=True, check=True).stdout
    found = {}
    peaks = [0.0]
    for line in printed.splitlines():
        name, _, value = line.partition("=")
        found[name] = value
        if name.startswith("lavfi.r128.true_peaks_ch"):
            peaks.append(float(value))
    return float(found["lavfi.r128.I"]), 20 * float(np.log10(max(peaks))), 0.05


def test_loudness_and_true_peak_agree_with_ffmpeg(track: dict[str, Any]) -> None:
    """Integrated loudness within 0.05 LU and true peak within 0.1 dB of its frame metadata."""
    integrated_lufs, true_peak_dbtp, near = read_by_ffmpeg(track)
    path = DATA / "audio" / track["file"]
    with open_audio(path, name=path.name, limits=Limits()) as decoder:
        loudness = LoudnessMeter(decoder.sample_rate_hz, decoder.channels)
        peaks = PeakMeter(decoder.sample_rate_hz, decoder.channels)
        for block in decoder.blocks():
            loudness.add(block)
            peaks.add(block)
    peaks.finish()
    assert loudness.readings().integrated_lufs == pytest.approx(integrated_lufs, abs=near)
    assert 20 * np.log10(peaks.true_peaks().max()) == pytest.approx(true_peak_dbtp, abs=2 * near)


def test_bars_equal_those_of_the_dense_model(track: dict[str, Any]) -> None:
    """Beats and bar numbers are madmom's own; the first minute, whose trellis fits in memory."""
    path = DATA / "audio" / track["file"]
    with open_audio(path, name=path.name, limits=Limits()) as decoder:
        mono = MonoListeners(decoder.sample_rate_hz)
        for block in decoder.blocks():
            mono.add(block.mean(axis=1))
            if decoder.duration_s > 60:
                break
    mono.finish()
    with Aside() as aside:
        heard = neural.DownbeatActivations(mono.beat_features, aside).answer()
    stock = DBNDownBeatTrackingProcessor(beats_per_bar=[3, 4], fps=100)
    assert np.array_equal(decode_bars(heard), stock(heard))
