"""``make bench-chat``: how much later than the vendor's the first words are here, and what 500 streams hold.

The Messages server on loopback notes when the first words of an answer leave it; readers note when
they come. The site runs as its own process, so that its memory is its own.
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from app.bootstrap import build
from app.kernel.db import migrate
from tests.making.conversations import allow_claude, ask, last_turn, with_report
from tests.making.people import Person, member
from tests.making.policy import MANY, with_analyses, with_policy
from tests.prove.figure import quantiles
from tests.services.messages import MessagesServer, Script, running_messages
from tests.services.processes import free_port
from tests.services.redis import running_redis
from tests.services.settings import make_settings
from tests.services.site import Site, running_web
from tests.services.waiting import eventually

ROUNDS = 60
VENDOR_S = 0.5
"""How long the vendor thinks before its first words: by then a page has come and listens, as with the real one."""
WRITERS, READERS = 100, 5
FIRST_BUDGET_S, MEMORY_MIB = 0.060, 250


async def first_words(site: Site, messages: MessagesServer) -> dict[str, float]:
    """Ask one question after the other; return how much later than the vendor's the first words were."""
    late = []
    async with member(site) as person:
        analysis_id = await with_report(person)
        await allow_claude(person)
        for _ in range(ROUNDS):
            messages.script = Script(first_s=VENDOR_S)
            await ask(person, analysis_id, "What is wrong?")
            turn = await last_turn(analysis_id)
            came = await first_of(person, turn)
            late.append(came - messages.first_sent_at[-1])
    return quantiles(late)


async def first_of(person: Person, turn: dict[str, Any]) -> float:
    """Return when the first words of an answer came, and read it to its end."""
    path = f"/analyses/{turn['analysis']}/conversation/{turn['id']}/events"
    came = 0.0
    async with person.client.stream("GET", path, params={"start": f"{turn['run_id'].hex[:8]}.0"}) as answer:
        async for line in answer.aiter_lines():
            if not came and line.startswith("data: <hx-partial"):
                came = asyncio.get_running_loop().time()
    return came


async def many_streams(site: Site, messages: MessagesServer, web: int) -> dict[str, Any]:
    """Let a hundred people read their answers five times each; return what the process held."""
    hold = asyncio.Event()
    messages.script = Script(text="A longer answer, piece by piece. " * 40, piece=24, gap_s=0.15, hold=hold)
    async with AsyncExitStack() as stack:
        people = []
        for _ in range(WRITERS):
            person = await stack.enter_async_context(member(site))
            analysis_id = await with_report(person)
            await allow_claude(person)
            people.append((person, analysis_id))
        for person, analysis_id in people:
            await ask(person, analysis_id, "What is wrong?")
        listening: list[Person] = []
        readers = [
            _open(person, await last_turn(analysis_id), listening)
            for person, analysis_id in people
            for _ in range(READERS)
        ]
        reading = [asyncio.create_task(reader) for reader in readers]
        await eventually(lambda: len(listening) == len(readers), 60.0)
        hold.set()
        peak, seen = 0.0, 0
        while not all(task.done() for task in reading):
            peak = max(peak, memory_mib(web))
            seen = max(seen, sum(not task.done() for task in reading))
            await asyncio.sleep(0.2)
        lengths = {await task for task in reading}
    return {"streams": seen, "peak_mib": round(peak, 1), "distinct_lengths": sorted(lengths)}


async def _open(person: Person, turn: dict[str, Any], listening: list[Person]) -> int:
    """Read an answer to its end over a connection of its own; return how often it was said to be over."""
    path = f"/analyses/{turn['analysis']}/conversation/{turn['id']}/events"
    kept = httpx.Limits(max_keepalive_connections=0)
    async with (
        httpx.AsyncClient(base_url=person.site.url, timeout=120, cookies=person.client.cookies, limits=kept) as client,
        client.stream("GET", path, params={"start": f"{turn['run_id'].hex[:8]}.0"}) as answer,
    ):
        assert answer.status_code == 200
        listening.append(person)
        return sum([line.startswith("event: done") async for line in answer.aiter_lines()])


def memory_mib(pid: int) -> float:
    """Return what a process really holds."""
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2


async def main() -> int:
    """Run both parts; tell whether both hold."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        data.mkdir()
        with running_redis(Path(folder)) as redis_url:
            async with running_messages() as messages:
                settings = make_settings(
                    data, database_url=f"sqlite:///{folder}/bench.sqlite", redis_url=redis_url, port=free_port()
                )
                settings = replace(settings, anthropic_api_key="sk-ant-bench", anthropic_api_base=messages.url)
                settings = with_analyses(with_policy(settings, chat={"account_dollars_a_day": 99.0}))
                settings = _without_limits(settings)
                await migrate(settings)
                build(settings)  # lets this process read the rows too
                async with running_web(settings) as web:
                    site = Site(settings.site_url, None, settings)  # type: ignore[arg-type]
                    began = time.monotonic()
                    first = await first_words(site, messages)
                    streams = await many_streams(site, messages, web.pid)
    found = {"first_words_s": first, **streams, "took_s": round(time.monotonic() - began, 1)}
    holds = first["p95"] < FIRST_BUDGET_S and streams["peak_mib"] < MEMORY_MIB
    print(json.dumps({**found, "holds": holds}, indent=2))  # noqa: T201 - its answer
    return 0 if holds else 1


def _without_limits(settings: Any) -> Any:
    from app.policy import ActionLimit, PlanPolicy

    policy = settings.policy
    plans = {**policy.plans, "free": PlanPolicy(analyses=MANY, messages=MANY)}
    return replace(settings, policy=replace(policy, plans=plans, limits=dict.fromkeys(policy.limits, ActionLimit())))


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
