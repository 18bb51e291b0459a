"""A reference is measured like a bounce, but only what a target is learned from is kept of it."""

from __future__ import annotations

from typing import Any

import msgspec

from app.advice.references import BadReferences, features_of
from app.analyses.set_document import some_parts

PARTS = ("loudness", "spectrum")
NOTHING = "Nothing can be learned from it: it is silent, or shorter than 3 s. Choose another track."


def only_features(document: str) -> dict[str, Any]:
    """Return what closes the run of a reference: its features as a report, or why it teaches nothing."""
    try:
        features = features_of(some_parts(document, PARTS))
    except BadReferences:
        return {"kind": "refused", "code": "reference", "reason": NOTHING}
    return {"kind": "report", "document": msgspec.json.encode(features).decode()}
