"""Every figure holds in its small size, and its mutant is found out."""

from __future__ import annotations

import pytest

from tests.prove.figure import Figure, Size, run
from tests.prove.registry import FIGURES

SEED = 20

pytestmark = pytest.mark.sqlite_only


@pytest.fixture(params=sorted(FIGURES), ids=sorted(FIGURES))
def figure(request: pytest.FixtureRequest) -> Figure:
    """Lend each figure in turn."""
    return FIGURES[request.param]


async def test_the_figure_holds(figure: Figure) -> None:
    """Its counts and states are as they must be."""
    found = await run(figure, Size.SMALL, SEED, mutant=False)
    assert found["holds"], (found["checks"], found["remarks"])


async def test_its_mutant_is_found_out(figure: Figure) -> None:
    """The weakened variant breaks at least one check."""
    found = await run(figure, Size.SMALL, SEED, mutant=True)
    assert not found["holds"], found["counts"]
    assert found["mutant"]


def test_each_figure_has_a_name_of_its_own_and_tells_its_mutant() -> None:
    """What a reader needs stands beside each figure."""
    assert list(FIGURES) == [figure.name for figure in FIGURES.values()]
    assert all(figure.claim and figure.mutant for figure in FIGURES.values())
