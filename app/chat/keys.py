"""The key that an answer says a track is in: the report's own, or one that it gives as another guess."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from app.analyses.document import rows, section, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.analyses.document import Document

_KEY = re.compile(r"(?<!\w)(?P<note>[A-G])(?P<sign>[b#♭♯]|[- ](?:flat|sharp))?[- ](?P<mode>(?i:major|minor))\b")
_SAID = re.compile(
    r"(?:\bkey\b(?: of| is|, it's|, it is| reads| comes (?:out|up) as)?|(?<!anything )\bin)"
    r"[\s*_:|]*(?:clearly |probably |likely )?[*_]*$",
    re.IGNORECASE,
)
"""What stands before a key that is told, and not before one that is recommended or a chord."""
_GUESSED = re.compile(r"\b(?:could|might|may|alternativ\w*|next|second|runner|relative|or)\b", re.IGNORECASE)
_LETTERS = 48
_STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


def keys_in(answer: str, document: Document) -> Iterator[tuple[int, int, bool]]:
    """Yield where an answer tells the key of the track, and whether the report says so too."""
    tonality = section(document, "tonality")
    own = _pitch(text(tonality, "key"))
    others = {_pitch(text(row, "key")) for row in rows(tonality, "alternatives")}
    for match in _KEY.finditer(answer):
        before = answer[max(0, match.start() - _LETTERS) : match.start()]
        if _SAID.search(before) and not answer.startswith(" chord", match.end()):
            said = _pitch(match[0])
            is_other = said in others and _GUESSED.search(before) is not None
            yield match.start(), match.end(), said is not None and (said == own or is_other)


def _pitch(name: str) -> tuple[int, str] | None:
    """Return the tonic in semitones over C and the mode; Eb and D# are one."""
    match = _KEY.fullmatch(name)
    if match is None:
        return None
    sign = (match["sign"] or "").strip("- ").lower()
    step = {"": 0, "b": -1, "♭": -1, "flat": -1}.get(sign, 1)
    return (_STEPS[match["note"].upper()] + step) % 12, match["mode"].lower()
