"""What a version of Live writes is read as what was meant."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings

from app.liveset.document import live_set_document
from app.liveset.sets import read_live_set
from tests.making_sets.models import live_sets
from tests.making_sets.xml import Writer

if TYPE_CHECKING:
    from app.liveset.model.live_set import LiveSet


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(live_sets())
def test_a_set_is_read_as_it_was_meant(made: tuple[int, LiveSet]) -> None:
    """Reading is the inverse of writing, for every version, packed and plain."""
    major, live_set = made
    writer = Writer(live_set, major)
    assert read_live_set(writer.packed()) == live_set
    json.dumps(live_set_document(live_set), allow_nan=False)
