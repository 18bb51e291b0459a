"""People at the web process of a stage."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from app.asgi import create_app
from tests.making.people import member
from tests.services.site import Site

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.making.people import Person
    from tests.prove.stage import Stage


def site_of(stage: Stage) -> Site:
    """Describe the stage's web process; its tables can be asked from here too."""
    return Site(url=stage.settings.site_url, app=create_app(stage.settings), settings=stage.settings)


@asynccontextmanager
async def members(stage: Stage, count: int) -> AsyncIterator[list[Person]]:
    """Lend some people with accounts."""
    site = site_of(stage)
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(member(site, f"person{number}")) for number in range(count)]
