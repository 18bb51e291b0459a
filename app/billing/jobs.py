"""What the worker does for payment: departures each minute, everything once a night."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog

from app.kernel.errors import Unavailable

if TYPE_CHECKING:
    from app.billing.departures import Departures
    from app.billing.reconciling import Reconciler

log = structlog.get_logger()


async def finish_departures(context: dict[str, Any]) -> None:
    """Let Stripe forget whoever has deleted their account."""
    departures: Departures = context["departures"]
    await departures.finish()


async def reconcile_payment(context: dict[str, Any]) -> None:
    """Compare with Stripe and heal what differs; without payment there is nothing to compare."""
    reconciler: Reconciler | None = context["payment_reconciler"]
    if reconciler is None:
        return
    try:
        found = await reconciler.sync()
    except Unavailable as error:
        log.warning("billing.sync_failed", error=error.code)
        return
    for warning in found.warnings:
        log.warning("billing.sync_warning", warning=warning)
