"""One file through the reader of sets and everything that is made of what it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from app.analyses.live_set.arrangement import arrangement_of
from app.analyses.live_set.inventory import plugins_of, samples_of
from app.analyses.live_set.timeline import Timeline
from app.analyses.live_set.tree import lines_of
from app.liveset.document import live_set_document
from app.liveset.errors import LiveSetRefused
from app.liveset.sets import read_live_set

if TYPE_CHECKING:
    from app.liveset.errors import Limits


def outcome_of(data: bytes, limits: Limits) -> str:
    """Return the code of a refusal, or ``read``; any other exception is a defect and leaves this."""
    try:
        live_set = read_live_set(data, limits=limits)
    except LiveSetRefused as refused:
        return refused.code.value if refused.reason else "without a reason"
    document = msgspec.json.decode(msgspec.json.encode(live_set_document(live_set)))
    timeline = Timeline.of(document)
    arrangement_of(document, {}, timeline)
    lines_of(document, timeline)
    plugins_of(document)
    samples_of(document)
    return "read"
