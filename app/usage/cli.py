"""Commands about plans."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import click

from app.bootstrap import build
from app.settings import Settings

UNKNOWN = 3
"""The exit code where there is no such account."""


@click.group()
def plans() -> None:
    """Say what an account may do."""


@plans.command("set")
@click.argument("email")
@click.argument("plan")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The first day, UTC, on which it is free again.")
def set_plan(*, email: str, plan: str, until: datetime | None) -> None:
    """Put the account of EMAIL on PLAN from now on."""
    settings = Settings.from_environment()
    if plan not in settings.policy.plans:
        raise click.UsageError(f"There is no plan {plan!r}, only {', '.join(settings.policy.plans)}.")
    if not asyncio.run(_set(settings, email, plan, until.replace(tzinfo=UTC) if until else None)):
        click.echo("There is no account with this address.", err=True)
        raise SystemExit(UNKNOWN)
    click.echo(f"The account is on {plan} now.")


async def _set(settings: Settings, email: str, plan: str, until: datetime | None) -> bool:
    services = build(settings)
    async with services.open():
        account = await services.accounts.by_email(email)
        if account is None:
            return False
        await services.usage.set_plan(account.id, plan, until)
        return True
