"""G23: each requirement of the chosen part of ASVS is shown by a test that is there, or says why not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.prove.figure import ROOT, Figure, Result

if TYPE_CHECKING:
    from tests.prove.figure import Size

REQUIREMENTS = 107 + 3
"""Those that apply, and three that are not met by choice."""
CHECKS = 66 + 3
"""What can be looked at by itself; some show several requirements."""
NUMBER = re.compile(r"\d+\.\d+\.\d+")
NAMED = re.compile(r"`(test_\w+)`")
DEFINED = re.compile(r"^\s*(?:async )?def (test_\w+)", re.MULTILINE)
EXCUSED = re.compile(r"(exception|absent): \S")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    requirements: tuple[str, ...]
    tests: frozenset[str]
    is_excused: bool


def rows() -> list[Row]:
    """Read docs/asvs.md."""
    lines = (ROOT / "docs" / "asvs.md").read_text("utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if re.match(r"\| \d", line)]
    return [
        Row(tuple(NUMBER.findall(numbers)), frozenset(NAMED.findall(shown)), bool(EXCUSED.match(shown)))
        for numbers, _, shown in cells
    ]


def defined_tests() -> set[str]:
    """Name every test function of the suite."""
    return {name for file in (ROOT / "tests").rglob("test_*.py") for name in DEFINED.findall(file.read_text("utf-8"))}


async def prove(size: Size, seed: int, mutant: bool) -> Result:  # noqa: FBT001 - every figure has this shape
    """Compare the table with the tests that are there."""
    result, table, defined = Result(), rows(), defined_tests()
    if mutant:
        defined -= {next(iter(sorted(next(row.tests for row in table if row.tests))))}
    numbers = [number for row in table for number in row.requirements]
    missing = sorted({name for row in table for name in row.tests} - defined)
    silent = [row.requirements for row in table if not row.tests and not row.is_excused]
    result.check("every requirement stands once", holds=len(numbers) == len(set(numbers)) == REQUIREMENTS)
    result.check("every check has its line", holds=len(table) == CHECKS)
    result.check("every test that is named is there", holds=not missing)
    result.check("every line names a test or says why not", holds=not silent)
    result.counts |= {
        "requirements": len(numbers),
        "lines": len(table),
        "shown by tests": sum(len(row.requirements) for row in table if row.tests),
        "excepted or absent": sum(len(row.requirements) for row in table if not row.tests),
        "tests named": len({name for row in table for name in row.tests}),
    }
    for name in missing:
        result.remark(f"no such test: {name}")
    return result


FIGURE = Figure(
    name="g23",
    claim="each of the 107 requirements of ASVS that apply is shown by a test that is there, or says why not",
    mutant="a test that a line names is gone",
    prove=prove,
)
