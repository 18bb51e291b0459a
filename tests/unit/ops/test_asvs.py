"""docs/asvs.md says of each requirement by which test it holds, and the tests are there."""

from __future__ import annotations

import re

import pytest

from tests.services.processes import ROOT

ROWS = [
    tuple(cell.strip() for cell in line.strip("|").split("|"))
    for line in (ROOT / "docs" / "asvs.md").read_text("utf-8").splitlines()
    if re.match(r"\| \d", line)
]
REQUIREMENTS = 107 + 3
"""Those that apply, and three that are not met by choice."""
DEFINED = re.compile(r"^\s*(?:async )?def (test_\w+)", re.MULTILINE)


def defined_tests() -> set[str]:
    """Name every test function of the suite."""
    return {name for file in (ROOT / "tests").rglob("test_*.py") for name in DEFINED.findall(file.read_text("utf-8"))}


def test_every_requirement_stands_once() -> None:
    """The chosen part of the standard is whole."""
    named = [number for row in ROWS for number in re.findall(r"\d+\.\d+\.\d+", row[0])]
    assert len(named) == len(set(named)) == REQUIREMENTS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0].split(",")[0])
def test_each_is_shown_by_a_test_or_says_why_not(row: tuple[str, str, str]) -> None:
    """A test that was renamed or removed turns its line red."""
    tests = re.findall(r"`(test_\w+)`", row[2])
    assert set(tests) <= defined_tests()
    assert tests or re.match(r"(exception|absent): \S", row[2])
