"""The event stream: the present state first, each change after it, nothing lost, a clean end."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from app.analyses.streaming import WRITTEN
from app.analyses.tables import Analysis
from tests.making.audio import wav
from tests.making.events import streaming
from tests.making.people import analysis_of, member
from tests.making.policy import with_analyses, with_policy
from tests.services.processes import free_port, running
from tests.services.site import running_site, running_worker
from tests.services.waiting import eventually

if TYPE_CHECKING:
    import subprocess
    from contextlib import AbstractContextManager
    from pathlib import Path

    from app.settings import Settings
    from tests.services.site import Site


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Let readers look by themselves often, so that a lost signal costs little."""
    return with_analyses(with_policy(settings, streams={"poll_seconds": 0.2}))


async def test_a_stream_begins_with_the_present_state_and_tells_each_change(live_site: Site) -> None:
    """A reader learns of what is there, of what comes, and of the end."""
    async with member(live_site) as person:
        analysis_id = analysis_of(await person.declare("mix.wav", len(wav(1.0))))
        async with streaming(person) as stream:
            assert stream.answer.status_code == 200
            assert stream.answer.headers["content-type"].startswith("text/event-stream")
            first = await stream.next()
            assert first is not None
            assert (first.state, first.event) == ("receiving", "message") or first.state == "receiving"
            assert WRITTEN.fullmatch(first.id)
            assert f'hx-target="#analysis-{analysis_id}"' in first.data
            await person.put(analysis_id, wav(1.0))
            while (message := await stream.next()) is not None and message.state != "queued":
                assert message.state == "receiving"
            await person.client.post(f"/analyses/{analysis_id}/cancel", headers=person.headers)
            rest = await stream.until_closed()
        assert [message.state for message in rest][-2:] == ["cancelled", ""]
        assert rest[-1].event == "done"


async def test_a_stream_with_nothing_pending_is_closed_at_once(live_site: Site) -> None:
    """Who waits for nothing holds no connection."""
    async with member(live_site) as person, streaming(person) as stream:
        assert [message.event for message in await stream.until_closed()] == ["done"]


async def test_a_stream_goes_on_where_it_was_broken(live_site: Site) -> None:
    """With its last event id a reader gets what changed meanwhile, and not what it had."""
    async with member(live_site) as person:
        one = analysis_of(await person.declare("one.wav", 1000))
        two = analysis_of(await person.declare("two.wav", 1000))
        async with streaming(person) as stream:
            first, second = await stream.next(), await stream.next()
            assert first is not None
            assert second is not None
        await person.client.post(f"/analyses/{one}/cancel", headers=person.headers)
        await person.client.post(f"/analyses/{two}/cancel", headers=person.headers)
        async with streaming(person, last_event_id=second.id) as stream:
            seen = await stream.until_closed()
        assert [message.state for message in seen] == ["cancelled", "cancelled", ""]
        assert str(one) in seen[0].data
        assert str(two) in seen[1].data
        async with streaming(person, last_event_id=seen[1].id) as stream:
            assert [message.event for message in await stream.until_closed()] == ["done"]


async def test_changes_at_one_moment_are_all_told(live_site: Site) -> None:
    """Many changes in a row reach a reader who comes back at every one of them."""
    async with member(live_site) as person:
        analyses = [analysis_of(await person.declare(f"{number}.wav", 1000)) for number in range(6)]
        position = "1"
        told: set[str] = set()
        while len(told) < len(analyses):
            async with streaming(person, last_event_id=position) as stream:
                message = await stream.next()
                assert message is not None
                assert message.state == "receiving"
                told.add(message.data.split('id="analysis-')[1][:36])
                position = message.id
        assert told == {str(analysis_id) for analysis_id in analyses}


@pytest.mark.parametrize("position", ["", "x", "-1", "9" * 17, "9" * 40, "1e9"])
async def test_a_position_that_is_none_begins_now(live_site: Site, position: str) -> None:
    """A forged last event id is no fault of the server."""
    async with member(live_site) as person, streaming(person, last_event_id=position, since="now") as stream:
        assert stream.answer.status_code == 200
        assert (await stream.until_closed())[-1].event == "done"


async def test_one_analysis_can_be_watched_alone(live_site: Site) -> None:
    """The page of one analysis hears of that one and ends with it."""
    async with member(live_site) as person:
        one = analysis_of(await person.declare("one.wav", 1000))
        two = analysis_of(await person.declare("two.wav", 1000))
        async with streaming(person, analysis=str(one)) as stream:
            await stream.next()
            await person.client.post(f"/analyses/{two}/cancel", headers=person.headers)
            await person.client.post(f"/analyses/{one}/cancel", headers=person.headers)
            seen = await stream.until_closed()
        assert str(two) not in "".join(message.data for message in seen)
        assert seen[-1].event == "done"


async def test_the_steps_of_a_run_reach_the_stream(live_site: Site, worker: subprocess.Popen[bytes]) -> None:
    """From receiving to done with the engine's steps between, told by another process."""
    content = wav()
    async with member(live_site) as person:
        analysis_id = analysis_of(await person.declare("mix.wav", len(content)))
        async with streaming(person) as stream:
            await person.put(analysis_id, content)
            seen = await stream.until_closed(30)
        states = [message.state for message in seen]
        assert [state for index, state in enumerate(states) if state not in states[:index]] in (
            ["receiving", "queued", "running", "done", ""],
            ["receiving", "running", "done", ""],
        )
        steps = {
            step for message in seen for step in ("Decode", "Loudness", "Tone", "Rhythm") if f"{step}" in message.data
        }
        assert len(steps) == 4
        assert sum(message.state == "running" for message in seen) >= 3


async def test_an_account_has_six_streams_at_most(live_site: Site) -> None:
    """The seventh is refused with a sentence; a closed one makes room; another account is not touched."""
    most = live_site.settings.policy.streams.per_account
    async with member(live_site) as person, member(live_site, "bob") as other:
        await person.declare("mix.wav", 1000)
        await other.declare("mix.wav", 1000)
        async with AsyncExitStack() as stack:
            # Kept by name: a stream that nobody holds is closed.
            streams = [await stack.enter_async_context(streaming(person)) for _ in range(most)]
            for stream in streams:
                assert await stream.next() is not None
            refused = await person.client.get("/events", headers=person.headers)
            assert refused.status_code == 429
            assert "Close another page of this site." in refused.text
            async with streaming(other) as theirs:
                assert await theirs.next() is not None

        async def has_room() -> bool:
            async with streaming(person) as stream:
                return stream.answer.status_code == 200

        await eventually(has_room)


async def test_streams_opened_at_once_keep_to_the_limit(live_site: Site) -> None:
    """Opening twelve in the same moment leaves six."""
    most = live_site.settings.policy.streams.per_account
    async with member(live_site) as person:
        await person.declare("mix.wav", 1000)
        openings = [streaming(person) for _ in range(2 * most)]
        streams = await asyncio.gather(*(opening.__aenter__() for opening in openings))
        statuses = sorted(stream.answer.status_code for stream in streams)
        await asyncio.gather(*(opening.__aexit__(None, None, None) for opening in openings))
        assert statuses == [200] * most + [429] * most


async def test_a_stream_outlives_a_restart_of_redis(settings: Settings, tmp_path: Path) -> None:
    """With Redis gone changes still come, by looking; with Redis back all goes on."""
    from dataclasses import replace

    from app.asgi import create_app

    port = free_port()
    own = replace(settings, redis_url=f"redis://127.0.0.1:{port}/0")
    first = redis_on(port, tmp_path)
    first.__enter__()
    await eventually(lambda: answers(port))
    try:
        async with running_site(create_app(own), own) as site, member(site) as person:
            one, two = [analysis_of(await person.declare(name, len(wav(1.0)))) for name in ("one.wav", "two.wav")]
            async with streaming(person) as stream:
                await stream.next()
                await stream.next()
                await asyncio.to_thread(first.__exit__, None, None, None)
                await person.put(one, wav(1.0))
                while (message := await stream.next()) is not None and message.state != "queued":
                    pass
                assert message is not None
                with redis_on(port, tmp_path):
                    await eventually(lambda: answers(port))
                    for analysis_id in (one, two):
                        await person.client.post(f"/analyses/{analysis_id}/cancel", headers=person.headers)
                    seen = await stream.until_closed()
            assert [message.state for message in seen[-3:]] == ["cancelled", "cancelled", ""]
            assert seen[-1].event == "done"
    finally:
        first.__exit__(None, None, None)


def redis_on(port: int, directory: Path) -> AbstractContextManager[subprocess.Popen[bytes]]:
    """Run a Redis on this port."""
    from app.local_redis import redis_binary

    options = ("--save", "", "--appendonly", "no", "--dir", str(directory), "--loglevel", "warning")
    return running([redis_binary(), "--port", str(port), "--bind", "127.0.0.1", *options])


def answers(port: int) -> bool:
    """Tell whether a Redis on this port answers."""
    from redis import Redis, RedisError

    with Redis(port=port) as client:
        try:
            return bool(client.ping())
        except RedisError:
            return False


async def test_a_restarted_worker_is_heard_on_the_same_stream(live_site: Site) -> None:
    """The page that waits does not notice which worker measures."""
    async with member(live_site) as person:
        await person.upload("mix.wav", wav(2.0))
        async with streaming(person) as stream:
            assert await stream.next() is not None
            async with running_worker(live_site.settings):
                seen = await stream.until_closed(40)
        assert seen[-2].state == "done"
        assert "Open report" in seen[-2].data


async def test_a_change_that_is_committed_late_is_told(live_site: Site) -> None:
    """Two processes may commit in the other order than their clocks; neither change is lost."""
    async with member(live_site) as person:
        late = analysis_of(await person.declare("late.wav", 1000))
        soon = analysis_of(await person.declare("soon.wav", 1000))
        async with streaming(person) as stream:
            await stream.next()
            await stream.next()
            before = datetime.now(UTC)
            await person.client.post(f"/analyses/{soon}/cancel", headers=person.headers)
            message = await stream.next()
            assert message is not None
            assert (message.state, str(soon) in message.data) == ("cancelled", True)
            # Its moment was taken first, its commit comes last.
            await Analysis.update({Analysis.state: "cancelled", Analysis.changed_at: before}).where(Analysis.id == late)
            rest = (await stream.until_closed())[-2:]
        assert [message.state for message in rest] == ["cancelled", ""]
        assert str(late) in rest[0].data
