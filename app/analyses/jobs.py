"""What the worker does for analyses: answers the doorbell and looks after lost runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.analyses.running import Runs


async def answer_doorbell(context: dict[str, Any]) -> None:
    """Take what is queued; what the bell was rung for may be gone or taken already."""
    runs: Runs = context["runs"]
    await runs.fill()


async def reconcile(context: dict[str, Any]) -> None:
    """Find the runs and the queued rows that no bell tells of."""
    runs: Runs = context["runs"]
    await runs.reconcile()
