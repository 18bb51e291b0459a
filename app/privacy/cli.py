"""Commands of the privacy promise: sweep, audit, announce, objections, backup, restore."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime  # noqa: TC003 - msgspec reads the annotations of a line
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID  # noqa: TC003 - msgspec reads the annotations of a line

import click
import msgspec
from rich.console import Console
from rich.table import Table

from app.bootstrap import command
from app.kernel.console import JSON, PERSONAL, YES, Done, Exit, Group, Line, confirm, fail, show, tell
from app.settings import Settings

if TYPE_CHECKING:
    from app.bootstrap import Services
    from app.privacy.backups import Restored
    from app.privacy.service import SweepReport


class FindingLine(Line, frozen=True):
    """One promise with what was measured."""

    clause: str
    promise: str
    measured: str
    breaches: int


class ObjectionLine(Line, frozen=True):
    """One objection that waits for an answer."""

    id: UUID
    account: UUID
    email: str
    purpose: str
    reason: str
    created_at: datetime


@click.command()
@click.option(
    "--rewrite", "rewrites", is_flag=True, help="Then write each table anew, so that PostgreSQL keeps no deleted byte."
)
@JSON
def sweep(*, rewrites: bool, as_json: bool) -> None:
    """Delete everything whose time has come, and say what that was."""

    async def work(services: Services) -> SweepReport:
        report = await services.sweeper.sweep()
        if rewrites:
            await services.sweeper.rewrite()
        return report

    report = command(work)
    if as_json:
        click.echo(msgspec.json.encode(report))
        return
    table = Table("deleted", "count", title="Sweep")
    for name, count in asdict(report).items():
        table.add_row(name.replace("_", " "), str(count))
    Console().print(table)


@click.group(cls=Group)
def privacy() -> None:
    """Measure the privacy promise, tell of its changes, answer objections."""


@privacy.command()
@JSON
def audit(*, as_json: bool) -> None:
    """Measure each promise on what is really here; exit code 1 when one is broken."""
    found = command(lambda services: services.rights.auditor.audit())
    lines = [FindingLine(**asdict(finding)) for finding in found]
    show(lines, FindingLine, as_json=as_json, title="Promises")
    if any(line.breaches for line in lines):
        raise SystemExit(int(Exit.WRONG))


@privacy.command()
@click.argument("version")
@JSON
@YES
def announce(*, version: str, as_json: bool, is_sure: bool) -> None:
    """Mail every registered user that the policy is now VERSION, each once; may be called again after a death."""
    current = Settings.from_environment().policy.accounts.policy_version
    if version != current:
        raise click.UsageError(f"policy.toml says {current!r}: set its policy_version first.")
    waiting = command(lambda services: services.rights.announcing.waiting(version))
    if waiting:
        confirm(f"Mail {len(waiting)} people that the policy is now {version}?", is_sure=is_sure)
    count = command(lambda services: services.rights.announcing.announce(version))
    tell(Done(f"{count} people get a mail about version {version}.", count), as_json=as_json)


@privacy.command()
@JSON
@PERSONAL
def objections(*, as_json: bool, shows_personal: bool) -> None:
    """List the objections that a person has to answer."""
    found = command(lambda services: services.rights.objections.open())
    lines = [
        ObjectionLine(
            id=each.id,
            account=each.account_id,
            email=each.email if shows_personal else "",
            purpose=each.purpose,
            reason=each.reason if shows_personal else "",
            created_at=each.created_at,
        )
        for each in found
    ]
    show(lines, ObjectionLine, as_json=as_json, title="Objections to answer")


@privacy.command()
@click.argument("objection", type=click.UUID)
@JSON
def answered(*, objection: UUID, as_json: bool) -> None:
    """Note that OBJECTION was answered by mail."""
    if not command(lambda services: services.rights.objections.answered(objection)):
        fail(Exit.UNKNOWN, "There is no such objection that waits.")
    tell(Done("It is noted as answered."), as_json=as_json)


@click.command()
@click.option("--to", "folder", type=click.Path(path_type=Path), help="Another folder than DATA_DIR/backups.")
@JSON
def backup(*, folder: Path | None, as_json: bool) -> None:
    """Write an encrypted backup of the database, and prune those that are too old."""

    async def work(services: Services) -> tuple[Path, int, int]:
        return await services.backups.make(folder)

    path, rows, pruned = command(work)
    tell(Done(f"{path}: {rows} rows; {pruned} old backups pruned.", rows), as_json=as_json)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--identity", type=click.Path(path_type=Path, exists=True), required=True, help="The age identity's file."
)
@click.option("--erasures", type=click.Path(path_type=Path, exists=True), help="Another copy of erasures.log.")
@JSON
@YES
def restore(*, file: Path, identity: Path, erasures: Path | None, as_json: bool, is_sure: bool) -> None:
    """Put FILE back into an empty, migrated database; erase again who was erased, and sweep."""
    confirm("Put this backup back into the database?", is_sure=is_sure)

    async def work(services: Services) -> Restored:
        return await services.backups.restore(file, identity, erasures)

    back = command(work)
    said = f"{back.rows} rows are back, {back.erased} accounts erased again, {back.swept} things swept."
    tell(Done(said, back.rows), as_json=as_json)
