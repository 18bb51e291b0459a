"""Work beside the main thread keeps its order, its bounds and its errors."""

from __future__ import annotations

from functools import partial

import pytest

from app.audio.aside import Aside


def test_work_is_done_in_order() -> None:
    """More pieces than may wait, all done when the block ends."""
    done: list[int] = []
    with Aside() as aside:
        for number in range(100):
            aside.do(partial(done.append, number))
        aside.finish()
        assert done == list(range(100))


def run(work_fails: bool, main_fails: bool) -> Aside:  # noqa: FBT001 - a table of two claims
    """Give one piece of work, and fail where it is told."""
    aside = Aside()

    def work() -> None:
        if work_fails:
            raise ValueError("beside")

    with aside:
        aside.do(work)
        if main_fails:
            raise KeyError("main")
    return aside


def test_an_error_reaches_the_main_thread() -> None:
    """It is raised where the work was given."""
    with pytest.raises(ValueError, match="beside"):
        run(work_fails=True, main_fails=False)


def test_an_error_of_the_main_thread_is_the_one_that_is_raised() -> None:
    """Whatever happened beside it."""
    for work_fails in (True, False):
        with pytest.raises(KeyError):
            run(work_fails=work_fails, main_fails=True)
    assert not run(work_fails=False, main_fails=False)._thread.is_alive()
