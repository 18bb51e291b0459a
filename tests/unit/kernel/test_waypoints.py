"""The waypoints are numbered in the order of an analysis's life, and each is reached somewhere."""

from __future__ import annotations

import pytest

from app.kernel.waypoints import Waypoint, unobserved
from tests.prove.figure import ROOT


def test_they_are_numbered_without_a_gap() -> None:
    """From one on."""
    assert list(Waypoint) == list(range(1, len(Waypoint) + 1))


@pytest.mark.parametrize("waypoint", Waypoint, ids=lambda waypoint: waypoint.name)
def test_each_is_reached_in_the_product(waypoint: Waypoint) -> None:
    """A point that nobody reaches proves nothing."""
    sources = (path.read_text("utf-8") for path in (ROOT / "app").rglob("*.py"))
    assert any(f"reached(Waypoint.{waypoint.name})" in source for source in sources)


async def test_nobody_observes_in_the_product() -> None:
    """The default goes on at once."""
    for waypoint in Waypoint:
        await unobserved(waypoint)
