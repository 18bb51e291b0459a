"""``python -m tests.prove.defaults KILLS SEED``: kill workers of the real engine under the policy's own numbers.

A process of its own, since the tables of a process belong to one database: several run side by
side, each with one worker at a time, as on a real machine. It prints what it found as JSON.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import structlog

from app.bootstrap import build
from tests.making.audio import wav
from tests.prove.audit import check_end, check_promises
from tests.prove.deadlines import check_a_day_later
from tests.prove.figure import ROOT, Result
from tests.prove.life import make_account, pending, queued, running_rows, upload
from tests.prove.recovery import Recovery
from tests.prove.stage import staged
from tests.services.processes import own_command, running

if TYPE_CHECKING:
    import subprocess
    from uuid import UUID

    from app.bootstrap import Services
    from tests.prove.stage import Stage

SIDE_BY_SIDE = 5
SONG_S = 45.0
QUEUE = 2
LOOK_S = 0.05
RECOVERED_S = 90.0
END_S = 180.0


async def side_by_side(kills: int, seed: int) -> tuple[Result, list[float]]:
    """Share kills among several runs; return what they found together."""
    each = kills // SIDE_BY_SIDE
    found = await asyncio.gather(*(_one_process(each, seed + number) for number in range(SIDE_BY_SIDE)))
    result, seconds = Result(), []
    for one in found:
        for sentence, holds in one["checks"].items():
            result.check(sentence, holds=holds)
        for name, count in one["counts"].items():
            result.counts[name] = result.counts.get(name, 0) + count
        result.remarks += one["remarks"]
        seconds += one["seconds"]
    return result, seconds


async def _one_process(kills: int, seed: int) -> dict[str, Any]:
    command = (sys.executable, "-m", __name__, str(kills), str(seed))
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    said, _ = await process.communicate()
    if process.returncode:
        return {"checks": {"each run ended": False}, "counts": {}, "remarks": [f"seed {seed}"], "seconds": []}
    found: dict[str, Any] = json.loads(said)
    return found


async def main(kills: int, seed: int) -> dict[str, Any]:
    """Kill and start again, one after the other; then let everything end."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, no secret
    result = Result()
    async with staged() as stage:
        services = build(stage.settings)
        async with services.open():
            with ExitStack() as stack:
                run = _Run(stage, services, stack, await make_account("ada@example.com"))
                for _ in range(kills):
                    await run.kill_at_work(chance.random())
                    await check_promises(stage.settings, result, "after a kill")
                    await run.until_recovered()
                await run.until_over()
            await check_end(stage.settings, result, expected=run.sent)
            await check_a_day_later(stage.settings, result)
    result.counts |= {"kills": kills, "runs that were killed": run.recovery.count}
    return {**asdict(result), "seconds": run.recovery.seconds}


class _Run:
    """One worker at a time, started again as soon as it is killed."""

    def __init__(self, stage: Stage, services: Services, stack: ExitStack, account: UUID) -> None:
        self._stage = stage
        self._services = services
        self._stack = stack
        self._account = account
        self._song = wav(SONG_S)
        self._worker = self._start()
        self.recovery = Recovery()
        self.sent = 0

    async def kill_at_work(self, part: float) -> None:
        """Kill the worker while it runs something."""
        until_s = time.monotonic() + RECOVERED_S
        while time.monotonic() < until_s:
            await self._feed()
            if self.recovery.alive(await running_rows()):
                await asyncio.sleep(part)
                if at_work := self.recovery.alive(await running_rows()):
                    self.recovery.lost(at_work)
                    self._worker.kill()
                    self._worker = self._start()
                    return
            await asyncio.sleep(LOOK_S)

    async def until_recovered(self) -> None:
        """Wait until what was killed is at work again."""
        until_s = time.monotonic() + RECOVERED_S
        while self.recovery.is_waiting and time.monotonic() < until_s:
            self.recovery.look(await running_rows())
            await asyncio.sleep(LOOK_S)

    async def until_over(self) -> None:
        """Wait until nothing is to be done."""
        until_s = time.monotonic() + END_S
        while await pending() and time.monotonic() < until_s:
            await asyncio.sleep(LOOK_S)

    async def _feed(self) -> None:
        while await queued() < QUEUE:
            self.sent += 1
            await upload(self._services, self._account, self._song)

    def _start(self) -> subprocess.Popen[bytes]:
        log = self._stage.settings.data_dir / "worker.log"
        return self._stack.enter_context(running(own_command("worker"), environment=self._stage.environment, log=log))


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    sys.stdout.write(json.dumps(asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))))
