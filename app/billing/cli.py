"""Commands about payment."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import click
import msgspec

from app.bootstrap import command
from app.kernel.console import JSON, YES, Done, Exit, Group, confirm, fail, tell
from app.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from app.billing.reconciling import Differences
    from app.bootstrap import Services

Found = TypeVar("Found")


@click.group(cls=Group)
def billing() -> None:
    """Compare with Stripe, and give money back."""


@billing.command()
@click.option("--forget-unknown", is_flag=True, help="Delete customers at Stripe whose account is not here any more.")
@JSON
@YES
def sync(*, forget_unknown: bool, as_json: bool, is_sure: bool) -> None:
    """Ask Stripe about every customer, heal what differs here, and say what that was."""
    if forget_unknown:
        confirm("Delete every customer at Stripe whose account is not in this database?", is_sure=is_sure)

    async def compare(services: Services) -> Differences:
        assert services.payment.reconciler is not None
        return await services.payment.reconciler.sync(forgets_unknown=forget_unknown)

    found = _with_stripe(compare)
    if as_json:
        click.echo(msgspec.json.encode(found))
        return
    for line in found.changes:
        click.echo(line)
    for line in found.warnings:
        click.echo(f"Look at this: {line}", err=True)
    click.echo(f"{found.asked} customers asked about, {len(found.changes)} changes.")


@billing.command()
@click.argument("email")
@JSON
@YES
def refund(*, email: str, as_json: bool, is_sure: bool) -> None:
    """Give the last payment of EMAIL back, and end the plan now."""
    confirm("Give the last payment back and end the plan now?", is_sure=is_sure)

    async def give_back(services: Services) -> int | None:
        account = await services.accounts.by_email(email)
        return await services.billing.refund(account.id) if account is not None else None

    cents = _with_stripe(give_back)
    if not cents:
        fail(Exit.UNKNOWN, "There is no account with this address, or it has paid nothing.")
    tell(Done(f"{cents / 100:.2f} go back, in the currency that was paid. The plan has ended."), as_json=as_json)


def _with_stripe(work: Callable[[Services], Awaitable[Found]]) -> Found:
    """Do something for which payment has to be set up."""
    if not Settings.from_environment().stripe_api_key:
        fail(Exit.USAGE, "Payment is not set up: STRIPE_API_KEY is not set.")
    return command(work)
