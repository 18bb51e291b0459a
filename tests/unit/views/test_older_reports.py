"""A report that was stored by an older engine, without fields that came later."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest

from app.analyses.views import ReportFragment, report_of
from tests.golden.conversation import report as real_report
from tests.unit.views.made import NOW, document, judged
from tests.unit.views.pages import DONE, renderer

if TYPE_CHECKING:
    from collections.abc import Iterator


def paths(value: Any, before: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Lead to each field of a document; of a list the first item stands for all."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield (*before, name)
            yield from paths(inner, (*before, name))
    elif isinstance(value, list) and value:
        yield from paths(value[0], (*before, 0))


def without(given: dict[str, Any], path: tuple[str | int, ...]) -> dict[str, Any]:
    """Copy a document without one field, in all items of the lists on the way."""
    copy = deepcopy(given)
    holders: list[Any] = [copy]
    for step in path[:-1]:
        holders = [inner for holder in holders for inner in (holder if step == 0 else [holder[step]])]
    for holder in holders:
        holder.pop(path[-1], None)
    return copy


SHORT = document(4.0)
FIELDS = [path for path in paths(SHORT) if path[-1] != 0]


@pytest.mark.parametrize("path", FIELDS, ids=lambda path: ".".join(map(str, path)))
def test_any_field_may_be_missing(path: tuple[str | int, ...]) -> None:
    """The report is judged and made all the same, with the rest of what it has."""
    made = report_of(DONE, judged(without(SHORT, path)), NOW)
    assert made.sections


@pytest.mark.parametrize("name", ["lava", "tonatiuh"])
def test_reports_of_older_engines_are_shown(name: str) -> None:
    """Real ones, from before curves of stereo were measured by band."""
    older = real_report(name)
    assert "bands_width" not in (older["stereo"].get("timeline") or {})
    page = renderer().render(ReportFragment(report_of(DONE, judged(older), NOW)))
    assert f"{older['loudness']['integrated_lufs']:.1f}".lstrip("-") in page
