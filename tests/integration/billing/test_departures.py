"""An account that goes: Stripe is asked to forget it, and the account waits for nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.accounts.tables import Account
from app.billing.tables import Customer, Departure
from app.kernel.db import transaction
from tests.prove.life import make_account

if TYPE_CHECKING:
    from app.bootstrap import Services


async def test_a_departure_outlives_its_account(services: Services) -> None:
    """What Stripe has to forget is kept when the account's own rows are gone."""
    account_id = await make_account("ada@example.org")
    await Customer.insert(Customer(id="cus_ada", account=account_id))
    async with transaction(services.engine):
        await services.billing.account_is_going(account_id)
        await services.billing.account_is_going(account_id)
        await Account.delete().where(Account.id == account_id)
    (row,) = await Departure.select()
    assert (row["customer"], row["account"]) == ("cus_ada", None)
    assert await Customer.count() == 0


async def test_an_account_that_never_paid_leaves_nothing(services: Services) -> None:
    """Without a customer there is nothing that Stripe could forget."""
    await services.billing.account_is_going(await make_account("ada@example.org"))
    assert await Departure.count() == 0
