"""The parts that the suite stands on are the real ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.bootstrap import Services


async def test_services_open_on_a_migrated_database(services: Services) -> None:
    """The services reach a migrated database and an empty Redis."""
    from app.accounts.tables import Account
    from app.kernel.db import pending_migrations

    assert await Account.count() == 0
    assert await pending_migrations(services.settings) == []
    assert await services.redis.dbsize() == 0
