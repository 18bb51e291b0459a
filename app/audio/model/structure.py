"""The arrangement."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the arrangement; `energy` is 1 for the loudest, 0 for one 20 dB quieter."""

    start_s: float
    end_s: float
    label: str
    energy: float
    loudness_lufs: float | None


@dataclass(frozen=True, slots=True)
class Structure:
    """The arrangement; `contrast_db` is the loudest section over the quietest."""

    sections: list[Section]
    contrast_db: float | None
