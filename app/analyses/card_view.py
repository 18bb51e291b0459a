"""One card for every state of an analysis, in words and figures.

The card is the only thing that the upload page, the waiting page, the event stream and the
answers to its buttons show of an analysis, so all wording stands here and none in templates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.analyses.rules import Analysis, FileKind, FileState, State, StepProgress, StepState
from app.kernel.html import numbers

if TYPE_CHECKING:
    from datetime import datetime

    from app.analyses.rules import UploadedFile

STEP_NAMES = {
    "set": "Live set",
    "decode": "Decode",
    "loudness": "Loudness",
    "tone": "Tone",
    "stereo": "Stereo",
    "rhythm": "Rhythm",
    "tonality": "Key",
}
_SHORTEST_MEASURED_S = 0.5


@dataclass(frozen=True, slots=True)
class Action:
    """One button of a card: a form that posts to an address."""

    id: str
    verb: str
    """The last part of its address: ``cancel``, ``retry`` or ``delete``."""
    label: str
    spoken: str
    """The label for those who do not see the card around it."""
    address: str
    is_main: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the engine on its way."""

    label: str
    style: str
    """``done``, ``now`` or empty, as the stylesheet names them."""
    figure: str
    """Its first result, or how far it is."""


@dataclass(frozen=True, slots=True)
class Card:
    """An analysis as its card shows it."""

    id: str
    element_id: str
    state: str
    is_pending: bool
    title: str
    companion: str
    """What came with the mix, or what the set was added to: `` and Night Bus.als``, `` for Night Bus v2``."""
    address: str
    """Of its page: the report once it is done, the waiting page before."""
    is_marked: bool
    """Whether the mark of a fault stands before the words."""
    word: str
    sentence: str
    percent: int | None
    """How much of the upload the server has; none outside an upload."""
    steps: tuple[Step, ...]
    actions: tuple[Action, ...]
    upload_bounce: str
    """Where the mix is put, while it is expected."""
    upload_set: str
    csrf_token: str
    """For its forms without scripts; htmx sends the header of the page."""


def card_of(analysis: Analysis, now: datetime, csrf_token: str = "") -> Card:
    """Say of an analysis what its card shows at this moment."""
    address = f"/analyses/{analysis.id}"
    is_receiving = analysis.state is State.RECEIVING
    word, sentence = _words(analysis, now)
    return Card(
        id=str(analysis.id),
        element_id=f"analysis-{analysis.id}",
        state=analysis.state.value,
        is_pending=analysis.state.is_pending,
        title=_title(analysis),
        companion=_companion(analysis),
        address="" if analysis.state is State.CANCELLED else address,
        is_marked=analysis.state is State.FAILED,
        word=word,
        sentence=sentence,
        percent=_percent(analysis) if is_receiving else None,
        steps=tuple(map(_step, analysis.steps)) if analysis.state is State.RUNNING else (),
        actions=_actions(analysis, address),
        upload_bounce=f"{address}/files/{FileKind.BOUNCE}" if is_receiving and analysis.bounce else "",
        upload_set=f"{address}/files/{FileKind.LIVE_SET}" if is_receiving and analysis.live_set else "",
        csrf_token=csrf_token,
    )


def kept_for(analysis: Analysis) -> str:
    """Say what became of the uploads of an analysis."""
    if not analysis.files:
        return ""
    if not all(file.state is FileState.DELETED for file in analysis.files):
        return "The upload is being deleted."
    spans = [_kept_seconds(file) for file in analysis.files if file.deleted_at]
    return f"The upload was deleted after {numbers.duration(max(spans))}." if spans else "The upload was deleted."


def _kept_seconds(file: UploadedFile) -> float:
    """Count the seconds from the first byte to the deletion."""
    deleted_at = file.deleted_at or file.created_at
    return (deleted_at - (file.started_at or file.created_at)).total_seconds()


def _title(analysis: Analysis) -> str:
    file = analysis.bounce or analysis.live_set
    return file.name if file else f"{analysis.track_name} v{analysis.version}"


def _companion(analysis: Analysis) -> str:
    if analysis.joined_to is not None:
        return f" for {analysis.track_name} v{analysis.version}"
    return f" and {analysis.live_set.name}" if analysis.bounce and analysis.live_set else ""


def _words(analysis: Analysis, now: datetime) -> tuple[str, str]:
    """Choose the bold word and the sentence after it."""
    match analysis.state:
        case State.RECEIVING:
            return _receiving(analysis, now)
        case State.QUEUED:
            return "Waiting", _queued(analysis)
        case State.RUNNING:
            return "Measuring", _running(analysis, now)
        case State.DONE:
            return "Done", f". {kept_for(analysis)}".rstrip()
        case State.FAILED:
            return _failed(analysis)
        case State.CANCELLED:
            return "Cancelled", ". Nothing was kept of the upload, nothing was counted."


def _bytes(analysis: Analysis) -> tuple[int, int]:
    """Return what has come and what was declared, over all files."""
    return (
        sum(file.received_bytes for file in analysis.files),
        sum(file.declared_bytes for file in analysis.files),
    )


def _percent(analysis: Analysis) -> int:
    received, declared = _bytes(analysis)
    return min(100 * received // declared, 100) if declared else 0


def _receiving(analysis: Analysis, now: datetime) -> tuple[str, str]:
    """Say how much the server has, how fast it comes and how long it will take."""
    received, declared = _bytes(analysis)
    if not received:
        return "Ready", f" for {numbers.byte_size(declared)}; nothing has arrived yet."
    said = f", {numbers.byte_size(received)} of {numbers.byte_size(declared)}"
    begun = min((file.started_at for file in analysis.files if file.started_at), default=now)
    seconds = (now - begun).total_seconds()
    if seconds < _SHORTEST_MEASURED_S:
        return "Uploading", said
    per_second = received / seconds
    left = numbers.duration((declared - received) / per_second)
    return "Uploading", f"{said} at {numbers.byte_size(round(per_second))}/s, {left} to go"


def _queued(analysis: Analysis) -> str:
    if analysis.attempts:
        return f" for attempt {analysis.attempts + 1}; the one before was interrupted."
    return f" for a free engine. {numbers.byte_size(_bytes(analysis)[0])} received."


def _running(analysis: Analysis, now: datetime) -> str:
    begun = analysis.started_at or analysis.changed_at
    again = f", attempt {analysis.attempts}" if analysis.attempts > 1 else ""
    return f", {numbers.duration((now - begun).total_seconds())} so far{again}"


def _failed(analysis: Analysis) -> tuple[str, str]:
    """Say what happened, what is kept and the way out."""
    sentence = f". {analysis.failure_sentence}".rstrip()
    kept = [file for file in analysis.files if file.state is FileState.STORED]
    if analysis.can_retry and kept:
        until = numbers.moment(min(file.delete_after for file in kept))
        return "Stopped", f"{sentence} The file is kept until {until}, for a retry."
    gone = " The upload is deleted." if analysis.files and not kept else ""
    return "Not measured", f"{sentence}{gone}"


def _step(step: StepProgress) -> Step:
    """Show a step with its first figure, or how far it is."""
    style = {StepState.DONE: "done", StepState.STARTED: "now", StepState.WAITING: ""}[step.state]
    part = f"{step.part:.0%}".replace("%", " %") if step.part is not None else ""
    figure = step.result or (part if step.state is StepState.STARTED else "")
    return Step(STEP_NAMES.get(step.name, step.name.capitalize()), style, figure)


def _actions(analysis: Analysis, address: str) -> tuple[Action, ...]:
    """Offer what the state allows."""
    if analysis.state.is_pending:
        return (_action(analysis, address, "cancel", "Cancel"),)
    if analysis.state is State.FAILED and analysis.can_retry:
        return (
            _action(analysis, address, "retry", "Try again", is_main=True),
            _action(analysis, address, "delete", "Delete now"),
        )
    if analysis.state is State.DONE:
        return ()
    return (_action(analysis, address, "delete", "Remove"),)


def _action(analysis: Analysis, address: str, verb: str, label: str, *, is_main: bool = False) -> Action:
    return Action(
        id=f"{verb}-{analysis.id}",
        verb=verb,
        label=label,
        spoken=f"{label}: {_title(analysis)}",
        address=f"{address}/{verb}",
        is_main=is_main,
    )
