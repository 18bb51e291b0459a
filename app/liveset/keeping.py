"""What is called for each of millions of elements, and keeps the few that a rule names.

What is skipped takes the shortest way: its name goes on the list of open elements, and a look at
their number says that it is inside of what is skipped. Ends come by a method of that list, which
is no call of ours; what they mean is worked out at the next start.
"""

from __future__ import annotations

import sys
from collections import deque
from types import MappingProxyType
from typing import TYPE_CHECKING

from app.liveset.capture import LEAF, Element
from app.liveset.errors import refuse_complex

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from app.liveset.capture import Ledger, Rule, See
    from app.liveset.errors import Limits

    Watch = Mapping[str, See]

LONGEST_TAG = 80
"""Characters of an unknown name that are remembered."""

LONG_VALUE = 256
"""Characters of a value that weigh as much as an element."""

_NOTHING: Watch = MappingProxyType({})
_NOWHERE = sys.maxsize
"""A depth that no element has: nothing is skipped."""


class Keeper:
    """Follows the elements that are open.

    Depth is checked for each kept element and, for skipped ones, after each block: a block is too
    short for a harmful depth, and expat itself does not recurse.

    Attributes
    ----------
    root
        The element that holds what is kept.
    ledger
        What is collected beside it.
    names
        The open elements, the innermost first. expat has made sure that an end belongs to the
        innermost, so `names.remove` takes that one, at once, and is what ends are given to.
    """

    __slots__ = (
        "_alive",
        "_elements",
        "_frames",
        "_items",
        "_limits",
        "_looked_at",
        "_rule",
        "_skipped",
        "_top",
        "_watch",
        "ledger",
        "names",
        "root",
    )

    def __init__(self, rule: Rule, ledger: Ledger, limits: Limits) -> None:
        self.root = Element("", [], depth=0, alive=0)
        self.ledger = ledger
        self.names: deque[str] = deque()
        self._limits = limits
        self._top = self.root
        self._rule = rule
        # What is kept and open, with the skipping that it interrupted.
        self._frames: list[tuple[Element, Rule, int, Watch]] = [(self.root, rule, _NOWHERE, _NOTHING)]
        # The depth of the element that is skipped, and what is looked at inside of it.
        self._skipped = _NOWHERE
        self._watch: Watch = _NOTHING
        self._elements = self._looked_at = self._alive = self._items = 0

    def listener(self) -> Callable[[str, list[str]], None]:
        """Return what takes the start of an element with its attributes as name, value, name, value...

        A function that knows its keeper: for each call of a method a copy of its arguments is made.
        """
        names, most_values = self.names, 2 * self._limits.attributes
        open_element = names.appendleft

        def start(tag: str, attributes: list[str]) -> None:
            open_element(tag)
            self._elements += 1
            if len(attributes) > most_values:
                refuse_complex(f"an element has more than {self._limits.attributes} attributes")
            if len(names) <= self._skipped:
                self._consider(tag, attributes)
            elif tag in self._watch:
                self._see(tag, attributes)

        return start

    def check(self) -> None:
        """Take the ends that came since the last start, and check what is only counted."""
        self._close(len(self.names))
        if self._elements > self._limits.elements:
            refuse_complex(f"it has more than {self._limits.elements} elements")
        if self._looked_at > self._limits.looked_at:
            refuse_complex(f"it has more than {self._limits.looked_at} notes, points and other values")
        self._check_depth()

    def _close(self, depth: int) -> None:
        """Let go of the kept elements that stand deeper, which have ended."""
        while self._top.depth > depth:
            element, rule, self._skipped, self._watch = self._frames.pop()
            if rule.reduce is not None:
                self._reduce(element, rule.reduce(element, self.ledger))
            self._top, self._rule = self._frames[-1][:2]

    def _consider(self, tag: str, attributes: list[str]) -> None:
        """Keep an element, or begin to skip it, unless it is inside of what was skipped before its elder."""
        self._looked_at += 1
        depth = len(self.names)
        if self._top.depth >= depth:
            self._close(depth - 1)
        if depth > self._skipped:
            if tag in self._watch:
                self._see(tag, attributes)
            return
        rule = self._rule
        kept = rule.children.get(tag) or rule.other
        if rule.known is not None and tag not in rule.known:
            self.ledger.unknown[f"{self._top.tag}/{tag}"[:LONGEST_TAG]] += 1
        self._skipped, self._watch = depth, _NOTHING
        if kept is None:
            self._watch = rule.watch or _NOTHING
            if tag in self._watch:
                self._see(tag, attributes)
        elif kept is LEAF:
            self._add(tag, attributes)
        elif kept.fold is not None:
            self._looked_at += 1  # it takes twice as long
            kept.fold(self._top, attributes)
        else:
            self._skipped = _NOWHERE
            self._begin(tag, attributes, kept)

    def _see(self, tag: str, attributes: list[str]) -> None:
        """Show a watched element inside of what is skipped, and keep it where a rule comes of that."""
        self._looked_at += 1
        found = self._watch[tag](self._top, self.names, attributes, self.ledger)
        if found is not None:
            self._begin(tag, attributes, found)

    def _begin(self, tag: str, attributes: list[str], kept: Rule) -> None:
        element = self._add(tag, attributes)
        self._frames.append((element, kept, self._skipped, self._watch))
        self._top, self._rule, self._skipped = element, kept, _NOWHERE
        if kept.begin is not None:
            element.value = kept.begin(element)

    def _add(self, tag: str, attributes: list[str]) -> Element:
        """Keep an element, without a value that is too long."""
        element = Element(tag, attributes, len(self.names), self._alive)
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
        if len(self.names) > self._limits.depth:
            refuse_complex(f"its elements stand more than {self._limits.depth} deep in each other")
