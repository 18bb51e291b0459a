"""Words of the report, each in a sentence or two."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

INTENTS = Path(__file__).parent / "intents"


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the report and what it means."""

    names: tuple[str, ...]
    """The word itself, then what else it is called."""
    text: str
    is_plain: bool
    """Whether it is a word of every day, too: explained only where its meaning is asked for."""


@cache
def terms() -> tuple[Term, ...]:
    """Return every word that can be explained."""
    read = tomllib.loads((INTENTS / "glossary.toml").read_text("utf-8"))["term"]
    return tuple(Term(tuple(row["names"]), row["text"], row.get("plain", False)) for row in read)


GLOSSARY: Mapping[str, str] = MappingProxyType({name: term.text for term in terms() for name in term.names})
"""What each name means; names of the same word share their text."""
