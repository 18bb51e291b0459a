"""Real reports, with questions and answers that were written before the code that reads them.

``strangers_questions.json`` and ``strangers_answers.json``, and the sets numbered behind them, are by several who
had seen neither checker nor guide, only reports. Their reports are without curves.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def report(name: str) -> dict[str, Any]:
    """Return one of the reports."""
    document: dict[str, Any] = json.loads((HERE / f"{name}.json").read_text("utf-8"))
    return document


def by_report(file_name: str) -> list[tuple[str, str]]:
    """Return the lines of a file, each with the name of the report that it is about."""
    name, found = "", []
    for line in (HERE / file_name).read_text("utf-8").splitlines():
        if line.startswith("## "):
            name = line.removeprefix("## ")
        elif line and not line.startswith("#"):
            found.append((name, line))
    return found


def by_strangers(file_name: str) -> list[dict[str, Any]]:
    """Return what somebody wrote who had seen the reports alone."""
    found: list[dict[str, Any]] = json.loads((HERE / f"strangers_{file_name}.json").read_text("utf-8"))
    return found
