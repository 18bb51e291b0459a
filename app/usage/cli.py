"""Commands about plans."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from app.bootstrap import command
from app.kernel.console import JSON, YES, Done, Exit, Group, Line, confirm, fail, show, tell
from app.settings import Settings
from app.usage.rules import Kind

if TYPE_CHECKING:
    from uuid import UUID

    from app.bootstrap import Services
    from app.usage.rules import Allowance


@click.group(cls=Group)
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

    async def grant(services: Services) -> str:
        account = await _owner(services, email)
        await services.usage.set_plan(account, plan, until.replace(tzinfo=UTC) if until else None)
        return await services.usage.plan_of(account)

    holds = command(grant)
    tell(Done(f"The account is on {holds} now."), as_json=as_json)


class QuotaLine(Line, frozen=True):
    """What one account has used of one kind in its running period."""

    kind: str
    plan: str
    used: int
    limit: int
    period_start: datetime
    period_end: datetime


@click.group(cls=Group)
def quota() -> None:
    """Show what an account has used of its month, or give it back."""


@quota.command("show")
@click.argument("email")
@JSON
def show_quota(*, email: str, as_json: bool) -> None:
    """Show what the account of EMAIL has used."""
    show(_quota(email, resets=False), QuotaLine, as_json=as_json, title="Quota")


@quota.command()
@click.argument("email")
@JSON
@YES
def reset(*, email: str, as_json: bool, is_sure: bool) -> None:
    """Give the account of EMAIL back everything that it has used of its running period."""
    confirm("Give this account its whole month back?", is_sure=is_sure)
    show(_quota(email, resets=True), QuotaLine, as_json=as_json, title="Quota")


def _quota(email: str, *, resets: bool) -> list[QuotaLine]:
    async def work(services: Services) -> list[Allowance]:
        account = await _owner(services, email)
        if resets:
            await services.usage.reset(account)
        return [await services.usage.allowance(account, kind) for kind in Kind]

    return [
        QuotaLine(each.kind, each.plan, each.used, each.limit, each.period.start, each.period.end)
        for each in command(work)
    ]


async def _owner(services: Services, email: str) -> UUID:
    """Return the account with an address, or end the command."""
    account = await services.accounts.by_email(email)
    if account is None:
        fail(Exit.UNKNOWN, "There is no account with this address.")
    return account.id
