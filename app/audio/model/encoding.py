"""The document as JSON.

It is read again as plain JSON, since stored ones may be of an older engine: `app.analyses.document`.
"""

from __future__ import annotations

import math
from typing import Any

import msgspec

_DECIMALS = (
    (("_lufs", "_lu", "_dbtp", "_dbfs", "_db", "_db_per_octave", "_hz", "_bpm", "dr"), 2),
    (("_s",), 3),
)
_OTHER_DECIMALS = 4


def encode(document: Any) -> bytes:
    """Write a document as JSON: the same document gives the same bytes.

    Parameters
    ----------
    document
        A `Report`, or anything made of dataclasses, mappings, lists and plain values.

    Raises
    ------
    ValueError
        If a number is NaN or infinite, which JSON cannot say.
    """
    plain = msgspec.to_builtins(document, order="deterministic")
    return msgspec.json.encode(_rounded(plain, _OTHER_DECIMALS))


def _rounded(value: Any, decimals: int) -> Any:
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("a number in the document is not finite")
        return round(value, decimals) + 0.0  # the sum turns -0.0 into 0.0
    if isinstance(value, dict):
        return {key: _rounded(item, _decimals_of(key)) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item, decimals) for item in value]
    return value


def _decimals_of(name: str) -> int:
    for suffixes, decimals in _DECIMALS:
        if name.endswith(suffixes):
            return decimals
    return _OTHER_DECIMALS
