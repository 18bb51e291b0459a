"""``python -m tests.making.measured_beside MIX (FFMPEG SECONDS)...``: an analysis beside each encoder, as in a worker.

In a process of its own, since a process has one fork server and others may have begun it without
the engine. Each encoder has so many seconds. Prints the reports as one JSON list; three dots stand for no encoder.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from app.analyses.encoding import encoders
from app.analyses.measuring import FUNCTION, PRELOAD
from app.kernel.confine import MIB, Limits
from app.kernel.isolate import Bounds, Isolator, Task
from app.policy import Policy
from tests.services.waiting import eventually
from tests.unit.kernel.test_isolate import engines

NO_ENCODER = "..."
LIMITS = {"duration_s": 60.0, "channels": 2, "min_rate_hz": 8000, "max_rate_hz": 192_000}


async def main(mix: Path, programs: list[tuple[str, float]]) -> list[Any]:
    """Return the reports; nothing of an analysis is left when the next one begins."""
    policy = Policy.read().analysis
    bounds = Bounds(60.0, policy.memory_mib * MIB, Limits(policy.address_space_mib * MIB, policy.cpu_seconds))
    arguments = {"name": mix.name, "limits": LIMITS, "uses_models": False}
    isolator = Isolator(PRELOAD)
    await isolator.warm()
    documents = []
    for program, encoder_s in programs:
        rows = encoders("" if program == NO_ENCODER else program, policy)
        task = Task(FUNCTION, mix, {**arguments, "encoder_s": encoder_s}, rows)
        messages = [message async for message in isolator.run(task, bounds)]
        documents.append(json.loads(messages[-1]["document"]))
        await eventually(lambda: not engines())
    return documents


if __name__ == "__main__":
    paths, seconds = sys.argv[2::2], map(float, sys.argv[3::2])
    sys.stdout.write(json.dumps(asyncio.run(main(Path(sys.argv[1]), list(zip(paths, seconds, strict=True))))))
