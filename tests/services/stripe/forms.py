"""Stripe's form encoding: ``items[0][price]=price_1`` and back to nested objects."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

PART = re.compile(r"\[([^\]]*)\]")


def nested(text: str) -> dict[str, Any]:
    """Return the object that a form or a query stands for."""
    found: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        head = name.partition("[")[0]
        place = found
        *path, last = [head, *PART.findall(name)]
        for step in path:
            place = place.setdefault(step, {})
        place[last] = {"true": True, "false": False}.get(value, value)
    return {name: _with_lists(value) for name, value in found.items()}


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _with_lists(each) for name, each in value.items()}
    return list(inner.values()) if inner and all(name.isdigit() for name in inner) else inner
