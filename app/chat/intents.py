"""What the report guide can be asked: each thing with the phrasings by which people ask for it.

The phrasings are data in ``intents/*.toml``; nothing here knows a word of them.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any

from app.chat.glossary import INTENTS

SUBJECTS = (
    *("loudness", "peaks", "dynamics", "faults", "tone", "bands", "stereo", "music", "file", "report"),
    *("outside", "trade", "making"),
)


@dataclass(frozen=True, slots=True)
class Intent:
    """Something that can be asked, and what answers it."""

    name: str
    phrasings: tuple[str, ...]
    says: tuple[str, ...] = ()
    """Figures by their paths, and parts of the report that are said in words of their own."""
    findings: tuple[str, ...] = ()
    """How the identifiers of the findings begin that belong to it."""
    absent: str = ""
    """What is said where the report has no such finding."""
    terms: tuple[str, ...] = ()
    """Words of the glossary whose figure this is."""
    needs: str = ""
    """The idea without which it cannot be meant."""
    declines: str = ""
    """The sentence by which it is declined, where no report can answer it."""


@cache
def intents() -> tuple[Intent, ...]:
    """Return everything that can be asked."""
    return tuple(
        _intent(row)
        for subject in SUBJECTS
        for row in tomllib.loads((INTENTS / f"{subject}.toml").read_text("utf-8"))["intent"]
    )


def _intent(row: dict[str, Any]) -> Intent:
    return Intent(
        name=row["name"],
        phrasings=tuple(row["phrasings"].strip().splitlines()),
        says=tuple(row.get("says", ())),
        findings=tuple(row.get("findings", ())),
        absent=row.get("absent", ""),
        terms=tuple(row.get("terms", ())),
        needs=row.get("needs", ""),
        declines=row.get("declines", ""),
    )
