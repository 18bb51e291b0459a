"""Commands about plans."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import click

from app.bootstrap import build
from app.kernel.console import JSON, YES, Done, Exit, Line, confirm, fail, show, tell
from app.settings import Settings
from app.usage.rules import Kind


@click.group()
def plans() -> None:
    """Say what an account may do."""


@plans.command("set")
@click.argument("email")
@click.argument("plan")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The first day, UTC, on which it is free again.")
@JSON
def set_plan(*, email: str, plan: str, until: datetime | None, as_json: bool) -> None:
    """Grant PLAN to the account of EMAIL from now on, beside whatever it pays for."""
    settings = Settings.from_environment()
    if plan not in settings.policy.plans:
        raise click.UsageError(f"There is no plan {plan!r}, only {', '.join(settings.policy.plans)}.")
    holds = asyncio.run(_set(settings, email, plan, until.replace(tzinfo=UTC) if until else None))
    if holds is None:
        fail(Exit.UNKNOWN, "There is no account with this address.")
    tell(Done(f"The account is on {holds} now."), as_json=as_json)


async def _set(settings: Settings, email: str, plan: str, until: datetime | None) -> str | None:
    """Grant a plan; return the one that holds, which may be a higher one that is paid."""
    services = build(settings)
    async with services.open():
        account = await services.accounts.by_email(email)
        if account is None:
            return None
        await services.usage.set_plan(account.id, plan, until)
        return await services.usage.plan_of(account.id)


class QuotaLine(Line, frozen=True):
    """What one account has used of one kind in its running period."""

    kind: str
    plan: str
    used: int
    limit: int
    period_start: datetime
    period_end: datetime


@click.group()
def quota() -> None:
    """Show what an account has used of its month, or give it back."""


@quota.command("show")
@click.argument("email")
@JSON
def show_quota(*, email: str, as_json: bool) -> None:
    """Show what the account of EMAIL has used."""
    show(asyncio.run(_quota(email, resets=False)), QuotaLine, as_json=as_json, title="Quota")


@quota.command()
@click.argument("email")
@JSON
@YES
def reset(*, email: str, as_json: bool, is_sure: bool) -> None:
    """Give the account of EMAIL back everything that it has used of its running period."""
    confirm("Give this account its whole month back?", is_sure=is_sure)
    show(asyncio.run(_quota(email, resets=True)), QuotaLine, as_json=as_json, title="Quota")


async def _quota(email: str, *, resets: bool) -> list[QuotaLine]:
    services = build(Settings.from_environment())
    async with services.open():
        account = await services.accounts.by_email(email)
        if account is None:
            fail(Exit.UNKNOWN, "There is no account with this address.")
        if resets:
            await services.usage.reset(account.id)
        allowances = [await services.usage.allowance(account.id, kind) for kind in Kind]
    return [
        QuotaLine(each.kind, each.plan, each.used, each.limit, each.period.start, each.period.end)
        for each in allowances
    ]
