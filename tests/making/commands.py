"""The command line as an operator uses it: every command by its words, and calls of them in this process."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import click
import structlog
from click.testing import CliRunner

from app.cli import COMMANDS, tracksensei
from app.kernel.db import bind
from app.registry import TABLES
from tests.services.settings import environment_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from click.testing import Result

    from app.bootstrap import Services


def every_command() -> dict[str, click.Command]:
    """Return each command that does something, by its words: ``users list``, ``sweep``."""
    context = click.Context(tracksensei)
    found: dict[str, click.Command] = {}
    for name in COMMANDS:
        command = tracksensei.get_command(context, name)
        assert command is not None
        found |= dict(_leaves((name,), command))
    return found


def _leaves(words: tuple[str, ...], command: click.Command) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from _leaves((*words, name), inner)
    else:
        yield " ".join(words), command


async def run(services: Services, *words: str) -> Result:
    """Call ``tracksensei`` with these settings, in a thread of its own and with nobody at a terminal.

    What a command sets for its process, the log and the engine of the tables, is set back.
    """
    logs, handlers = structlog.get_config(), logging.getLogger().handlers
    try:
        return await asyncio.to_thread(
            CliRunner().invoke, tracksensei, words, env=environment_of(services.settings), prog_name="tracksensei"
        )
    finally:
        structlog.configure(**logs)
        logging.getLogger().handlers = handlers
        bind(services.engine, TABLES)
