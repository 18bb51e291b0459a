"""The layers of confinement; every escape is tried by the figure G20."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from app.kernel import confine
from app.kernel.confine import ARCHITECTURES, Layers, Limits, layers
from tests.unit.kernel import children
from tests.unit.kernel.test_isolate import BOUNDS, LIMITS, said, task

if TYPE_CHECKING:
    from pathlib import Path

    from app.kernel.isolate import Isolator

STATEMENT_BYTES, MOST_STATEMENTS = 8, 4096


async def test_the_kernel_holds_the_limits(isolator: Isolator, own_file: Path) -> None:
    """Soft and hard limits are both set, so that neither can be raised."""
    (found,) = await said(isolator, task(children.tell_limits, own_file))
    assert found["RLIMIT_AS"] == [LIMITS.address_space_bytes] * 2
    assert found["RLIMIT_CPU"] == [LIMITS.cpu_s] * 2
    assert found["RLIMIT_FSIZE"] == [0, 0]
    assert found["RLIMIT_CORE"] == [0, 0]
    assert found["RLIMIT_NOFILE"] == [Limits(0, 0).open_files] * 2


async def test_threads_still_start(isolator: Isolator, own_file: Path) -> None:
    """Numerics use them."""
    assert await said(isolator, task(children.start_thread, own_file), BOUNDS) == [
        {"kind": "thread", "said": ["hello"]}
    ]


def test_the_layers_are_told() -> None:
    """What is in force is said, not guessed; on Linux there is a filter of calls."""
    found = layers()
    assert isinstance(found, Layers)
    assert found.limits
    assert found.seccomp == (sys.platform == "linux")


@pytest.mark.parametrize("family", ARCHITECTURES.values(), ids=ARCHITECTURES)
def test_a_filter_is_made_of_whole_statements(family: confine._Architecture) -> None:
    """The kernel takes programs of eight-byte statements and of a limited length; the last word is no."""
    program = confine._program(family)
    assert all(len(statement) == STATEMENT_BYTES for statement in program)
    assert len(program) < MOST_STATEMENTS
    assert program[-1] == confine.statement(confine.RETURN, confine.ERRNO | confine.EPERM)


@pytest.mark.parametrize("family", ARCHITECTURES.values(), ids=ARCHITECTURES)
def test_no_jump_leaves_the_filter(family: confine._Architecture) -> None:
    """Each jump lands on a statement."""
    program = confine._program(family)
    for place, statement in enumerate(program):
        code, if_true, if_false = statement[0], statement[2], statement[3]
        if code & 0x07 == 0x05:
            assert place + 1 + max(if_true, if_false) < len(program)
