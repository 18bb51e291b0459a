"""Commands of the privacy promise."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING

import click
import msgspec
from rich.console import Console
from rich.table import Table

from app.bootstrap import build
from app.settings import Settings

if TYPE_CHECKING:
    from app.privacy.service import SweepReport


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def sweep(*, as_json: bool) -> None:
    """Delete everything whose time has come, and say what that was."""
    report = asyncio.run(_sweep())
    if as_json:
        click.echo(msgspec.json.encode(report))
        return
    table = Table("deleted", "count", title="Sweep")
    for name, count in dataclasses.asdict(report).items():
        table.add_row(name.replace("_", " "), str(count))
    Console().print(table)


async def _sweep() -> SweepReport:
    services = build(Settings.from_environment())
    async with services.open():
        return await services.sweeper.sweep()
