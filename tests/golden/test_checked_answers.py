"""Forty answers written before the checker: every false measurement is marked, nothing else is.

The first run, before anything was changed for it, had two wrong of 91 places.
"""

from __future__ import annotations

import re

import pytest

from app.chat.checking import Verdict, check
from tests.golden.conversation import by_report, report

PLACE = re.compile(r"\{([TFR]):([^}]*)\}")


def answers() -> list[tuple[str, str]]:
    """Return the answers with the report that each is about; a numbered line goes on with the one before."""
    found: list[tuple[str, str]] = []
    for name, line in by_report("answers.txt"):
        if re.match(r"\d+\.", line):
            found[-1] = (name, f"{found[-1][1]}\n{line}")
        else:
            found.append((name, line))
    return found


def plain(answer: str) -> tuple[str, list[tuple[str, int, int]]]:
    """Take the braces out of an answer; return where each place stands in what is left."""
    text, places, at = "", [], 0
    for match in PLACE.finditer(answer):
        text += answer[at : match.start()]
        places.append((match[1], len(text), len(text) + len(match[2])))
        text, at = text + match[2], match.end()
    return text + answer[at:], places


def test_there_are_forty_and_half_are_false() -> None:
    """The set is what it says it is."""
    made = answers()
    assert len(made) == 40
    assert sum("{F:" in answer for _, answer in made) >= 20


@pytest.mark.parametrize(("name", "answer"), answers())
def test_what_is_false_is_marked_and_nothing_else(name: str, answer: str) -> None:
    """Each place is judged as it was written, and no other place is marked."""
    text, places = plain(answer)
    missing = [mark for mark in check(text, report(name)) if mark.verdict is Verdict.MISSING]
    for kind, start, end in places:
        is_marked = any(mark.start < end and start < mark.end for mark in missing)
        assert is_marked == (kind == "F"), text[start:end]
    false = [(start, end) for kind, start, end in places if kind == "F"]
    for mark in missing:
        assert any(mark.start < end and start < mark.end for start, end in false), text[mark.start : mark.end]
