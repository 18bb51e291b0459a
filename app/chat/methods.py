"""Quoting the methodology where a question is how something is measured."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from app.chat.stems import stem, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_HOW = re.compile(
    r"how (?:do|did|does|is|are|was|were|can) .*(?:measur|comput|calculat|detect|work|know|figure|determin)|"
    r"(?:which|what) (?:method|standard|algorithm)",
    re.IGNORECASE,
)
_COMMON = frozenset(
    stem(word)
    for word in words_of(
        "how did does do you the are was is were can measure measured what which calculate calculated compute computed "
        "work works know figure determine detect detected method standard algorithm a my i it this of by out"
    )
)


def methods(question: str, methodology: str) -> Iterator[str]:
    """Quote the part of the methodology that a question is about, if it asks how something is measured."""
    if not _HOW.search(question):
        return
    wanted = {stem(word) for word in words_of(question)} - _COMMON
    parts = re.split(r"^## ", methodology, flags=re.MULTILINE)[1:]
    scored = [(len(wanted & {stem(word) for word in words_of(part)}), part) for part in parts]
    best = max(scored, key=lambda pair: pair[0], default=(0, ""))
    if best[0]:
        title, _, body = best[1].partition("\n")
        named = list(_rows_naming(body, wanted))
        paragraphs = [part for part in body.strip().split("\n\n") if not part.startswith("|")]
        yield f"**{title.strip()}**, from the methodology: {'; '.join(named) or ''.join(paragraphs[:1])}"


def _rows_naming(body: str, wanted: set[str]) -> Iterator[str]:
    for line in body.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) > 1 and wanted & {stem(word) for word in words_of(cells[0])}:
            yield f"{cells[0]}: {cells[1]}"
