"""Measure Live sets: reading one of 256 MiB, and the server's time for the page of 200 tracks.

    python -m tests.bench.live_sets

Times are CPU seconds of a process of its own, memory its highest resident size.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

import click
import msgspec

from tests.making.large_sets import large_document, write_heavy_set

UNPACKED_BYTES = 256 << 20
READ_CPU_S, READ_MIB, PAGE_MS = 6.0, 100.0, 300.0
"""What is promised of reading and of the page."""

PAGES = 15
TRACKS = 200

_READING = """
    import json, resource, sys, time
    from pathlib import Path
    from app.liveset.sets import read_live_set
    began = time.process_time()
    tracks = len(read_live_set(Path(sys.argv[1])).tracks)
    cpu_s = time.process_time() - began
    print(json.dumps([cpu_s, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, tracks]))
"""


@click.command()
@click.option("--runs", default=3, show_default=True)
def main(runs: int) -> None:
    """Print both against what is promised."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "heavy.als"
        size_bytes = write_heavy_set(path, UNPACKED_BYTES)
        read = [_read(path) for _ in range(runs)]
    cpu_s = statistics.median(row[0] for row in read)
    peak_mib = max(row[1] for row in read)
    click.echo(f"reading {size_bytes / 2**20:.1f} MiB, {read[0][2]:.0f} tracks:")
    _say("  CPU", cpu_s, READ_CPU_S, "s")
    _say("  peak memory", peak_mib, READ_MIB, "MiB")
    milliseconds = page_ms()
    click.echo(f"page of {TRACKS} tracks, from the stored document to HTML:")
    _say("  median", statistics.median(milliseconds), PAGE_MS, "ms")
    _say("  slowest after the first", max(milliseconds[1:]), PAGE_MS, "ms")
    click.echo(f"  the first, which compiles the templates: {milliseconds[0]:.0f} ms")


def page_ms(pages: int = PAGES) -> list[float]:
    """Return the milliseconds that the server takes for each of some pages of one report with its set."""
    from app.analyses.live_set.page import set_page
    from tests.unit.views.made import NOW, document
    from tests.unit.views.pages import DONE, MEMBER, renderer

    stored = msgspec.json.encode({**document(298.0), "live_set": large_document(TRACKS)})
    times = []
    for _ in range(pages):
        began = time.perf_counter()
        renderer().render(set_page(MEMBER, DONE, msgspec.json.decode(stored), NOW))
        times.append(1000 * (time.perf_counter() - began))
    return times


def _read(path: Path) -> tuple[float, float, float]:
    command = [sys.executable, "-c", textwrap.dedent(_READING), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    cpu_s, peak_mib, tracks = json.loads(done.stdout)
    return float(cpu_s), float(peak_mib), float(tracks)


def _say(what: str, value: float, limit: float, unit: str) -> None:
    click.echo(f"{what}: {value:.2f} {unit}, {'within' if value < limit else 'OVER'} {limit:g} {unit}")


if __name__ == "__main__":
    main()
