"""A program that runs in a row between a child's pipes gets those pipes and nothing else."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from typing import TYPE_CHECKING, Any

import pytest

from app.kernel.confine import MIB, Limits
from app.kernel.isolate import Task
from app.kernel.programs import Programs, Rows, can_run, running
from tests.making.programs import COPIES, DEAF, ESCAPES, HANGS, compiled
from tests.services.waiting import eventually
from tests.unit.kernel import children
from tests.unit.kernel.test_isolate import engines, said

if TYPE_CHECKING:
    from pathlib import Path

    from app.kernel.isolate import Isolator

pytestmark = pytest.mark.skipif(not can_run(), reason="this kernel cannot confine a program (Landlock, seccomp)")

LIMITS = Limits(address_space_bytes=1024 * MIB, cpu_s=5)


def through(function: Any, file: Path, *commands: tuple[str, ...], **arguments: Any) -> Task:
    """Let a child's function send bytes through programs."""
    name = f"{children.__name__}:{function.__name__}"
    return Task(name, file, arguments, Programs((commands,), LIMITS))


async def test_bytes_go_through_a_row(isolator: Isolator, own_file: Path, tmp_path: Path) -> None:
    """From the child into the first, from the last back into the child; then all of them are over."""
    copies = compiled(COPIES, tmp_path / "copies")
    task = through(children.send_through, own_file, (copies,), (copies,), (copies,), text="there and back")
    assert await said(isolator, task) == [{"kind": "back", "text": "there and back"}]
    await eventually(lambda: not engines())


async def test_the_first_byte_into_a_row_starts_all_of_it(isolator: Isolator, own_file: Path, tmp_path: Path) -> None:
    """The last loads while the first does, and need not wait for what that passes on, here nothing."""
    hangs, escapes = compiled(HANGS, tmp_path / "hangs"), compiled(ESCAPES, tmp_path / "escapes")
    (answer,) = await said(isolator, through(children.send_through, own_file, (hangs,), (escapes,), text="x"))
    assert len(answer["text"].splitlines()) == 14


async def test_a_hostile_program_gets_nothing(isolator: Isolator, own_file: Path, tmp_path: Path) -> None:
    """It cannot reach the network, a file, a process, a shell or the worker's environment, and says so itself."""
    (tmp_path / "secret").write_text("another's upload")
    before = sorted(tmp_path.iterdir())
    heard: list[Any] = []
    server = await asyncio.start_server(lambda *ends: heard.append(ends), "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        escapes = compiled(ESCAPES, tmp_path / "escapes", port=port)
        (answer,) = await said(isolator, through(children.send_through, own_file, (escapes,), text="x"))
    outcomes = dict(line.split(": ") for line in answer["text"].splitlines())
    assert len(outcomes) == 14
    assert [what for what, outcome in outcomes.items() if outcome == "escaped"] == []
    assert heard == []
    assert (tmp_path / "secret").read_text() == "another's upload"
    assert [path for path in sorted(tmp_path.iterdir()) if not path.name.startswith("escapes")] == before


async def test_a_script_does_not_even_start(isolator: Isolator, own_file: Path, tmp_path: Path) -> None:
    """What would interpret it may not be executed."""
    script = tmp_path / "ffmpeg"
    script.write_text(f"#!/bin/sh\necho escaped; touch {tmp_path}/made\n")
    script.chmod(0o755)
    (answer,) = await said(isolator, through(children.send_through, own_file, (str(script),), text="x"))
    assert answer["text"] == ""
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("path", ["/nonexistent", "/etc/hostname", "/"])
async def test_what_is_no_program_answers_nothing(isolator: Isolator, own_file: Path, path: str) -> None:
    """The child reads an end, and goes on."""
    (answer,) = await said(isolator, through(children.send_through, own_file, (path,), text="x"))
    assert answer["text"] == ""


async def test_a_program_that_hangs_ends_with_its_task(isolator: Isolator, own_file: Path, tmp_path: Path) -> None:
    """The child did not wait for it, and nobody else does."""
    hangs = compiled(HANGS, tmp_path / "hangs")
    task = through(children.send_and_leave, own_file, (hangs,), (hangs,))
    async with asyncio.timeout(10):
        assert await said(isolator, task) == [{"kind": "sent"}]
    await eventually(lambda: not engines())


async def test_a_task_that_sends_nothing_starts_no_program(isolator: Isolator, own_file: Path, tmp_path: Path) -> None:
    """Nothing is executed before the first byte, and nothing is left."""
    task = through(children.leave_pipes, own_file, (compiled(HANGS, tmp_path / "hangs"),))
    assert await said(isolator, task) == [{"kind": "left"}]
    await eventually(lambda: not engines())


async def test_a_cancelled_task_leaves_no_program(isolator: Isolator, own_file: Path, tmp_path: Path) -> None:
    """A worker that stops, stops them too."""
    hangs = compiled(HANGS, tmp_path / "hangs")
    waiting = asyncio.create_task(said(isolator, through(children.send_through, own_file, (hangs,), text="x")))
    await eventually(lambda: len(engines()) == 2)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await eventually(lambda: not engines())


def test_a_command_runs_a_row_too(tmp_path: Path) -> None:
    """Without a worker, beside the process that asks."""
    programs = Programs((((compiled(DEAF, tmp_path / "deaf"),),),), LIMITS)
    with running(programs) as ((writing, reading),), open(writing, "wb") as there, open(reading, "rb") as back:  # noqa: PTH123 - descriptors
        there.write(b"x")
        there.flush()
        assert back.read() == b""


async def test_a_program_goes_behind_who_measures(tmp_path: Path) -> None:
    """Where both want the processor, it gets the smaller part."""
    context = multiprocessing.get_context("forkserver")
    rows = Rows(context, Programs((((compiled(HANGS, tmp_path / "hangs"),),),), LIMITS))
    rows.start()
    (process,) = rows.processes
    own = os.getpriority(os.PRIO_PROCESS, 0)
    try:
        await eventually(lambda: os.getpriority(os.PRIO_PROCESS, process.pid or 0) > own)
    finally:
        rows.close()
        process.kill()
        process.join()
