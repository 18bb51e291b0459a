"""The steps of an analysis, as they are told to whoever waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Step(StrEnum):
    """What the engine is at, in the order that is shown."""

    DECODE = "decode"
    LOUDNESS = "loudness"
    TONE = "tone"
    STEREO = "stereo"
    RHYTHM = "rhythm"
    TONALITY = "tonality"


class StepState(StrEnum):
    """How far a step is."""

    STARTED = "started"
    PROGRESS = "progress"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class StepEvent:
    """Something happened.

    Attributes
    ----------
    part
        Between 0 and 1 while in progress, of work that is really done.
    result
        The step's first figure, when it is done and has one.
    """

    step: Step
    state: StepState
    part: float | None = None
    result: str | None = None


OnStep = Callable[[StepEvent], None]


def ignore(event: StepEvent) -> None:
    """Listen to nothing."""
    del event


class Progress:
    """Tells the steps, and parts of them no more often than each hundredth."""

    def __init__(self, on_step: OnStep) -> None:
        self._on_step = on_step
        self._told = 0.0

    def start(self, step: Step) -> None:
        """Tell that a step has begun."""
        self._told = 0.0
        self._on_step(StepEvent(step, StepState.STARTED))

    def advance(self, step: Step, part: float) -> None:
        """Tell how much of a step is done."""
        part = min(part, 1.0)
        if part - self._told >= 0.01:
            self._told = part
            self._on_step(StepEvent(step, StepState.PROGRESS, part=part))

    def finish(self, step: Step, result: str | None) -> None:
        """Tell that a step is done."""
        self._on_step(StepEvent(step, StepState.DONE, result=result))
