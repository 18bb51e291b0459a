"""The places between two durable steps at which a process may die.

Each part that moves an analysis, or takes a message of Stripe, calls its observer when it gets
there. In the product nobody observes; the proofs stop, starve or kill the process at every one
of them in turn.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import IntEnum


class Waypoint(IntEnum):
    """Numbered in the order of an analysis's life, then of a message's."""

    DECLARED = 1
    """Rows made and charged, no byte yet."""
    FIRST_BLOCK = 2
    """Some bytes are on the disk."""
    WRITTEN = 3
    """All bytes are on the disk, the row does not say so."""
    STORED = 4
    """The row says so, nothing is queued."""
    QUEUED = 5
    """Queued, the doorbell is not rung."""
    RUNG = 6
    """The doorbell is rung."""
    CLAIMED = 7
    """A worker has the lease, no child runs."""
    STEP = 8
    """A step of the engine is told."""
    MEASURED = 9
    """The report is known to the worker only."""
    REPORTED = 10
    """The report is kept, the file is marked."""
    UNLINKED = 11
    """The file is gone, the row does not say so."""
    FORGOTTEN = 12
    """The row says so."""
    SWEPT = 13
    """A sweep deleted what it first found and has more to do."""
    HEARD = 14
    """A message is verified, nothing is asked."""
    ASKED = 15
    """What Stripe says is known to this process only."""
    KEPT = 16
    """Message and plan are kept, Stripe has no answer yet."""


Observer = Callable[[Waypoint], Awaitable[None]]


async def unobserved(_: Waypoint) -> None:
    """Go on."""
