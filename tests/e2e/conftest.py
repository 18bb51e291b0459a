"""What the journeys share: generous plans and browsers whose every step is watched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.making.policy import with_analyses

if TYPE_CHECKING:
    from app.settings import Settings


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Let one account measure a file of each format."""
    return with_analyses(settings)
