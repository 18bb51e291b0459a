"""What people typed, hidden behind placeholders before it is sent and put back when it is shown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.analyses.document import rows, section, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.analyses.document import Document

PLACEHOLDER = re.compile(r"(?<![\w.])([TL][1-9]\d{0,3})(?!\w)")
PRODUCTS = frozenset({"native", "vst2", "vst3", "au"})
OTHERS = {"rack": "Rack", "max": "Max for Live device"}
MOST_SIGNS = 64
SHORTEST = 2
"""A name of one letter is hidden in no sentence: it would take every such letter with it."""


@dataclass(frozen=True, slots=True)
class Names:
    """The typed names of a report: by placeholder, and those that have none."""

    by_placeholder: dict[str, str]
    others: tuple[str, ...] = ()

    def track(self, index: int) -> str:
        """Return the placeholder of a track, counted from 0."""
        return f"T{index + 1}"

    def hide(self, sentence: str) -> str:
        """Put placeholders in place of every typed name in a sentence."""
        # Where two things have one name, the first keeps it: tracks before locators.
        known = {name: placeholder for placeholder, name in reversed(self.by_placeholder.items())}
        known = {**dict.fromkeys(self.others, "(a name)"), **known}
        names = sorted((name for name in known if len(name) >= SHORTEST), key=len, reverse=True)
        if not names:
            return sentence
        pattern = "|".join(re.escape(name) for name in names)
        return re.sub(rf"(?<!\w)(?:{pattern})(?!\w)", lambda found: known[found[0]], sentence)

    def name_of(self, placeholder: str) -> str:
        """Return what a placeholder stands for; the placeholder itself where it stands for nothing."""
        return self.by_placeholder.get(placeholder) or placeholder


def names_of(document: Document) -> Names:
    """Gather everything typed in a report."""
    live_set = section(document, "live_set")
    found = {f"T{index + 1}": text(row, "name") for index, row in enumerate(rows(live_set, "tracks"))}
    found |= {f"L{index + 1}": text(row, "name") for index, row in enumerate(rows(live_set, "locators"))}
    named = {placeholder: name for placeholder, name in found.items() if name}
    others = set(_typed(live_set)) | {text(section(document, "file"), "name")}
    return Names(named, tuple(sorted(others - set(named.values()) - {""})))


def product_name(device: Document) -> str:
    """Name a device by its product, never by what somebody called it."""
    kind = text(device, "kind")
    if kind not in PRODUCTS:
        return OTHERS.get(kind, "device")
    return " ".join("".join(sign for sign in text(device, "name") if sign.isprintable()).split())[:MOST_SIGNS]


def _typed(value: Any, key: str = "") -> Iterator[str]:
    """Walk over every text under a key that people type."""
    if isinstance(value, dict):
        is_product = str(value.get("kind", "")) in PRODUCTS and "tag" in value
        for name, inner in value.items():
            if not (is_product and name in {"name", "maker"}) and name not in {"plugins", "unknown"}:
                yield from _typed(inner, name)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _typed(inner, key)
    elif isinstance(value, str) and key in {"name", "given_name", "title", "preset", "annotation"}:
        yield value
