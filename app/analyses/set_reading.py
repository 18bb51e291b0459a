"""Reading and printing a Live set on this machine, for the commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pathlib import Path


def read_set(path: Path) -> dict[str, Any]:
    """Read one set; a file's trouble does not end the others."""
    from app.liveset.document import live_set_document  # noqa: PLC0415 - imported when it is asked for
    from app.liveset.errors import LiveSetRefused  # noqa: PLC0415
    from app.liveset.sets import read_live_set  # noqa: PLC0415

    try:
        return {"file": {"name": path.name}, "live_set": live_set_document(read_live_set(path))}
    except LiveSetRefused as refused:
        return _refused(path, refused.code.value, refused.reason)
    except OSError as error:
        return _refused(path, "cannot_open", f"The file cannot be opened: {error.strerror}.")


def _refused(path: Path, code: str, reason: str) -> dict[str, Any]:
    return {"file": {"name": path.name}, "refused": {"code": code, "reason": reason}}


def print_set(document: dict[str, Any]) -> None:
    """Print the tracks of a set that was read, or why it was not."""
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
