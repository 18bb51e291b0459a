"""What the worker does for privacy: sweeps each minute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.privacy.service import Sweeper


async def sweep(context: dict[str, Any]) -> None:
    """Delete everything whose time has come."""
    sweeper: Sweeper = context["sweeper"]
    await sweeper.sweep()
