"""How the report guide reads a question: words, meanings, intents. Whole answers are judged in tests/golden."""

from __future__ import annotations

import re

import pytest

from app.chat.asking import read
from app.chat.figures import figure
from app.chat.glossary import GLOSSARY
from app.chat.guide import DECLINED, MOST_STATEMENTS, UNSAID, guide_answer
from app.chat.intents import intents
from app.chat.retrieving import index
from tests.golden.conversation import report

LEAST_PHRASINGS = 10


def test_every_intent_is_whole() -> None:
    """Each has phrasings enough, words that the glossary has, and something to say or a sentence that declines."""
    names = [intent.name for intent in intents()]
    assert len(names) == len(set(names))
    for intent in intents():
        assert len(intent.phrasings) >= LEAST_PHRASINGS, intent.name
        assert set(intent.terms) <= set(GLOSSARY), intent.name
        assert bool(intent.declines) != bool(intent.says or intent.findings), intent.name
        assert not intent.declines or intent.declines == DECLINED or intent.declines.startswith(UNSAID), intent.name


def test_every_figure_that_an_intent_says_can_be_said() -> None:
    """A path that no report has would fail only when somebody asks for it."""
    document = report("tonatiuh")
    for intent in intents():
        for path in intent.says:
            assert isinstance(figure(path, read("anything?", document), document), list)


def test_no_phrasing_stands_for_two_things() -> None:
    """The same words under two intents would make the choice a lottery."""
    found = [phrasing.lower() for intent in intents() for phrasing in intent.phrasings]
    assert len(found) == len(set(found))


def test_each_phrasing_finds_its_own_intent() -> None:
    """What was learnt is known: nearly all phrasings are likest their own intent."""
    wrong = [
        (intent.name, phrasing)
        for intent in intents()
        for phrasing in intent.phrasings
        if index().matches(read(phrasing, {}).words)[0].intent is not intent
    ]
    assert len(wrong) <= 0.04 * sum(len(intent.phrasings) for intent in intents()), wrong


@pytest.mark.parametrize(
    ("question", "names", "is_meaning"),
    [
        ("what does PSR mean?", ["PSR"], True),
        ("eli5 loudness range", ["loudness range"], True),
        ("PLR - what's that?", ["PLR"], False),
        ("dBTP versus dBFS, I never understood it", ["dBTP", "dBFS"], True),
        ("what is my true peak", [], False),
        ("which key is it", [], False),
        ("what is the key", [], False),
        ("what does key mean", ["key"], True),
        ("how much DR did I get", [], False),
    ],
)
def test_a_meaning_is_told_from_a_value(question: str, names: list[str], is_meaning: bool) -> None:  # noqa: FBT001
    """The form of a question says whether a word is to be explained."""
    asked = read(question, report("menu"))
    assert sorted(term.names[0] for term in asked.terms) == sorted(names)
    assert asked.is_meaning == is_meaning


def test_what_a_question_names_is_read() -> None:
    """Frequencies, times and platforms, also misspelt."""
    asked = read("around 400 and at 1.2k, at 1:20 on spotfy and YouTube Music", report("menu"))
    assert asked.frequencies_hz == (400.0, 1200.0)
    assert asked.times_s == (80.0,)
    assert asked.platforms == ("Spotify", "YouTube Music")


def test_a_moment_and_a_section_are_told() -> None:
    """A time leads to its section and its findings, a label to its row."""
    document = report("menu")
    assert guide_answer("what's going on at 2:00?", document).startswith("At 2:00: C")
    assert "Tail is cut" in guide_answer("what's going on at 2:18?", document)
    assert guide_answer("how loud is section B?", document).startswith("- B, 0:42")


def test_reasons_are_given_where_they_are_asked_for() -> None:
    """Why something is a problem stands in the finding, and is said to who asks why."""
    document = report("menu")
    assert "a click" in guide_answer("why is my ending a problem", document)
    assert "a click" not in guide_answer("is my ending cut off", document)


@pytest.mark.parametrize("question", ["", "?", "...", "42", "blargh", "🎛️🎛️", "a" * 4000, "the of and"])
def test_what_is_no_question_is_declined(question: str) -> None:
    """Nothing is guessed out of nothing."""
    assert guide_answer(question, report("menu")) == DECLINED


def test_no_answer_is_long() -> None:
    """An answer is a few statements, whatever is asked."""
    document = report("lava")
    for intent in intents():
        answer = guide_answer(intent.phrasings[0], document)
        statements = [part for part in answer.split("\n\n") if not re.match(r"(First|\d+ sections)", part)]
        assert len(statements) <= MOST_STATEMENTS, answer
