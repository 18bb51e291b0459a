"""A made-up engine for the confined child: it reads the file, tells a few steps and reports its hash.

What a file asks for in its bytes it gets: a refusal or a crash.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from typing import TYPE_CHECKING, Any

import app.kernel.isolate  # noqa: F401 - what each child imports, loaded once before they are forked

if TYPE_CHECKING:
    from app.kernel.isolate import Emit

STEPS = ("decode", "loudness", "tone")
STEP_S = 0.06
REFUSE, CRASH = b"PROVE:refuse", b"PROVE:crash"


def measure(emit: Emit, descriptor: int, **_: Any) -> None:
    """Take a fifth of a second and answer as the engine does."""
    content = _content(descriptor)
    for step in STEPS:
        emit({"kind": "step", "step": step, "state": "started", "part": None, "result": None})
        time.sleep(STEP_S)
        if CRASH in content:
            os.abort()
        emit({"kind": "step", "step": step, "state": "done", "part": None, "result": None})
    if REFUSE in content:
        emit({"kind": "refused", "code": "unreadable", "reason": "It asked to be refused."})
        return
    emit({"kind": "report", "document": json.dumps({"file": {"sha256": hashlib.sha256(content).hexdigest()}})})


def _content(descriptor: int) -> bytes:
    blocks = []
    while block := os.read(descriptor, 1 << 20):
        blocks.append(block)
    return b"".join(blocks)
