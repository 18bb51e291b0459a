"""What is called for each of millions of elements, and keeps the few that a rule names.

What is skipped takes the shortest way: a count, and its name on the list of open elements. Ends
come by the append of a list, which is no call of ours; they are taken at the next start.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from app.liveset.capture import LEAF, Element
from app.liveset.errors import refuse_complex

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from app.liveset.capture import Ledger, Rule
    from app.liveset.errors import Limits

    Watch = Mapping[str, Callable[[Element, list[str], list[str], Ledger], Rule | None]]

LONGEST_TAG = 80
"""Characters of an unknown name that are remembered."""

LONG_VALUE = 256
"""Characters of a value that weigh as much as an element."""

_NOTHING: Watch = MappingProxyType({})


class Keeper:
    """Follows the starts of elements and the ends between them.

    Depth is checked for each kept element and, for skipped ones, after each block: a block is too
    short for a harmful depth, and expat itself does not recurse.

    Attributes
    ----------
    root
        The element that holds what is kept.
    ledger
        What is collected beside it.
    ends
        Takes the end of each element; what it holds is counted, not read.
    """

    __slots__ = (
        "_alive",
        "_elements",
        "_frames",
        "_items",
        "_limits",
        "_most_values",
        "_names",
        "_rule",
        "_skipped",
        "_taken",
        "_top",
        "_watch",
        "ends",
        "ledger",
        "root",
    )

    def __init__(self, rule: Rule, ledger: Ledger, limits: Limits) -> None:
        self.root = Element("", [], depth=0, alive=0)
        self.ledger = ledger
        self._limits = limits
        self._most_values = 2 * limits.attributes
        self._names = [""]
        self._top = self.root
        self._rule = rule
        self._frames: list[tuple[Element, Rule, int, Watch]] = [(self.root, rule, 0, _NOTHING)]
        self._watch: Watch = _NOTHING
        self.ends: list[str] = []
        self._taken = self._skipped = self._elements = self._alive = self._items = 0

    def start(self, tag: str, attributes: list[str]) -> None:
        """Take the start of an element with its attributes as name, value, name, value..."""
        ended = len(self.ends) - self._taken
        if ended:
            self._taken += ended
            if ended <= self._skipped:
                self._skipped -= ended
                del self._names[-ended:]
            else:
                self._end(ended)
        self._names.append(tag)
        if len(attributes) > self._most_values:
            refuse_complex(f"an element has more than {self._limits.attributes} attributes")
        if not self._skipped:
            self._consider(tag, attributes)
            return
        self._skipped += 1
        if tag in self._watch:
            found = self._watch[tag](self._top, self._names, attributes, self.ledger)
            if found is not None:
                self._begin(tag, attributes, found)

    def check(self) -> None:
        """Take the ends that came since the last start, and check what is only counted."""
        self._end(len(self.ends) - self._taken)
        self._elements += len(self.ends)
        self._taken = 0
        self.ends.clear()
        if self._elements > self._limits.elements:
            refuse_complex(f"it has more than {self._limits.elements} elements")
        self._check_depth()

    def _end(self, count: int) -> None:
        """Take the ends of the last elements that began."""
        for _ in range(count):
            self._names.pop()
            if self._skipped:
                self._skipped -= 1
                continue
            element, rule, skipped, watch = self._frames.pop()
            if rule.reduce is not None:
                self._reduce(element, rule.reduce(element, self.ledger))
            self._top, self._rule = self._frames[-1][:2]
            if skipped:
                self._skipped, self._watch = skipped - 1, watch

    def _consider(self, tag: str, attributes: list[str]) -> None:
        """Keep a child of a kept element, or begin to skip."""
        rule = self._rule
        kept = rule.children.get(tag) or rule.other
        if rule.known is not None and tag not in rule.known:
            self.ledger.unknown[f"{self._top.tag}/{tag}"[:LONGEST_TAG]] += 1
        self._skipped, self._watch = 1, rule.watch or _NOTHING
        if kept is LEAF:
            self._watch = _NOTHING
            self._add(tag, attributes)
        elif kept is None:
            if tag in self._watch:
                kept = self._watch[tag](self._top, self._names, attributes, self.ledger)
            if kept is not None:
                self._begin(tag, attributes, kept)
        elif kept.fold is not None:
            self._watch = _NOTHING
            kept.fold(self._top, attributes)
        else:
            self._skipped = 0
            self._begin(tag, attributes, kept)

    def _begin(self, tag: str, attributes: list[str], kept: Rule) -> None:
        element = self._add(tag, attributes)
        self._frames.append((element, kept, self._skipped, self._watch))
        self._top, self._rule, self._skipped = element, kept, 0
        if kept.begin is not None:
            element.value = kept.begin(element)

    def _add(self, tag: str, attributes: list[str]) -> Element:
        """Keep an element, without a value that is too long."""
        element = Element(tag, attributes, len(self._names), self._alive)
        self._alive += 1
        for index in range(1, len(attributes), 2):
            length = len(attributes[index])
            if length > self._limits.value_characters:
                attributes[index] = ""
            elif length > LONG_VALUE:
                self._alive += length // LONG_VALUE
        if self._alive > self._limits.alive:
            refuse_complex("one of its parts is larger than any that Live saves")
        self._check_depth()
        self._top.children.append(element)
        return element

    def _reduce(self, element: Element, value: object) -> None:
        """Let go of what a result was made of."""
        element.value = value
        element.children = []
        self._alive = element.alive + 1
        self._items += 1
        if self._items > self._limits.items:
            refuse_complex(f"it has more than {self._limits.items} clips, devices and other parts")

    def _check_depth(self) -> None:
        if len(self._names) > self._limits.depth:
            refuse_complex(f"its elements stand more than {self._limits.depth} deep in each other")
