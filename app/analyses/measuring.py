"""What the child does: run the engine on the one open file, say each step and the report.

Only the child calls this; the engine is imported inside, so that no other process loads it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.kernel.isolate import Emit

FUNCTION = f"{__name__}:measure"
PRELOAD = "app.audio.warm"


def measure(emit: Emit, descriptor: int, *, name: str, limits: dict[str, Any], uses_models: bool) -> None:
    """Measure one file; emits ``step`` messages, then ``report`` or ``refused``."""
    from app.audio import engine  # noqa: PLC0415 - the child's own imports stay in the child
    from app.audio.errors import AudioRefused, Limits  # noqa: PLC0415
    from app.audio.model import encode  # noqa: PLC0415

    def tell(event: engine.StepEvent) -> None:
        emit({"kind": "step", "step": event.step, "state": event.state, "part": event.part, "result": event.result})

    try:
        report = engine.analyse(descriptor, name=name, limits=Limits(**limits), models=uses_models, on_step=tell)
    except AudioRefused as refusal:
        emit({"kind": "refused", "code": refusal.code, "reason": refusal.reason})
    else:
        emit({"kind": "report", "document": encode(report).decode()})
