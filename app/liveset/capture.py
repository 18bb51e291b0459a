"""What is kept of an XML document: rules that say it, and the small trees that come of them.

A set is millions of elements, and a few thousand of them matter. A Rule names the children of an
element that are kept, and what becomes of the element at its end: a reduced element has its value
and no children any more, so that a clip or a device is a result before the next one begins.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable, Iterator, Mapping

    from app.liveset.model.inventory import Sample
    from app.liveset.model.tracks import Lane

    See = Callable[["Element", deque[str], list[str], "Ledger"], "Rule | None"]

MOST_LANES = 20_000
"""Lines of automation inside devices that are kept."""


class Element:
    """One kept element: its tag, its attributes as name, value, name, value..., and what it holds."""

    __slots__ = ("alive", "attributes", "children", "depth", "tag", "value")

    def __init__(self, tag: str, attributes: list[str], depth: int, alive: int) -> None:
        self.tag = tag
        self.attributes = attributes
        self.depth = depth
        self.alive = alive
        self.children: list[Element] = []
        self.value: object = None

    def get(self, name: str) -> str | None:
        """Return an attribute's value."""
        return attribute(self.attributes, name)

    def child(self, *path: str) -> Element | None:
        """Return the first element at a path of tags below this one."""
        found: Element | None = self
        for tag in path:
            found = next((child for child in found.children if child.tag == tag), None) if found else None
        return found

    def all(self, *path: str) -> Iterator[Element]:
        """Give every child with the last tag of a path, below the first elements of the tags before it."""
        parent = self.child(*path[:-1])
        return (child for child in parent.children if child.tag == path[-1]) if parent else iter(())

    def text(self, *path: str) -> str | None:
        """Return the `Value` attribute of the first element at a path."""
        found = self.child(*path)
        return found.get("Value") if found else None


def attribute(attributes: list[str], name: str) -> str | None:
    """Return the value that follows a name in expat's ordered attributes."""
    for index in range(0, len(attributes), 2):
        if attributes[index] == name:
            return attributes[index + 1]
    return None


@dataclass(slots=True)
class Ledger:
    """What a pass over the document collects beside its tree.

    Attributes
    ----------
    unknown
        Names that stand where every name is known, as "Parent/Name", with how often.
    skipped_clips
        Clips that are not the user's, by the tag of what holds them.
    targets
        Automation targets of the present track's envelopes: identifier -> (device's element,
        parameter), None until a device has it.
    lanes
        Lines of automation inside the parameters of the present track's devices.
    samples
        Sound files in the order they are met: what makes them one -> (what is known, [index, uses]).
    """

    unknown: Counter[str] = field(default_factory=Counter)
    skipped_clips: Counter[str] = field(default_factory=Counter)
    targets: dict[str, tuple[Element, str] | None] = field(default_factory=dict)
    lanes: list[Lane] = field(default_factory=list)
    lanes_in_all: int = 0
    samples: dict[object, tuple[Sample, list[int]]] = field(default_factory=dict)

    def add_lane(self, lane: Lane) -> None:
        """Add a line of automation to the present track, up to `MOST_LANES` in the set."""
        self.lanes_in_all += 1
        if self.lanes_in_all <= MOST_LANES:
            self.lanes.append(lane)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Rule:
    """What is kept of an element.

    Attributes
    ----------
    children
        The rule of each child that is kept, by tag.
    other
        The rule of a child with any other tag; None skips it.
    known
        Tags that are no surprise here; any other that has no rule by its name is counted as
        unknown. None where nothing is counted.
    begin
        Makes the element's first value.
    fold
        Adds a child to the parent's value instead of keeping it.
    reduce
        Makes the element's last value, after which its children are dropped.
    watch
        Tags that are looked at in everything that is skipped below this element, each with what
        is called with the kept element, the tags of all open elements (the innermost first), the
        attributes and the ledger, and may return a rule to keep what was found.
    """

    children: Mapping[str, Rule] = field(default_factory=dict)
    other: Rule | None = None
    known: frozenset[str] | None = None
    begin: Callable[[Element], object] | None = None
    fold: Callable[[Element, list[str]], None] | None = None
    reduce: Callable[[Element, Ledger], object] | None = None
    watch: Mapping[str, See] | None = None


LEAF = Rule()
"""An element of which only the attributes count."""


def leaves(*tags: str) -> dict[str, Rule]:
    """Return rules for children of which only the attributes count."""
    return dict.fromkeys(tags, LEAF)
