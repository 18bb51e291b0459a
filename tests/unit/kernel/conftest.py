"""A warm isolator and a file for its children."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.kernel.isolate import Isolator
from tests.unit.kernel import children

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
async def isolator(anyio_backend: str) -> Isolator:
    """Lend an isolator whose server process runs."""
    warm = Isolator(children.__name__)
    await warm.warm()
    return warm


@pytest.fixture
def own_file(tmp_path: Path) -> Path:
    """Lend the one file that a child may read."""
    path = tmp_path / "own"
    path.write_text("the file's own bytes")
    return path
