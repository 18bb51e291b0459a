"""Files made by hand to cost a reader its memory, its time or its head; a module a format."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tests.prove.bombs import aiff, flac, live_set, mp3, ogg, wav
from tests.prove.conveyor import Item

if TYPE_CHECKING:
    from collections.abc import Callable

AUDIO: dict[str, Callable[[], dict[str, tuple[str, bytes]]]] = {
    "wav": wav.bombs,
    "aiff": aiff.bombs,
    "flac": flac.bombs,
    "mp3": mp3.bombs,
    "ogg": ogg.bombs,
}


def of_audio(kind: str) -> list[Item]:
    """Return the bombs of one format."""
    return [Item(f"{kind}: {label}", name, partial(bytes, content)) for label, (name, content) in AUDIO[kind]().items()]


def of_sets() -> list[Item]:
    """Return the bombs of Live sets that are small."""
    return _sets({label: partial(bytes, content) for label, content in live_set.bombs().items()})


def of_heavy_sets() -> list[Item]:
    """Return those that take a while to make or to read."""
    return _sets(live_set.heavy_bombs())


def _sets(makers: dict[str, Callable[[], bytes]]) -> list[Item]:
    return [Item(f"set: {label}", live_set.NAME, make) for label, make in makers.items()]
