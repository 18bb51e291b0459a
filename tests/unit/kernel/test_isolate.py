"""A child ends in one of a few ways, each told apart, and none leaves anything behind."""

from __future__ import annotations

import asyncio
import multiprocessing.forkserver
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from app.kernel.confine import MIB, Limits
from app.kernel.isolate import Bounds, ChildEnded, ChildTimedOut, ChildTooLarge, Isolator, Task
from tests.making.processes import children_of
from tests.services.waiting import eventually
from tests.unit.kernel import children

if TYPE_CHECKING:
    from collections.abc import Callable

LIMITS = Limits(address_space_bytes=4096 * MIB, cpu_s=10)
BOUNDS = Bounds(wall_clock_s=20.0, resident_bytes=400 * MIB, limits=LIMITS)


def task(function: Callable[..., None], file: Path, **arguments: Any) -> Task:
    """Name a function of the children's module."""
    return Task(f"{children.__name__}:{function.__name__}", file, arguments)


async def said(isolator: Isolator, what: Task, bounds: Bounds = BOUNDS) -> list[dict[str, Any]]:
    """Return everything that a child says."""
    return [message async for message in isolator.run(what, bounds)]


def engines() -> list[int]:
    """List the children of the server process."""
    server: int = multiprocessing.forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined]
    return children_of(server)


async def test_a_child_reads_its_file_and_answers(isolator: Isolator, own_file: Path) -> None:
    """What it says comes as it was said."""
    assert await said(isolator, task(children.read_all, own_file)) == [
        {"kind": "content", "text": "the file's own bytes"}
    ]


async def test_a_long_message_comes_whole(isolator: Isolator, own_file: Path) -> None:
    """A report is longer than a pipe holds."""
    (message,) = await said(isolator, task(children.say_much, own_file, size=3_000_000))
    assert len(message["text"]) == 3_000_000


@pytest.mark.parametrize("function", [children.crash, children.leave], ids=["abort", "exit"])
async def test_a_child_that_dies_is_told(isolator: Isolator, own_file: Path, function: Callable[..., None]) -> None:
    """However it goes, without its closing message it has crashed."""
    with pytest.raises(ChildEnded) as caught:
        await said(isolator, task(function, own_file))
    assert caught.value.code == "crashed"


async def test_a_child_that_closes_its_pipe_and_stays_is_ended(isolator: Isolator, own_file: Path) -> None:
    """It has nothing more to say: nobody waits for its end, which it might put off for ever."""
    async with asyncio.timeout(15):
        with pytest.raises(ChildEnded):
            await said(isolator, task(children.hide, own_file))
    await eventually(lambda: not engines())


async def test_a_message_that_is_too_deep_ends_the_child(isolator: Isolator, own_file: Path) -> None:
    """A reader's stack is no child's to fill."""
    with pytest.raises(ChildEnded):
        await said(isolator, task(children.nest, own_file))


async def test_an_exception_is_told_without_its_text(isolator: Isolator, own_file: Path) -> None:
    """The kind and the place go to the log, what a stranger wrote does not."""
    with pytest.raises(ChildEnded, match="ValueError in fail") as caught:
        await said(isolator, task(children.fail, own_file))
    assert "stranger" not in str(caught.value)


async def test_a_missing_file_is_a_crash(isolator: Isolator, tmp_path: Path) -> None:
    """Its file may be deleted before it starts."""
    with pytest.raises(ChildEnded):
        await said(isolator, task(children.read_all, tmp_path / "gone"))


async def test_a_child_that_takes_too_long_is_ended(isolator: Isolator, own_file: Path) -> None:
    """The wall clock ends what sleeps."""
    with pytest.raises(ChildTimedOut):
        await said(isolator, task(children.sleep, own_file, seconds=60), Bounds(0.5, 400 * MIB, LIMITS))
    await eventually(lambda: not engines())


async def test_a_child_that_grows_is_ended(isolator: Isolator, own_file: Path) -> None:
    """The watchdog sees what is really held."""
    with pytest.raises(ChildTooLarge):
        await said(isolator, task(children.grow, own_file), Bounds(20.0, 150 * MIB, LIMITS))
    await eventually(lambda: not engines())


@pytest.mark.parametrize("text", ["no message at all", "[1, 2]", '"text"', "{", "\\ud800", ""], ids=repr)
async def test_what_is_no_message_ends_the_child(isolator: Isolator, own_file: Path, text: str) -> None:
    """The pipe is read with suspicion."""
    with pytest.raises(ChildEnded):
        await said(isolator, task(children.babble, own_file, text=text))
    await eventually(lambda: not engines())


async def test_a_reader_that_goes_away_leaves_no_child(isolator: Isolator, own_file: Path) -> None:
    """Closing the messages ends the child, and waits for its end."""
    messages = isolator.run(task(children.sleep, own_file, seconds=60), BOUNDS)
    async with aclosing(messages):  # type: ignore[type-var]
        message = await anext(messages)
        assert Path(f"/proc/{message['pid']}").exists()
    await eventually(lambda: not engines())


@pytest.mark.parametrize("turns", [0, 1, 2, 5, 20, 100])
async def test_a_cancellation_at_any_moment_leaves_no_child(isolator: Isolator, own_file: Path, turns: int) -> None:
    """Before the start, during it and after it."""
    running = asyncio.create_task(said(isolator, task(children.sleep, own_file, seconds=60)))
    for _ in range(turns):
        await asyncio.sleep(0.001)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await eventually(lambda: not engines())


async def test_many_children_at_once_answer_each_for_itself(isolator: Isolator, own_file: Path) -> None:
    """Pipes are not mixed up."""
    answers = await asyncio.gather(
        *(said(isolator, task(children.say_much, own_file, size=size)) for size in range(1, 7))
    )
    assert [len(messages[0]["text"]) for messages in answers] == list(range(1, 7))
