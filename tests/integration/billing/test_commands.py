"""The operator's commands about plans and payment, as processes."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from tests.making.buyers import buyer, subscribed
from tests.services.processes import own_command
from tests.services.settings import environment_of

if TYPE_CHECKING:
    from app.bootstrap import Services
    from app.settings import Settings
    from tests.services.stripe import StripeServer


async def run(settings: Settings, *arguments: str) -> tuple[int, str, str]:
    """Run a command; return its exit code and what it said."""
    process = await asyncio.create_subprocess_exec(
        *own_command(*arguments),
        env=environment_of(settings),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


async def test_sync_heals_and_says_what_it_changed(selling: Services, stripe: StripeServer) -> None:
    """The first call changes what was missed, the second finds nothing, and both count."""
    account, _ = await subscribed(selling, stripe)
    code, said, _ = await run(selling.settings, "billing", "sync")
    assert code == 0
    assert f"account {account.id}: free -> pro until" in said
    assert "1 customers asked about, 1 changes." in said
    code, said, _ = await run(selling.settings, "billing", "sync", "--json")
    assert (code, json.loads(said)) == (0, {"asked": 1, "changes": [], "warnings": []})


async def test_a_refund_is_one_command(selling: Services, stripe: StripeServer) -> None:
    """The money goes back and the plan ends; of an address that nobody has it says so."""
    account, _ = await subscribed(selling, stripe)
    code, said, _ = await run(selling.settings, "billing", "refund", account.email, "--yes")
    assert code == 0
    assert said.startswith("12.00 go back")
    assert await selling.usage.plan_of(account.id) == "free"
    code, _, wrong = await run(selling.settings, "billing", "refund", "nobody@example.org", "--yes")
    assert code == 3
    assert "no account" in wrong


async def test_without_payment_the_commands_say_so(services: Services) -> None:
    """A site that sells nothing has nothing to compare; a grant works all the same."""
    account = await buyer()
    code, _, wrong = await run(services.settings, "billing", "sync")
    assert (code, wrong.strip()) == (2, "Payment is not set up: STRIPE_API_KEY is not set.")
    code, said, _ = await run(services.settings, "plans", "set", account.email, "pro", "--until", "2099-01-01")
    assert (code, said.strip()) == (0, "The account is on pro now.")
    assert await services.usage.plan_of(account.id) == "pro"
