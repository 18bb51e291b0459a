"""A child that a file has taken over may say what it likes: its analysis fails, and the worker goes on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from app.bootstrap import Parts, build
from app.kernel.isolate import Isolator, Task
from tests.making.policy import with_policy
from tests.making.traces import analysis_row
from tests.prove.life import at_rest, content_of, make_account, upload
from tests.unit.kernel import children

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.kernel.isolate import Bounds
    from app.settings import Settings

REPORT: dict[str, Any] = {"kind": "report"}
WORDS: list[Any] = [
    {"no": "kind"},
    {"kind": None},
    {"kind": "step"},
    {"kind": "step", "step": [], "state": {}, "part": "half", "result": 7},
    {"kind": "something else"},
    {"kind": "refused"},
    {"kind": "refused", "code": [1], "reason": {"no": "sentence"}},
    REPORT,
    {**REPORT, "document": None},
    {**REPORT, "document": "{"},
    {**REPORT, "document": "[" * 100_000},
    {**REPORT, "document": json.dumps({"loudness": [1], "rhythm": "fast"})},
]


class Says(Isolator):
    """Starts confined children that say one thing."""

    def __init__(self, words: Any) -> None:
        """Know what they say."""
        super().__init__(children.__name__)
        self._text = json.dumps(words)

    def run(self, task: Task, bounds: Bounds) -> AsyncIterator[dict[str, Any]]:
        """Yield what they say."""
        return super().run(Task(f"{children.__name__}:babble", task.file, {"text": self._text}), bounds)


@pytest.mark.parametrize("words", WORDS, ids=lambda words: json.dumps(words)[:50])
async def test_what_no_engine_says_fails_the_analysis(settings: Settings, words: Any) -> None:
    """Three attempts, at once: nobody waits for a lease to run out."""
    patient = with_policy(settings, analysis={"lease_seconds": 600.0})
    services = build(patient, parts=Parts(isolator=lambda _: Says(words)))
    async with services.open():
        analysis_id = await upload(services, await make_account("ada@example.com"), content_of(1))
        for _ in range(3):
            await services.runs.fill()
            await at_rest(services)
        row = await analysis_row(analysis_id)
    assert (row["state"], row["attempts"], row["failure_code"]) == ("failed", 3, "crashed")
