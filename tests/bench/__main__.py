"""Compare the engine with other tools on the same files, warm, medians of several runs.

    make bench YARDSTICKS=/path/to/python

Without files a track of four minutes is made. Measured beside the engine: ffmpeg's ebur128 with
true peak, and where the Python that `--yardsticks` names has them, a plain script of librosa,
pyloudnorm and madmom, and essentia's MusicExtractor (AGPL: a yardstick by hand, never a
dependency). Each runs in a process of its own that is warm before the clock starts.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
import soundfile

from tests.bench.contender import YARDSTICKS

_GROWTH_MINUTES = (1.0, 5.0, 15.0)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Medians of one contender; `steps` says when each step was done, or what CPU it took."""

    name: str
    seconds: float
    cpu_seconds: float
    peak_mb: float
    steps: dict[str, float]


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True))
@click.option("--runs", default=5, show_default=True)
@click.option("--yardsticks", default=sys.executable, help="A Python with librosa, pyloudnorm, madmom, essentia.")
@click.option("--growth/--no-growth", default=True, help="Also 1, 5 and 15 minutes.")
def main(files: tuple[Path, ...], *, runs: int, yardsticks: str, growth: bool) -> None:
    """Print seconds per minute of audio, ratios, CPU, peak memory and the cost of each step."""
    with tempfile.TemporaryDirectory() as folder:
        for path in files or (_made_track(Path(folder), 4.0),):
            _compare(path, runs, yardsticks)
        if growth:
            _grow(Path(folder))


def _grow(folder: Path) -> None:
    """How time and memory grow with length, and with the rate."""
    last_pace = 0.0
    for minutes in _GROWTH_MINUTES:
        outcome = _measured("engine without codecs", _made_track(folder, minutes), 1)
        _print(outcome, minutes, None)
        if outcome is None:
            continue
        pace = outcome.seconds / minutes
        growth = f", {pace / last_pace:.2f} times that of the length before" if last_pace else ""
        click.echo(f"    {minutes:g} min at 44.1 kHz: {pace:.3f} s a minute{growth}")
        last_pace = pace
    _print(_measured("engine, 24 bits, 96 kHz", _made_track(folder, 15.0, 96_000, "PCM_24"), 1), 15.0, None)


def _compare(path: Path, runs: int, yardsticks: str) -> None:
    minutes = soundfile.info(path).duration / 60
    click.echo(f"{path.name}: {60 * minutes:.0f} s, medians of {runs}")
    ours = _measured("engine without codecs", path, runs)
    _print(ours, minutes, ours)
    if ours is not None:
        click.echo("    done after: " + ", ".join(f"{step} {at_s:.2f} s" for step, at_s in ours.steps.items()))
    whole = _measured("engine", path, runs)
    _print(whole, minutes, ours)
    if ours is not None and whole is not None:
        click.echo(f"    codec preview adds {whole.seconds - ours.seconds:.2f} s")
    for name in YARDSTICKS:
        _print(_measured(name, path, runs, python=yardsticks), minutes, ours)
    loudness = _measured("loudness alone", path, runs)
    _print(loudness, minutes, None)
    ffmpeg = _ffmpeg(path, runs)
    _print(ffmpeg, minutes, None)
    if loudness is not None and ffmpeg is not None:
        click.echo(f"    ffmpeg takes {ffmpeg.cpu_seconds / loudness.cpu_seconds:.1f} times our CPU for loudness")
    steps = _measured("steps", path, 1)
    if steps is not None:
        click.echo("    CPU by step: " + ", ".join(f"{step} {cpu_s:.2f} s" for step, cpu_s in steps.steps.items()))


def _print(outcome: Outcome | None, minutes: float, ours: Outcome | None) -> None:
    if outcome is None:
        return
    ratio = f", {outcome.seconds / ours.seconds:.1f} times ours" if ours and outcome is not ours else ""
    click.echo(
        f"  {outcome.name:24s} {outcome.seconds:7.2f} s ({outcome.seconds / minutes:.3f} a minute), "
        f"CPU {outcome.cpu_seconds:6.2f} s, peak {outcome.peak_mb:5.0f} MB{ratio}"
    )


def _measured(name: str, path: Path, runs: int, *, python: str = sys.executable) -> Outcome | None:
    """Run one contender in a warm process of its own."""
    finished = subprocess.run(
        [python, "-m", "tests.bench.contender", name, str(path), str(runs)],
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode != 0:
        reason = (finished.stderr.strip().splitlines() or ["failed"])[-1]
        click.echo(f"  {name:24s} not run: {reason}")
        return None
    result = json.loads(finished.stdout.splitlines()[-1])
    return Outcome(
        name,
        statistics.median(result["seconds"]),
        statistics.median(result["cpu_seconds"]),
        result["peak_mb"],
        result["steps"],
    )


def _ffmpeg(path: Path, runs: int) -> Outcome | None:
    """Loudness and true peak alone, by ffmpeg."""
    program = shutil.which("ffmpeg")
    if program is None:
        click.echo("  ffmpeg                   not run: it is not installed")
        return None
    command = [program, "-nostdin", "-i", str(path), "-af", "ebur128=peak=true", "-f", "null", "-"]
    seconds, cpu_seconds, peak_mb = [], [], 0.0
    for _ in range(runs):
        started = time.perf_counter()
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        seconds.append(time.perf_counter() - started)
        cpu_seconds.append(usage.ru_utime + usage.ru_stime)
        peak_mb = max(peak_mb, usage.ru_maxrss / 1024)
    return Outcome("ffmpeg, loudness alone", statistics.median(seconds), statistics.median(cpu_seconds), peak_mb, {})


def _made_track(folder: Path, minutes: float, rate_hz: int = 44_100, subtype: str = "PCM_16") -> Path:
    """Noise, a beat and chords."""
    path = folder / f"made-{minutes:g}-min-{rate_hz}.wav"
    hiss = np.random.default_rng(0)
    with soundfile.SoundFile(path, "w", rate_hz, 2, subtype=subtype) as file:
        for second in range(round(minutes * 60)):
            time_s = second + np.arange(rate_hz) / rate_hz
            beat = np.sin(2 * np.pi * 55 * time_s) * np.exp(-12 * (time_s % 0.48))
            chord = sum(np.sin(2 * np.pi * pitch * time_s) for pitch in (220.0, 261.6, 329.6))
            noise = 0.05 * hiss.standard_normal((rate_hz, 2))
            file.write(np.clip(0.5 * beat[:, None] + 0.05 * np.asarray(chord)[:, None] + noise, -1, 1))
    return path


if __name__ == "__main__":
    main()
