"""What fresh readers wrote, given the literal prompt alone: it names the worst finding, and every figure is found.

The prompts and answers are kept in docs/prompt-review; the reports here are without their curves.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.chat.checking import Verdict, check
from tests.golden.conversation import HERE

REVIEW = Path(__file__).parents[2] / "docs" / "prompt-review"
WORST = {
    1: ("298,801", "limit of 40", "-0.01 dBFS"),
    2: ("80 Hz", "-16.01 dBFS", "-28.29 dBFS", "12.3 dB"),
    3: ("Bass cancels below 120 Hz", "0.997", "limit 0"),
    4: ("10.2 kHz", "20 kHz"),
    5: ("630 Hz", "-20.85 dBFS", "-27.52 dBFS", "6.7 dB"),
    6: ("bass cancels below 120 Hz", "17.4 %", "limit 0 %"),
}
"""The worst finding's name and values, as each answer writes them."""


def report(number: int) -> dict[str, Any]:
    """Return the report that a prompt was made from."""
    document: dict[str, Any] = json.loads((HERE / "review" / f"{number}.json").read_text("utf-8"))
    return document


@pytest.mark.parametrize("number", WORST)
def test_an_answer_names_the_worst_finding_and_no_figure_of_it_is_marked(number: int) -> None:
    """In its first change, with its values; and the checker finds all that is quoted."""
    answer = (REVIEW / f"{number}-answer.md").read_text("utf-8")
    first, _, _ = answer.partition("**2. ")
    assert all(words in first for words in WORST[number])
    marks = check(answer, report(number))
    assert [answer[mark.start : mark.end] for mark in marks if mark.verdict is Verdict.MISSING] == []
    assert sum(mark.verdict is Verdict.FOUND for mark in marks) > 10


@pytest.mark.parametrize("number", WORST)
def test_a_prompt_holds_the_findings_of_its_report(number: int) -> None:
    """Each finding's title stands in the literal text, which is the one that was judged."""
    prompt = (REVIEW / f"{number}-prompt.txt").read_text("utf-8")
    assert all(finding["title"] in prompt for finding in report(number)["findings"])
