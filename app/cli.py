"""The ``tracksensei`` command: one group, each command imported only when it is called.

Importing Piccolo, Litestar or the engine takes longer than most commands run, so that the
group knows the commands by name, place and one line of help.
"""

from __future__ import annotations

import asyncio
import sys
import warnings
from dataclasses import dataclass
from importlib import import_module, metadata

import click

from app.kernel.console import JSON, Done, tell
from app.settings import Settings, SettingsError

EXIT_SETTINGS = 2
"""The exit code of a start that the settings forbid; whoever supervises need not try again."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command is defined, and its line in the list."""

    module: str
    attribute: str
    summary: str


COMMANDS = {
    "up": Place("app.up", "up", "Start Redis, the web server and a worker as one group."),
    "web": Place("app.cli", "web", "Serve the pages; production runs it beside `worker`."),
    "worker": Place("app.cli", "worker", "Measure what was uploaded."),
    "migrate": Place("app.cli", "migrate", "Bring the database to the newest migration."),
    "doctor": Place("app.doctor", "doctor", "Tell what is configured, missing and working."),
    "sweep": Place("app.privacy.cli", "sweep", "Delete what is due, and say what it was."),
    "users": Place("app.privacy.users_cli", "users", "Look after accounts."),
    "analyses": Place("app.analyses.admin_cli", "analyses", "Look after analyses: list, retry, cancel, purge."),
    "quota": Place("app.usage.cli", "quota", "Show what an account has used, or give it back."),
    "mail": Place("app.accounts.mail_cli", "mail", "See which mails wait, and try them again."),
    "privacy": Place("app.privacy.cli", "privacy", "Measure the privacy promise, tell of its changes."),
    "backup": Place("app.privacy.cli", "backup", "Write an encrypted backup, and prune old ones."),
    "restore": Place("app.privacy.cli", "restore", "Put a backup back; erase again who was erased."),
    "plans": Place("app.usage.cli", "plans", "Say what an account may do."),
    "billing": Place("app.billing.cli", "billing", "Compare with Stripe, and give money back."),
    "keys": Place("app.accounts.cli", "keys", "Rotate the key that signs sessions."),
    "liveset": Place(
        "app.analyses.liveset_cli", "liveset", "Read Ableton Live sets here, with no server and no database."
    ),
    "analyze": Place("app.analyses.cli", "analyze", "Measure files here, with no server and no database."),
}


class LazyGroup(click.Group):
    """A group that imports a command when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Name the commands in the order of a first use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import one command."""
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        command = getattr(import_module(place.module), place.attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{place.module}:{place.attribute} is no click command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """List the commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, place.summary) for name, place in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(metadata.version("tracksensei"), prog_name="TrackSensei")
def tracksensei() -> None:
    """Measure a finished mix, score it with evidence, and forget the upload."""


@click.command()
def web() -> None:
    """Serve the pages until SIGTERM or Ctrl-C."""
    from app import server  # noqa: PLC0415 - lazy, see the module's docstring

    server.run(Settings.from_environment())


@click.command()
def worker() -> None:
    """Measure what was uploaded until SIGTERM or Ctrl-C."""
    from app import worker as measuring  # noqa: PLC0415 - lazy, see the module's docstring

    measuring.run(Settings.from_environment())


@click.command()
@JSON
def migrate(*, as_json: bool) -> None:
    """Bring the database to the newest migration."""
    from app.kernel import db  # noqa: PLC0415 - lazy, see the module's docstring

    settings = Settings.from_environment()
    warnings.simplefilter("ignore")  # Piccolo warns of what the error below says
    try:
        count = asyncio.run(db.migrate(settings))
    except Exception as error:
        # Whatever the driver raises here is a database that is away, full or not ours to change.
        raise SettingsError(f"DATABASE_URL: the database cannot be brought up to date: {_sentence(error)}") from error
    tell(Done("The database is up to date.", count), as_json=as_json)


def main() -> None:
    """Run the command line; a setting that is wrong is one sentence and exit code 2."""
    try:
        tracksensei(prog_name="tracksensei")
    except SettingsError as error:
        click.echo(str(error), err=True)
        sys.exit(EXIT_SETTINGS)


def _sentence(error: Exception) -> str:
    """Name the first line of an error that libraries wrote for programmers."""
    first = str(error).strip().splitlines()
    return f"{first[0].rstrip('.')}." if first else f"{type(error).__name__}."
