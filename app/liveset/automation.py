"""Parameters, and the points of automation: inside the parameter up to Live 9, in envelopes of the track since."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from app.liveset.capture import LEAF, Element, Ledger, Rule, attribute
from app.liveset.model.tracks import Lane
from app.liveset.values import number, whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

BEFORE_THE_SONG = -63072000.0
"""The time that Live gives to the value that holds before the song."""

MOST_POINTS = 10_000
"""Points of one line that are kept; the rest only widen its range."""

_SWITCH: Mapping[str | None, float] = MappingProxyType({"true": 1.0, "false": 0.0})
"""Values of a switch."""


@dataclass(slots=True)
class Points:
    """The points of one line of automation, added one after the other.

    `times` and `values` are kept side by side up to `MOST_POINTS`; `first_text` is the first
    value as it is written, which is the parameter's own value up to Live 8.
    """

    count: int = 0
    low: float = 0.0
    high: float = 0.0
    first_beat: float | None = None
    last_beat: float | None = None
    first_text: str | None = None
    times: array[float] = field(default_factory=lambda: array("d"))
    values: array[float] = field(default_factory=lambda: array("d"))

    def add(self, attributes: list[str]) -> None:
        """Add the point that an event's attributes describe."""
        text = attribute(attributes, "Value")
        time = number(attribute(attributes, "Time"))
        value = _SWITCH[text] if text in _SWITCH else number(text)
        if time is None or value is None:
            return
        if self.count == 0:
            self.first_text, self.low, self.high = text, value, value
        elif value < self.low:
            self.low = value
        elif value > self.high:
            self.high = value
        self.count += 1
        if time > BEFORE_THE_SONG:
            if self.first_beat is None:
                self.first_beat = time
            self.last_beat = time
        if self.count <= MOST_POINTS:
            self.times.append(time)
            self.values.append(value)

    def lane(self, device: str | None, parameter: str) -> Lane:
        """Return the line as the model has it."""
        return Lane(device, parameter, self.count, self.low, self.high, self.first_beat, self.last_beat)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter's value as text, its own points, and the number by which envelopes name it."""

    text: str | None
    points: Points | None
    target: str | None

    @property
    def value(self) -> float | None:
        """Return the value as a number."""
        return number(self.text)


@dataclass(frozen=True, slots=True)
class Envelope:
    """A line of automation of a track, and the number of what it moves."""

    target: str
    points: Points


def is_before_the_song(attributes: list[str]) -> bool:
    """Say whether an event is the value that holds before the song begins."""
    return "-63072000" in attributes


def points_of(element: Element | None) -> Points | None:
    """Return the points that an `Events` element collected."""
    value = element.value if element else None
    return value if isinstance(value, Points) and value.count else None


def parameter_of(element: Element | None, *path: str) -> Parameter:
    """Return the parameter at a path, an empty one where there is none."""
    found = element.child(*path) if element else None
    value = found.value if found else None
    return value if isinstance(value, Parameter) else Parameter(None, None, None)


def envelopes_of(track: Element) -> Iterator[Envelope]:
    """Give the envelopes of a track."""
    for element in track.all("AutomationEnvelopes", "Envelopes", "AutomationEnvelope"):
        if isinstance(element.value, Envelope):
            yield element.value


def _fold_event(events: Element, attributes: list[str]) -> None:
    if isinstance(events.value, Points):
        events.value.add(attributes)


def _parameter(element: Element, _ledger: Ledger) -> Parameter:
    points = points_of(element.child("ArrangerAutomation", "Events"))
    text = element.text("Manual")
    target = element.child("AutomationTarget")
    return Parameter(
        text if text is not None else (points.first_text if points else None),
        points,
        target.get("Id") if target else None,
    )


def _envelope(element: Element, ledger: Ledger) -> Envelope | None:
    target = element.text("EnvelopeTarget", "PointeeId")
    points = points_of(element.child("Automation", "Events")) or Points()
    if target is None or whole(target) is None:
        return None
    ledger.targets[target] = None
    return Envelope(target, points)


EVENT_TAGS = ("FloatEvent", "BoolEvent", "EnumEvent")
_EVENT = Rule(fold=_fold_event)
EVENTS = Rule(begin=lambda _element: Points(), children=dict.fromkeys(EVENT_TAGS, _EVENT))
PARAMETER = Rule(
    children={
        "Manual": LEAF,
        "AutomationTarget": LEAF,
        "ArrangerAutomation": Rule(children={"Events": EVENTS}),
    },
    reduce=_parameter,
)
ENVELOPES = Rule(
    children={
        "Envelopes": Rule(
            children={
                "AutomationEnvelope": Rule(
                    children={
                        "EnvelopeTarget": Rule(children={"PointeeId": LEAF}),
                        "Automation": Rule(children={"Events": EVENTS}),
                    },
                    reduce=_envelope,
                )
            }
        )
    }
)
