"""Text of the document as numbers, claims, names and levels.

Sets are written by many versions and by other programs: what cannot be read is None, never an
error, and a number is always finite.
"""

from __future__ import annotations

import math
import unicodedata

LONGEST_NAME = 120
"""Characters of a name that are shown."""

_LARGEST = 1e15
"""Numbers of at least this size are none that Live writes."""

OFF_LINEAR = 0.000_316_3
"""Linear gain at and under which a fader or a send of Live is off: its minimum is 0.0003162277."""


def number(text: str | None) -> float | None:
    """Return a finite number."""
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    # Neither infinity nor what is not a number is within the bounds.
    return value if -_LARGEST < value < _LARGEST else None


def whole(text: str | None) -> int | None:
    """Return a whole number."""
    value = number(text)
    return None if value is None else int(value)


def claim(text: str | None) -> bool | None:
    """Return what "true" or "false" say."""
    return {"true": True, "false": False}.get(text or "")


def is_true(text: str | None) -> bool:
    """Say whether the document claims it."""
    return text == "true"


def name(text: str | None) -> str:
    """Return a name that can be shown: composed, without control and direction signs, cut."""
    if not text:
        return ""
    if text.isascii() and text.isprintable():
        return text[:LONGEST_NAME]
    composed = unicodedata.normalize("NFC", text[: 4 * LONGEST_NAME])
    kept = (sign for sign in composed if unicodedata.category(sign) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
    return "".join(kept)[:LONGEST_NAME]


def base_name(path: str | None) -> str:
    """Return the last part of a path in either system's writing."""
    return name((path or "").replace("\\", "/").rstrip("/").rpartition("/")[2])


def decibels(linear: float | None) -> float | None:
    """Return a linear gain in dB, None where it is off."""
    if linear is None or linear <= OFF_LINEAR:
        return None
    return round(20 * math.log10(linear), 6)
