"""Sixty questions of producers over three reports, written before the guide: the right figure, or declined."""

from __future__ import annotations

import re
from typing import Any

from app.chat.facts import value_at
from app.chat.glossary import GLOSSARY
from app.chat.guide import DECLINED, guide_answer
from tests.golden.conversation import by_report, report

FIGURE = re.compile(r"([−+-]?\d+(?:\.\d+)?)\s*(kHz|Hz|[A-Za-z]+)?")
ENOUGH = 54


def holds_figure(answer: str, value: float, unit: str) -> bool:
    """Tell whether an answer holds a value with its unit, rounded to what it shows."""
    for number, found in FIGURE.findall(answer):
        said, scale = float(number.replace("−", "-")), 1000 if found == "kHz" else 1
        decimals = len(number.partition(".")[2])
        is_close = abs(abs(said) * scale - abs(value)) <= 0.5 * 10**-decimals * scale + 1e-9
        has_sign = value >= 0 or said < 0 or "down" in answer
        if is_close and has_sign and (not unit or found in {unit, f"k{unit}"}):
            return True
    return False


def is_right(expected: str, answer: str, document: dict[str, Any]) -> bool:
    """Tell whether an answer is what a question expects."""
    kind, _, rest = expected.partition(":")
    if expected == "decline":
        return answer == DECLINED or answer.startswith("This report does not say")
    if kind == "finding":
        return next(row["title"] for row in document["findings"] if row["id"] == rest) in answer
    if kind == "term":
        return GLOSSARY[rest] in answer
    path, _, unit = expected.rpartition(" ") if expected.count(" ") else (expected, "", "")
    if path.startswith("platforms."):
        row = next(row for row in document["platforms"] if row["name"] == path.removeprefix("platforms."))
        return row["name"] in answer and holds_figure(answer, row["gain_db"], unit)
    if path == "structure.sections":
        return all(row["label"] in answer for row in document["structure"]["sections"])
    value = value_at(document, path)
    if value is not None:
        return holds_figure(answer, value, unit)
    part, name = path.split(".")
    return str(document[part][name]) in answer


def test_sixty_questions_are_answered_or_declined() -> None:
    """At least 54 of 60 get the right value and unit, or are rightly declined."""
    wrong = []
    lines = by_report("questions.txt")
    assert len(lines) == 60
    for name, line in lines:
        expected, _, question = line.partition(" | ")
        document = report(name)
        answer = guide_answer(question, document)
        if not is_right(expected.strip(), answer, document):
            wrong.append((name, expected, question, answer))
    assert len(wrong) <= 60 - ENOUGH, wrong


def test_a_wrong_figure_is_noticed() -> None:
    """The judge of the test above is none that agrees with everything."""
    document = report("menu")
    assert not is_right("loudness.true_peak_dbtp dBTP", "True peak: 2.1 dBTP.", document)
    assert not is_right("loudness.true_peak_dbtp dBTP", "True peak: 1.2 LUFS.", document)
    assert not is_right("loudness.integrated_lufs LUFS", "Integrated loudness: 8.3 LUFS.", document)
    assert is_right("loudness.true_peak_dbtp dBTP", "True peak: 1.2 dBTP.", document)
