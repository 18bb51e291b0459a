"""``python -m tests.prove.one_analysis FILE [--without-network]``: one whole analysis, as a worker does it.

In a process to be watched; or in one that dies, with all that it has started, when anything reaches for the network.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import asdict
from pathlib import Path

from app.analyses import measuring
from app.analyses.encoding import encoders
from app.audio.errors import Limits
from app.kernel import confine
from app.kernel.isolate import Bounds, Isolator, Task
from app.policy import MIB, Policy
from app.settings import find_ffmpeg
from tests.prove.deadly_network import make_network_deadly


async def main(file: Path) -> int:
    """Return 0 when there is a report."""
    policy = Policy.read().analysis
    limits = confine.Limits(address_space_bytes=policy.address_space_mib * MIB, cpu_s=policy.cpu_seconds)
    bounds = Bounds(policy.wall_clock_seconds, policy.memory_mib * MIB, limits)
    isolator = Isolator(measuring.PRELOAD)
    await isolator.warm()
    arguments = {
        "name": file.name,
        "limits": asdict(Limits()),
        "uses_models": True,
        "encoder_s": policy.encoder_seconds,
    }
    task = Task(measuring.FUNCTION, file, arguments, encoders(find_ffmpeg(), policy))
    kinds = [message["kind"] async for message in isolator.run(task, bounds)]
    return 0 if kinds[-1:] == ["report"] else 1


if __name__ == "__main__":
    if "--without-network" in sys.argv:
        make_network_deadly()
    sys.exit(asyncio.run(main(Path(sys.argv[1]))))
