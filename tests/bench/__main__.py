"""Compare the engine with other tools on the same files, warm, medians of several runs.

    python -m tests.bench [--runs 5] [FILE...]

Without files a track of four minutes is made. Measured beside the engine, where they are
installed: ffmpeg's ebur128 with true peak; a plain script of librosa, pyloudnorm and madmom;
essentia's MusicExtractor (AGPL: a yardstick by hand, never a dependency). Each runs in a process
of its own that is warm before the clock starts.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click
import numpy as np
import soundfile

_WORKER = "tests.bench.contender"


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True))
@click.option("--runs", default=5, show_default=True)
@click.option("--growth/--no-growth", default=False, help="Also 1, 5 and 15 minutes.")
def main(files: tuple[Path, ...], *, runs: int, growth: bool) -> None:
    """Print seconds per minute of audio, ratios and peak memory."""
    with tempfile.TemporaryDirectory() as folder:
        chosen = files or (_made_track(Path(folder), 4.0),)
        for path in chosen:
            _compare(path, runs)
        if growth:
            for minutes in (1.0, 5.0, 15.0):
                _report("engine", _made_track(Path(folder), minutes), 1, None)


def _compare(path: Path, runs: int) -> None:
    click.echo(f"{path.name}: {soundfile.info(path).duration:.0f} s")
    ours = _report("engine without codecs", path, runs, None)
    for name in ("engine", "plain script", "MusicExtractor"):
        _report(name, path, runs, ours)
    _ffmpeg(path, runs, ours)


def _report(name: str, path: Path, runs: int, ours: float | None) -> float | None:
    """Run one contender in a warm process of its own."""
    finished = subprocess.run(
        [sys.executable, "-m", _WORKER, name, str(path), str(runs)],
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode != 0:
        reason = (finished.stderr.strip().splitlines() or ["failed"])[-1]
        click.echo(f"  {name:24s} not run: {reason}")
        return None
    result = json.loads(finished.stdout.splitlines()[-1])
    seconds = float(statistics.median(result["seconds"]))
    cpu = statistics.median(result["cpu_seconds"])
    minutes = soundfile.info(path).duration / 60
    ratio = f"{seconds / ours:5.1f}x ours" if ours else ""
    click.echo(
        f"  {name:24s} {seconds:7.2f} s ({seconds / minutes:.3f} a minute), "
        f"CPU {cpu:6.2f} s, peak {result['peak_mb']:5.0f} MB {ratio}"
    )
    for step, at_s in result.get("steps", {}).items():
        click.echo(f"      {step} done at {at_s:.2f} s")
    return seconds


def _ffmpeg(path: Path, runs: int, ours: float | None) -> None:
    """Loudness and true peak alone, by ffmpeg."""
    program = shutil.which("ffmpeg")
    if program is None:
        click.echo("  ffmpeg                   not run: it is not installed")
        return
    command = [program, "-nostdin", "-i", str(path), "-af", "ebur128=peak=true", "-f", "null", "-"]
    seconds = []
    for _ in range(runs):
        started = time.perf_counter()
        subprocess.run(command, capture_output=True, check=True)
        seconds.append(time.perf_counter() - started)
    median = statistics.median(seconds)
    ratio = f"{median / ours:5.2f}x ours" if ours else ""
    click.echo(f"  {'ffmpeg, loudness alone':24s} {median:7.2f} s {ratio}")
    _report("loudness alone", path, runs, None)


def _made_track(folder: Path, minutes: float) -> Path:
    """Noise, a beat and chords at 44.1 kHz, 16 bits."""
    rate_hz = 44_100
    time_s = np.arange(round(minutes * 60 * rate_hz)) / rate_hz
    beat = np.sin(2 * np.pi * 55 * time_s) * np.exp(-12 * (time_s % 0.48))
    chord = sum(np.sin(2 * np.pi * pitch * time_s) for pitch in (220.0, 261.6, 329.6))
    hiss = 0.05 * np.random.default_rng(0).standard_normal((len(time_s), 2))
    signal = 0.5 * beat[:, None] + 0.05 * np.asarray(chord)[:, None] + hiss
    path = folder / f"made-{minutes:g}-min.wav"
    soundfile.write(path, np.clip(signal, -1, 1), rate_hz, subtype="PCM_16")
    return path


if __name__ == "__main__":
    main()
