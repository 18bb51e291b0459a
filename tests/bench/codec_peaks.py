"""``python -m tests.bench.codec_peaks FILE...``: the codec preview's peaks against those of whole files.

Prints, for each file and codec, the peak out of the passages less the peak of the whole, in dB, and how many are
within a tenth. ``--seconds`` measures only so much of each file.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import click
import numpy as np
import soundfile

from app.analyses.encoding import lent_encoders
from app.audio.preview import preview
from tests.making.passages import as_one, loudest_of

TOLERANCE_DB = 0.1


def differences_db(path: Path, seconds: float) -> dict[str, float]:
    """Return the peak of the passages less that of the whole, by codec."""
    rate_hz = soundfile.info(path).samplerate
    signal, _ = soundfile.read(path, frames=round(seconds * rate_hz), dtype="float32", always_2d=True)
    signal = np.ascontiguousarray(signal, dtype=np.float32)
    with lent_encoders() as exchanges:
        excerpts = preview(loudest_of(signal, rate_hz), rate_hz, exchanges)
    with lent_encoders() as exchanges:
        whole = preview(as_one(signal, rate_hz), rate_hz, exchanges)
    return {
        part.codec.name: part.true_peak_dbtp - all_of_it.true_peak_dbtp
        for part, all_of_it in zip(excerpts, whole, strict=True)
    }


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--seconds", default=60.0, show_default=True)
def main(files: tuple[Path, ...], seconds: float) -> None:
    """Print how far the preview's peaks are from those of the whole."""
    found: dict[str, list[float]] = defaultdict(list)
    for path in files:
        differences = differences_db(path, seconds)
        for codec, difference_db in differences.items():
            found[codec].append(difference_db)
        click.echo(f"{path.name}: " + ", ".join(f"{codec} {value:+.2f}" for codec, value in differences.items()))
    for codec, values in found.items():
        within = sum(abs(value) <= TOLERANCE_DB for value in values)
        reach = f"from {min(values):+.2f} to {max(values):+.2f}"
        click.echo(f"{codec}: {within} of {len(values)} within {TOLERANCE_DB} dB; {reach}")


if __name__ == "__main__":
    main()
