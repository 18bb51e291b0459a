"""What holds for a whole song: tempo, time signatures, scale, locators, scenes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TempoPoint:
    """The tempo at a beat; between two points it runs linearly in beats, two at one beat are a step."""

    beat: float
    tempo_bpm: float


@dataclass(frozen=True, slots=True)
class SignaturePoint:
    """The time signature from a beat on, such as "4/4"."""

    beat: float
    time_signature: str


@dataclass(frozen=True, slots=True)
class Scale:
    """The scale that somebody chose: root 0 (C) to 11 (B), and Live's name of it."""

    root: int
    name: str


@dataclass(frozen=True, slots=True)
class Locator:
    """A marker of the arrangement; `time_s` as Live plays it."""

    beat: float
    time_s: float
    name: str


@dataclass(frozen=True, slots=True)
class Scene:
    """A row of the session, with the tempo and the signature that launching it sets."""

    name: str
    tempo_bpm: float | None = None
    time_signature: str | None = None
