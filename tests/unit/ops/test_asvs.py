"""docs/asvs.md says of each requirement by which test it holds, and the tests are there."""

from __future__ import annotations

import pytest

from tests.prove.figure import Size
from tests.prove.g23_asvs import Row, defined_tests, prove, rows


async def test_the_table_is_whole() -> None:
    """Every requirement of the chosen part stands once, and a test that goes is missed."""
    found = await prove(Size.SMALL, 0, mutant=False)
    assert found.holds, (found.checks, found.remarks)
    assert not (await prove(Size.SMALL, 0, mutant=True)).holds


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.requirements[0])
def test_each_is_shown_by_a_test_or_says_why_not(row: Row) -> None:
    """A test that was renamed or removed turns its line red."""
    assert row.tests <= defined_tests()
    assert row.tests or row.is_excused
