"""``tracksensei analyses``: what is measured here, and what an operator may do about it."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - msgspec reads the annotations of a line
from typing import TYPE_CHECKING
from uuid import UUID  # noqa: TC003 - msgspec reads the annotations of a line

import click

from app.analyses import store
from app.analyses.rules import State
from app.bootstrap import command
from app.kernel.console import JSON, PERSONAL, YES, Done, Exit, Group, Line, confirm, fail, show, tell

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from app.bootstrap import Services

ANALYSIS = click.argument("analysis", type=click.UUID)


class AnalysisLine(Line, frozen=True):
    """One analysis."""

    id: UUID
    account: UUID
    track: str
    """Its name, when it is asked for."""
    version: int
    state: str
    attempts: int
    failure_code: str
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime


@click.group(cls=Group)
def analyses() -> None:
    """List analyses, try them again, cancel or purge them."""


@analyses.command("list")
@click.option("--state", type=click.Choice([*State], case_sensitive=False), help="Only those in this state.")
@JSON
@PERSONAL
def list_analyses(*, state: State | None, as_json: bool, shows_personal: bool) -> None:
    """List every analysis, the newest first."""
    rows = [row for row in command(lambda _services: store.everywhere()) if state in {None, row["state"]}]
    names = ("id", "account", "version", "state", "attempts", "failure_code", "created_at", "finished_at", "expires_at")
    lines = [
        AnalysisLine(**{name: row[name] for name in names}, track=row["track_name"] if shows_personal else "")
        for row in rows
    ]
    show(lines, AnalysisLine, as_json=as_json, title="Analyses")


@analyses.command()
@ANALYSIS
@JSON
def retry(*, analysis: UUID, as_json: bool) -> None:
    """Measure a failed analysis again, while its file is kept."""

    async def work(services: Services, owner: UUID) -> None:
        await services.analyses.retry(owner, analysis)

    _with(analysis, work)
    tell(Done("It is in the queue again."), as_json=as_json)


@analyses.command()
@ANALYSIS
@JSON
@YES
def cancel(*, analysis: UUID, as_json: bool, is_sure: bool) -> None:
    """Stop a pending analysis; its file goes at once and nothing is counted."""
    confirm("Stop this analysis and delete its file?", is_sure=is_sure)

    async def work(services: Services, owner: UUID) -> None:
        await services.analyses.cancel(owner, analysis)

    _with(analysis, work)
    tell(Done("It is cancelled, and its file is gone."), as_json=as_json)


@analyses.command()
@ANALYSIS
@JSON
@YES
def purge(*, analysis: UUID, as_json: bool, is_sure: bool) -> None:
    """Delete an analysis with its report and its files, for good."""
    confirm("Delete this analysis with its report and files, for good?", is_sure=is_sure)

    async def work(services: Services, owner: UUID) -> None:
        await services.analyses.delete(owner, analysis)

    _with(analysis, work)
    tell(Done("It is gone."), as_json=as_json)


def _with(analysis: UUID, work: Callable[[Services, UUID], Awaitable[None]]) -> None:
    """Do something in an owner's name, or say why not."""

    async def found(services: Services) -> None:
        owner = await store.owner_of(analysis)
        if owner is None:
            fail(Exit.UNKNOWN, "There is no such analysis.")
        await work(services, owner)

    command(found)
