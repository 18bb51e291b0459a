"""What the operator's commands share: exit codes, tables or JSON, and asking before it hurts."""

from __future__ import annotations

import sys
from enum import IntEnum
from typing import TYPE_CHECKING, NoReturn

import click
import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence


class Exit(IntEnum):
    """How a command ends; docs/admin.md says the same."""

    DONE = 0
    WRONG = 1
    """It ran, and found something that must not be."""
    USAGE = 2
    """It was called or set up wrongly."""
    UNKNOWN = 3
    """What it names is not there."""
    REFUSED = 4
    """The state of the thing does not allow it."""
    UNCONFIRMED = 5
    """It hurts, and nobody said yes."""


class Group(click.Group):
    """A group whose list says a whole sentence about each command."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, each.get_short_help_str(limit=1000)) for name, each in commands if each])


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of an answer; each subclass is the published shape of a ``--json``."""


class Done(Line, frozen=True):
    """The answer of a command that does one thing."""

    done: str
    count: int = 1


JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
YES = click.option("--yes", "is_sure", is_flag=True, help="Do not ask.")
PERSONAL = click.option("--personal", "shows_personal", is_flag=True, help="Show addresses, names and texts.")


def show(lines: Sequence[Line], kind: type[Line], *, as_json: bool, title: str) -> None:
    """Print lines as one JSON array or as a table."""
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(list(lines)), indent=2))
        return
    from rich.console import Console  # noqa: PLC0415 - `--json` needs no table
    from rich.markup import escape  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    names = kind.__struct_fields__
    table = Table(*(name.replace("_", " ") for name in names), title=f"{title}: {len(lines)}")
    for line in lines:
        values = msgspec.to_builtins(line)
        table.add_row(*(escape("" if values[name] is None else str(values[name])) for name in names))
    # A pipe has no width that anybody chose: whole lines are worth more there.
    Console(width=None if sys.stdout.isatty() else 240).print(table)


def tell(done: Done, *, as_json: bool) -> None:
    """Print what was done."""
    click.echo(msgspec.json.encode(done) if as_json else f"{done.done}")


def confirm(question: str, *, is_sure: bool) -> None:
    """Ask before it hurts; without a yes nothing is done and the exit code says so."""
    if is_sure:
        return
    if not sys.stdin.isatty():
        fail(Exit.UNCONFIRMED, f"{question} Nothing was done: say --yes.")
    try:
        click.confirm(question, abort=True)
    except click.Abort:  # a no, the end of what is typed, or Ctrl-C
        fail(Exit.UNCONFIRMED, "Nothing was done.")


def fail(code: Exit, sentence: str) -> NoReturn:
    """End with a sentence and an exit code."""
    click.echo(sentence, err=True)
    raise SystemExit(int(code))


def masked(email: str) -> str:
    """Return an address that tells one account from another, and not whose it is."""
    local, _, domain = email.partition("@")
    return f"{local[:1]}…@{domain[:1]}…"
