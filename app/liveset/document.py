"""The set as the JSON document that the report and the command line share.

The document has every name of the model; `live_set.kind`, clips and so on are those of model.py.
What a person need not read, such as the set's own numbers, is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from app.liveset.model.live_set import LiveSet

SCHEMA = "tracksensei-live-set/1"


def live_set_document(live_set: LiveSet) -> dict[str, Any]:
    """Return what stands under `live_set` in a report."""
    document: dict[str, Any] = msgspec.to_builtins(live_set)
    document["tempo_automated"] = document.pop("tempo_is_automated")
    for track in document["tracks"]:
        del track["id"]
        guess = track["role"]
        track["role"] = guess["role"] if guess else None
        track["role_confidence"] = guess["confidence"] if guess else None
        track["role_reasons"] = guess["reasons"] if guess else []
    return document
