"""What the children do: measure a bounce or read a Live set, from the one open file, step by step.

Only a child calls this; engine and reader are imported inside, so that no other process loads them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from app.kernel.isolate import Emit

FUNCTION = f"{__name__}:measure"
READ_SET = f"{__name__}:read_set"
PRELOAD = "app.analyses.preloading"

MOST_SET_BYTES = 16 << 20
"""Of a set's document; the largest of 39 real sets has half a MiB."""


def measure(  # noqa: PLR0913 - a task hands its arguments over by name
    emit: Emit,
    descriptor: int,
    *,
    name: str,
    limits: dict[str, Any],
    uses_models: bool,
    encoder_s: float = 0.0,
    through: tuple[tuple[int, int], ...] = (),
) -> None:
    """Measure one file; emits ``step`` messages, then ``report`` or ``refused``.

    `through` are the pipes into and out of each encoder, which may take `encoder_s` seconds.
    """
    from app.audio import engine, ffmpeg  # noqa: PLC0415 - the child's own imports stay in the child
    from app.audio.errors import AudioRefused, Limits  # noqa: PLC0415
    from app.audio.model import encode  # noqa: PLC0415

    def tell(event: engine.StepEvent) -> None:
        emit({"kind": "step", "step": event.step, "state": event.state, "part": event.part, "result": event.result})

    exchanges = ffmpeg.exchanges(through, encoder_s)
    bounds = Limits(**limits)
    try:
        report = engine.analyse(
            descriptor, name=name, limits=bounds, models=uses_models, exchanges=exchanges, on_step=tell
        )
    except AudioRefused as refusal:
        emit({"kind": "refused", "code": refusal.code, "reason": refusal.reason})
    else:
        emit({"kind": "report", "document": encode(report).decode()})


def read_set(emit: Emit, descriptor: int, *, name: str, sha256: str) -> None:
    """Read one Live set; emits ``step`` messages, then ``report`` or ``refused``."""
    from app.analyses.set_document import document_of_set  # noqa: PLC0415
    from app.audio.engine import ENGINE_VERSION  # noqa: PLC0415
    from app.liveset.document import live_set_document  # noqa: PLC0415
    from app.liveset.errors import LiveSetRefused, refuse_complex  # noqa: PLC0415
    from app.liveset.sets import read_live_set  # noqa: PLC0415

    def tell(state: str, part: float | None = None, result: str | None = None) -> None:
        emit({"kind": "step", "step": "set", "state": state, "part": part, "result": result})

    tell("started")
    try:
        live_set = read_live_set(descriptor, on_part=lambda part: tell("progress", part))
        document = document_of_set(live_set_document(live_set), name=name, sha256=sha256, engine_version=ENGINE_VERSION)
        encoded = msgspec.json.encode(document)
        if len(encoded) > MOST_SET_BYTES:
            refuse_complex("what it holds does not fit into a report")
    except LiveSetRefused as refusal:
        emit({"kind": "refused", "code": refusal.code, "reason": refusal.reason})
    else:
        tell("done", result=f"{len(live_set.tracks)} tracks")
        emit({"kind": "report", "document": encoded.decode()})
