"""``tracksensei analyze``: measure files on this machine, with no server and no database."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.analyses.set_reading import print_set, read_set

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.audio.errors import Limits
    from app.audio.model import Report

    Judge = Callable[[dict[str, Any]], dict[str, Any]]


FAILED = "failed"
"""The code of a file on which the engine itself failed."""


class Exit(IntEnum):
    """What the command says to a shell."""

    DONE = 0
    USAGE = 2
    SOME_REFUSED = 3
    FAILED = 4


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file that was not measured, and why."""

    name: str
    code: str
    reason: str

    def document(self) -> dict[str, dict[str, str]]:
        """Its line of JSON."""
        return {
            "file": {"name": self.name},
            "refused": {"code": self.code, "reason": self.reason},
        }


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--target", default="general", show_default=True, help="Genre corridor to compare with.")
@click.option(
    "--stage",
    type=click.Choice(["master", "premaster"]),
    default="master",
    show_default=True,
    help="What the bounce is meant to be.",
)
@click.option("--als", type=click.Path(path_type=Path), help="The Live set that the one FILE came out of.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document a line.")
@click.option("--models", envvar="MADMOM_MODELS", default="", hidden=True)
def analyze(files: tuple[Path, ...], *, target: str, stage: str, als: Path | None, as_json: bool, models: str) -> None:
    """Measure finished mixes and print what was found.

    Exit code 0: all measured. 2: wrong usage. 3: some files were refused. 4: something failed.
    """
    judged = _judge_of(target, stage)
    if als is not None and len(files) != 1:
        raise click.UsageError("--als goes with one FILE, the mix that came out of the set.")
    read = read_set(als) if als is not None else None
    worst = Exit.SOME_REFUSED if read and "refused" in read else Exit.DONE
    for outcome in _outcomes(files, uses_models=models != "off"):
        worst = max(worst, _exit_of(outcome))
        if as_json:
            _print_json(outcome, judged, read)
        else:
            _print_table(outcome)
    if read is not None and not as_json:
        print_set(read)
    raise SystemExit(worst)


def _outcomes(files: tuple[Path, ...], *, uses_models: bool) -> Iterator[Report | Refusal]:
    """Measure the files in their order; a file's trouble does not end the others."""
    from app.analyses.encoding import lent_encoders  # noqa: PLC0415
    from app.audio import warm  # noqa: F401, PLC0415 - heavy, and sets the number of threads
    from app.audio.engine import analyse  # noqa: PLC0415
    from app.audio.errors import AudioRefused  # noqa: PLC0415

    limits = _limits()
    for path in files:
        try:
            with lent_encoders() as exchanges:
                yield analyse(path, name=path.name, limits=limits, models=uses_models, exchanges=exchanges)
        except AudioRefused as refused:
            yield Refusal(path.name, refused.code.value, refused.reason)
        except OSError as error:
            yield Refusal(path.name, "cannot_open", f"The file cannot be opened: {error.strerror}.")
        except Exception as error:  # noqa: BLE001 - one file's defect must not cost the others
            yield Refusal(path.name, FAILED, f"The engine failed: {type(error).__name__}: {error}")


def _limits() -> Limits:
    from app.audio.errors import Limits  # noqa: PLC0415
    from app.policy import Policy  # noqa: PLC0415

    uploads = Policy.read().uploads
    return Limits(
        duration_s=uploads.max_minutes * 60.0,
        channels=uploads.max_channels,
        min_rate_hz=uploads.min_rate_hz,
        max_rate_hz=uploads.max_rate_hz,
    )


def _exit_of(outcome: Report | Refusal) -> Exit:
    if not isinstance(outcome, Refusal):
        return Exit.DONE
    return Exit.FAILED if outcome.code == FAILED else Exit.SOME_REFUSED


def _judge_of(target: str, stage: str) -> Judge:
    """Return what fills findings and scores into a report; an unknown target is a usage error."""
    from app.advice.judging import judged_document  # noqa: PLC0415
    from app.advice.model import Stage  # noqa: PLC0415
    from app.advice.target import UnknownTarget, find_target, target_names  # noqa: PLC0415

    try:
        found = find_target(target)
    except UnknownTarget as error:
        raise click.UsageError(f"There is no target {target!r}, only {', '.join(target_names())}.") from error
    return lambda document: judged_document(document, found, Stage(stage))


def _print_json(outcome: Report | Refusal, judged: Judge, read: dict[str, Any] | None) -> None:
    import msgspec  # noqa: PLC0415

    from app.audio.model import encode  # noqa: PLC0415

    if isinstance(outcome, Refusal):
        click.echo(encode(outcome.document()).decode())
        return
    document = _with_set(msgspec.json.decode(encode(outcome)), read or {})
    # A set's own numbers are as they were saved; what was measured is rounded to what it can tell.
    rounded = msgspec.json.decode(encode(judged(document)))
    click.echo(msgspec.json.encode({**rounded, "live_set": document["live_set"]}).decode())


def _with_set(document: dict[str, Any], read: dict[str, Any]) -> dict[str, Any]:
    """Return a report with its set, or with the reason for which there is none."""
    if not read:
        return document
    notes = [note for note in document["notes"] if note["path"] != "live_set"]
    if "refused" in read:
        return {**document, "notes": [*notes, {"path": "live_set", **read["refused"]}]}
    return {**document, "live_set": {"file": read["file"], **read["live_set"]}, "notes": notes}


def _print_table(outcome: Report | Refusal) -> None:
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    if isinstance(outcome, Refusal):
        click.echo(f"{outcome.name}: refused ({outcome.code}). {outcome.reason}", err=True)
        return
    table = Table(title=outcome.file.name, title_justify="left", show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(justify="right")
    for label, figure in _figures(outcome):
        table.add_row(label, figure)
    console = Console()
    console.print(table)
    for note in outcome.notes:
        if note.code != "not_measured":
            console.print(f"{note.path}: {note.reason}", style="dim", markup=False)


def _figures(report: Report) -> Iterator[tuple[str, str]]:
    """Name what a person wants to see first."""
    file, loudness, stereo = report.file, report.loudness, report.stereo
    yield "File", f"{file.codec}, {file.sample_rate_hz} Hz, {file.channels} ch, {file.duration_s:.1f} s"
    yield "Integrated loudness", _figure(loudness.integrated_lufs, "LUFS")
    yield "Loudness range", _figure(loudness.range_lu, "LU")
    yield "Short-term maximum", _figure(loudness.short_term_max_lufs, "LUFS")
    yield "True peak", _figure(loudness.true_peak_dbtp, "dBTP")
    yield "Peak to loudness", _figure(loudness.plr_db, "dB")
    yield "Tilt", _figure(report.spectrum.tilt_db_per_octave, "dB per octave")
    for band in report.spectrum.bands:
        yield f"  {band.name}", _figure(band.level_db, "dBFS")
    yield "Correlation", _figure(stereo.correlation if stereo else None, "", 2)
    yield "Fold-down loss", _figure(stereo.fold_down_loss_db if stereo else None, "dB")
    rhythm, tonality = report.rhythm, report.tonality
    yield "Tempo", f"{rhythm.tempo_bpm:.1f} BPM, {rhythm.meter}" if rhythm else "not measured"
    yield "Key", f"{tonality.key} ({tonality.camelot})" if tonality else "not measured"


def _figure(value: float | None, unit: str, decimals: int = 1) -> str:
    """Write a figure with its unit and a true minus sign."""
    if value is None:
        return "not measured"
    return f"{value:.{decimals}f} {unit}".replace("-", "\N{MINUS SIGN}", 1).rstrip()
