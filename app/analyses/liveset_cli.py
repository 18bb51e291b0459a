"""``tracksensei liveset``: read Ableton Live sets on this machine, with no server and no database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from app.analyses.cli import Exit
from app.analyses.set_reading import print_set, read_set


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document a line.")
def liveset(files: tuple[Path, ...], *, as_json: bool) -> None:
    """Read Live sets and print what is in them.

    Exit code 0: all read. 2: wrong usage. 3: some files were refused.
    """
    worst = Exit.DONE
    for path in files:
        document = read_set(path)
        if "refused" in document:
            worst = Exit.SOME_REFUSED
        if as_json:
            _print_json(document)
        else:
            print_set(document)
    raise SystemExit(worst)


def _print_json(document: dict[str, Any]) -> None:
    import msgspec  # noqa: PLC0415

    click.echo(msgspec.json.encode(document))
