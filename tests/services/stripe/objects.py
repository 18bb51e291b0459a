"""Objects as Stripe's interface answers them: every field that its published examples have."""

from __future__ import annotations

import copy
import json
import os
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(os.environ.get("TRACKSENSEI_DATA") or Path(__file__).parents[4] / "shared" / "data")
PUBLISHED = DATA / "stripe" / "fixtures3.json"
MADE = Path(__file__).with_name("shapes.json")

Object = dict[str, Any]


@cache
def made() -> Object:
    """Return our own examples, neutral values in the published shape."""
    return dict(json.loads(MADE.read_text("utf-8")))


@cache
def published() -> Object:
    """Return Stripe's own examples, where they lie beside this checkout."""
    return dict(json.loads(PUBLISHED.read_text("utf-8"))["resources"])


def example(kind: str, examples: Object, **fields: Any) -> Object:
    """Return an object of a kind with these fields set."""
    return {**copy.deepcopy(examples[kind]), "object": kind, **fields}


def listed(objects: list[Object], url: str) -> Object:
    """Return a page of a list."""
    return {"object": "list", "data": objects, "has_more": False, "url": url}
