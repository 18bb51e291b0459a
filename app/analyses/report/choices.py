"""What a report may be judged against: genre, destination and stage, as the selects offer them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.advice.model import Stage
from app.advice.references import OWN
from app.advice.target import DEFAULT_DESTINATION, GENERAL, destinations, genres
from app.kernel.html.choices import Choice

if TYPE_CHECKING:
    from app.advice.target import Named

STAGE_NAMES = {Stage.MASTER.value: "Master", Stage.PREMASTER.value: "Pre-master"}


@dataclass(frozen=True, slots=True)
class Choices:
    """The options of the three selects."""

    genres: tuple[Choice, ...]
    destinations: tuple[Choice, ...]
    stages: tuple[Choice, ...]


def choices(
    genre: str = GENERAL, destination: str = DEFAULT_DESTINATION, stage: str = Stage.MASTER, *, references: int = 0
) -> Choices:
    """Offer every target, with one chosen; one's own references where there are any."""
    own = (Choice(OWN, _own(references), genre == OWN),) if references else ()
    return Choices(
        genres=(*own, *_options(genres(), genre)),
        destinations=_options(destinations(), destination),
        stages=tuple(Choice(value, label, value == stage) for value, label in STAGE_NAMES.items()),
    )


def _own(count: int) -> str:
    return "Your reference" if count == 1 else f"Your {count} references"


def _options(named: tuple[Named, ...], chosen: str) -> tuple[Choice, ...]:
    return tuple(Choice(item.name, item.title[:1].upper() + item.title[1:], item.name == chosen) for item in named)
