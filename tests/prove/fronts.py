"""The way in of a stage: several web processes beside one another, and forms sent to them."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import httpx

from app.accounts.passwords import Passwords
from app.accounts.rules import fold_email
from app.accounts.tables import Account
from app.kernel.clock import utc_now
from tests.making.people import PASSWORD
from tests.prove.life import make_account
from tests.services.processes import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from piccolo.columns import Column

    from app.policy import ActionLimit
    from tests.prove.stage import Stage


@dataclass(frozen=True, slots=True)
class Fronts:
    """Clients of web processes that share a database and a Redis."""

    clients: tuple[httpx.AsyncClient, ...]

    async def post(self, number: int, path: str, form: Mapping[str, str], address: str = "") -> httpx.Response:
        """Send a form to one of the processes in turn, as if from an address behind a trusted proxy."""
        headers = {"X-Forwarded-For": address} if address else {}
        return await self.clients[number % len(self.clients)].post(path, data=dict(form), headers=headers)


@asynccontextmanager
async def fronts(stage: Stage, count: int, parts: str) -> AsyncIterator[Fronts]:
    """Run several web processes; what they say of addresses is believed."""
    async with AsyncExitStack() as stack:
        clients = []
        for _ in range(count):
            port = free_port()
            settings = replace(stage.settings, port=port, trusted_proxies="127.0.0.1")
            await stack.enter_async_context(replace(stage, settings=settings).web(parts))
            url = f"http://127.0.0.1:{port}"
            kept = httpx.Limits(max_connections=100, keepalive_expiry=2.0)
            client = httpx.AsyncClient(base_url=url, timeout=120, limits=kept, headers={"Origin": url})
            clients.append(await stack.enter_async_context(client))
        yield Fronts(tuple(clients))


def with_limits(stage: Stage, limits: Mapping[str, ActionLimit], **changes: Any) -> Stage:
    """Let some limits bind on a stage, and mails go through the outbox as in production."""
    settings = stage.settings
    policy = replace(settings.policy, limits={**settings.policy.limits, **limits})
    return replace(stage, settings=replace(settings, policy=policy, development=False, **changes))


async def make_member(*emails: str, passwords: Passwords | None = None) -> None:
    """Keep accounts with a confirmed address and a real hash."""
    encoded = await (passwords or Passwords()).hash(PASSWORD)
    for email in emails:
        account_id = await make_account(fold_email(email))
        changes: dict[Column | str, Any] = {Account.password_hash: encoded, Account.verified_at: utc_now()}
        await Account.update(changes).where(Account.id == account_id)
