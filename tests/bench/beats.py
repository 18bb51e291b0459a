"""Whether beats, downbeats and bar numbers are stock madmom's on whole files.

    python -m tests.bench.beats [FILES]

Stock is madmom's own features, networks and dense model of bars, on the same mono signal. Its
trellis takes up to two gigabytes here. Without files the real music beside this checkout is taken.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click
import numpy as np
import numpy.typing as npt
import onnxruntime  # type: ignore[import-untyped]
import soxr  # type: ignore[import-untyped]
from madmom.audio.signal import Signal
from madmom.features.downbeats import DBNDownBeatTrackingProcessor, RNNDownBeatProcessor

from app.audio import neural
from app.audio.aside import Aside
from app.audio.decode import open_audio
from app.audio.downbeats import decode_bars
from app.audio.errors import Limits
from app.audio.meters import MonoListeners, sum_to_mono
from tests.bench.annotated import DATA

Floats = npt.NDArray[np.float64]


def both_bars(path: Path) -> tuple[Floats, Floats]:
    """Ours and stock's [shape=(beats, 2)]: time in seconds and number in the bar."""
    pieces = []
    with Aside() as aside, open_audio(path, name=path.name, limits=Limits()) as decoder:
        mono = MonoListeners(decoder.sample_rate_hz)
        for block in decoder.blocks():
            pieces.append(sum_to_mono(block))
            mono.add(pieces[-1])
        mono.finish()
        ours = decode_bars(neural.DownbeatActivations(mono.beat_features, aside).answer(), aside=aside)
        line = soxr.resample(np.concatenate(pieces), decoder.sample_rate_hz, neural.SAMPLE_RATE_HZ)
    heard = RNNDownBeatProcessor()(Signal(line, sample_rate=neural.SAMPLE_RATE_HZ))
    return ours, np.asarray(DBNDownBeatTrackingProcessor(beats_per_bar=[3, 4], fps=neural.BEAT_FRAMES_PER_S)(heard))


def real_music() -> list[Path]:
    """The files beside this checkout."""
    return sorted(path for path in (DATA / "audio").glob("*") if path.suffix != ".json")


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True))
def main(files: tuple[Path, ...]) -> None:
    """Compare file by file; exit code 1 where one differs."""
    onnxruntime.set_default_logger_severity(3)
    differing = 0
    for path in files or real_music():
        ours, stock = both_bars(path)
        equal = np.array_equal(ours, stock)
        differing += not equal
        click.echo(f"{path.name:45s} {len(stock):5d} beats {'equal' if equal else f'differ: {len(ours)} of ours'}")
    click.echo(f"{differing} differ")
    sys.exit(1 if differing else 0)


if __name__ == "__main__":
    main()
