"""Work that goes on beside the main thread, in order, with a bounded queue.

The compiled loops, the transforms and the networks all let other threads run, so that a second
core takes half of the work. What comes out does not depend on who is faster.
"""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

_WAITING = 8
"""Pieces of work that may wait; then the main thread waits, and memory stays bounded."""


class Aside:
    """One thread that does what it is given, in order.

    An error in it ends the rest of its work and is raised by the next call here.
    """

    def __init__(self) -> None:
        self._work: queue.Queue[Callable[[], None] | None] = queue.Queue(_WAITING)
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="aside", daemon=True)

    def __enter__(self) -> Self:
        """Start the thread."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let the thread end; what waits is dropped if an error is on its way."""
        if error is not None:
            self._error = self._error or error
        self._work.put(None)
        self._thread.join()
        if error is None:
            self._raise()

    def do(self, work: Callable[[], None]) -> None:
        """Hand over one piece of work."""
        self._raise()
        self._work.put(work)

    def finish(self) -> None:
        """Wait until all work is done."""
        self._work.join()
        self._raise()

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            try:
                if self._error is None:
                    work()
            except BaseException as error:  # noqa: BLE001 - it is raised in the main thread
                self._error = error
            finally:
                self._work.task_done()

    def _raise(self) -> None:
        if self._error is not None:
            raise self._error
