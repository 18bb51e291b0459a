"""Scales and time signatures as Live numbers them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.liveset.model.song import Scale
from app.liveset.values import name, whole

if TYPE_CHECKING:
    from app.liveset.capture import Element

SCALE_NAMES = (
    "Major",
    "Minor",
    "Dorian",
    "Mixolydian",
    "Lydian",
    "Phrygian",
    "Locrian",
    "Whole Tone",
    "Half-whole Dim.",
    "Whole-half Dim.",
    "Minor Blues",
    "Minor Pentatonic",
    "Major Pentatonic",
    "Harmonic Minor",
    "Harmonic Major",
    "Dorian #4",
    "Phrygian Dominant",
    "Melodic Minor",
    "Lydian Augmented",
    "Lydian Dominant",
    "Super Locrian",
)
"""Live 12.1 and later write a scale as its place in this list; behind it sources disagree, so it ends here."""

FOUR_FOUR = "4/4"
MOST_SIGNATURE = 99 * 5
"""Numbers of signatures: 99 numerators for each of the denominators 1, 2, 4, 8 and 16."""


def scale_of(element: Element) -> Scale | None:
    """Return the scale that an element states, unless it is C major.

    C major is what Live writes where nobody chose a scale, so it is no evidence of one.
    """
    root = whole(element.text("Root") or element.text("RootNote"))
    said = element.text("Name")
    scale = _scale_name(said)
    if root is None or not 0 <= root < 12 or not scale or (root == 0 and scale == "Major"):
        return None
    return Scale(root, scale)


def _scale_name(said: str | None) -> str:
    index = whole(said)
    if index is None:
        return name(said)
    return SCALE_NAMES[index] if 0 <= index < len(SCALE_NAMES) else ""


def time_signature(value: float | None) -> str | None:
    """Return a signature from Live's number: numerators run to 99 for each power of two."""
    if value is None or not 0 <= value < MOST_SIGNATURE:
        return None
    power, numerator = divmod(int(value), 99)
    return f"{numerator + 1}/{2**power}"
