"""What proves must be right itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.prove.figure import Figure, Result, Size, quantiles, run
from tests.prove.mutate import name_of, spoilt
from tests.prove.ogg import page, pages, with_checksums

if TYPE_CHECKING:
    from collections.abc import Sequence

pytestmark = pytest.mark.sqlite_only


@pytest.mark.parametrize(
    ("values", "median", "p95", "highest"),
    [([1.0], 1.0, 1.0, 1.0), (list(range(1, 101)), 50, 95, 100), ([3.0, 1.0, 2.0], 2.0, 3.0, 3.0)],
)
def test_quantiles_are_of_the_sample(values: Sequence[float], median: float, p95: float, highest: float) -> None:
    """Nearest rank: each is a value that was measured."""
    assert quantiles(values) == {"count": len(values), "p50": median, "p95": p95, "max": highest}


def test_nothing_checked_does_not_hold() -> None:
    """A figure that looked at nothing proves nothing."""
    assert not Result().holds


def test_one_false_check_is_enough() -> None:
    """Also when the same sentence was true before, or is true afterwards."""
    result = Result()
    for holds in (True, False, True):
        result.check("all is well", holds=holds)
    result.check("something else", holds=True)
    assert not result.holds


async def test_a_run_tells_what_a_reader_needs() -> None:
    """Seed, size, machine and commit stand beside the finding, and all of it is JSON."""

    async def prove(size: Size, seed: int, mutant: bool) -> Result:  # noqa: FBT001 - every figure has this shape
        return Result(checks={f"{size.value} {seed}": not mutant})

    figure = Figure("g0", "a claim", "a mutant", prove)
    sound, mutant = [await run(figure, Size.SMALL, 7, mutant=weak) for weak in (False, True)]
    assert (sound["holds"], sound["mutant"], mutant["holds"], mutant["mutant"]) == (True, None, False, "a mutant")
    assert json.loads(json.dumps(sound))["machine"]["processors"]
    assert (sound["seed"], sound["size"], sound["checks"]) == (7, "small", {"small 7": True})


def test_the_same_number_is_the_same_file() -> None:
    """A file that broke something can be made again."""
    assert [spoilt(number) for number in range(30)] == [spoilt(number) for number in range(30)]
    assert len({spoilt(number) for number in range(30)}) > 20
    assert all("." in name_of(number) for number in range(30))


def test_pages_are_taken_apart_as_they_were_put_together() -> None:
    """Checksums are those of the format, so that a decoder looks further."""
    stream = page(b"x" * 1000, serial=1, number=0, kind=2) + page(b"", serial=1, number=1)
    assert b"".join(pages(stream)) == stream
    assert len(pages(stream)) == 2
    spoiled = stream.replace(b"xxx", b"xyx", 1)
    assert with_checksums(spoiled) != spoiled
    assert with_checksums(stream) == stream
