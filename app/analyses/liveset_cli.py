"""``tracksensei liveset``: read Ableton Live sets on this machine, with no server and no database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from app.analyses.cli import Exit, Refusal


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document a line.")
def liveset(files: tuple[Path, ...], *, as_json: bool) -> None:
    """Read Live sets and print what is in them.

    Exit code 0: all read. 2: wrong usage. 3: some files were refused.
    """
    worst = Exit.DONE
    for path in files:
        document = _document(path)
        if "refused" in document:
            worst = Exit.SOME_REFUSED
        if as_json:
            _print_json(document)
        else:
            _print_table(document)
    raise SystemExit(worst)


def _document(path: Path) -> dict[str, Any]:
    """Read one set; a file's trouble does not end the others."""
    from app.liveset.document import live_set_document  # noqa: PLC0415 - imported when it is asked for
    from app.liveset.errors import LiveSetRefused  # noqa: PLC0415
    from app.liveset.sets import read_live_set  # noqa: PLC0415

    try:
        return {"file": {"name": path.name}, "live_set": live_set_document(read_live_set(path))}
    except LiveSetRefused as refused:
        return dict(Refusal(path.name, refused.code.value, refused.reason).document())
    except OSError as error:
        return dict(Refusal(path.name, "cannot_open", f"The file cannot be opened: {error.strerror}.").document())


def _print_json(document: dict[str, Any]) -> None:
    import msgspec  # noqa: PLC0415

    click.echo(msgspec.json.encode(document))


def _print_table(document: dict[str, Any]) -> None:
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    name = document["file"]["name"]
    if "refused" in document:
        click.echo(f"{name}: refused ({document['refused']['code']}). {document['refused']['reason']}", err=True)
        return
    live_set = document["live_set"]
    table = Table("", "track", "kind", "role", "devices", "clips", title=Text(f"{name}, {live_set['creator']}"))
    for track in live_set["tracks"]:
        table.add_row(
            str(track["index"]),
            Text(str(track.get("name") or "")),  # a name is text, never markup
            track["kind"],
            str(track.get("role") or ""),
            str(len(track["devices"])),
            str(len(track["clips"])),
        )
    console = Console()
    console.print(f"{live_set['tempo_bpm']} BPM, {live_set['time_signature']}", markup=False)
    console.print(table)
