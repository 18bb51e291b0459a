"""A site that can ask Claude, by the real SDK, at a Messages server on loopback."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.making.policy import with_analyses, with_policy
from tests.services.messages import MessagesServer, running_messages

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.settings import Settings


@pytest.fixture
async def messages() -> AsyncIterator[MessagesServer]:
    """Run a Messages server."""
    async with running_messages() as server:
        yield server


@pytest.fixture
def settings(settings: Settings, messages: MessagesServer) -> Settings:
    """Let the site ask the loopback server, and be quick to give up."""
    keyed = replace(settings, anthropic_api_key="sk-ant-loopback", anthropic_api_base=messages.url)
    quick = {"silence_seconds": 3.0, "answer_seconds": 6.0, "answer_characters": 6000}
    return with_analyses(with_policy(keyed, chat=quick, streams={"poll_seconds": 0.2}))
