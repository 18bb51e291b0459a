"""What the worker does for payment: departures each minute, everything once a night."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from app.billing.departures import Departures
    from app.billing.reconciling import Reconciler

log = structlog.get_logger()


async def finish_departures(context: dict[str, Any]) -> None:
    """Let Stripe forget whoever has deleted their account."""
    departures: Departures = context["departures"]
    await departures.finish()


async def reconcile_payment(context: dict[str, Any]) -> None:
    """Begin to compare with Stripe; without payment there is nothing to compare.

    Asking once a customer may take long. A job that may take long would let every other one of a
    worker that died wait as long before it is run again, so that this is a task of the worker's own.
    """
    reconciler: Reconciler | None = context["payment_reconciler"]
    if reconciler is not None:
        context["night"] = asyncio.create_task(_compare(reconciler))


async def _compare(reconciler: Reconciler) -> None:
    try:
        found = await reconciler.sync()
    except Exception as error:
        log.exception("billing.sync_failed", error=type(error).__name__)
        return
    for warning in found.warnings:
        log.warning("billing.sync_warning", warning=warning)
