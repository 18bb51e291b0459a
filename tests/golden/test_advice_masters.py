"""Untouched music of several kinds is not asked to be less loud, less dynamic or to have less bass."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from app.advice.judging import judge
from app.advice.model import Severity, Stage
from app.advice.target import find_target
from app.audio.engine import analyse
from app.audio.model import encode

DATA = Path(os.environ.get("TRACKSENSEI_DATA") or Path(__file__).parents[3] / "shared" / "data")

MASTERS = {
    "loud trance with heavy lows": ("lmms_Impulslogik-Zen.mp3", ("trance-streaming", "trance-club")),
    "loud electronic": ("stk_Lava.ogg", ("electronic-streaming", "electronic-club")),
    "orchestral with wide lows": ("wesnoth_main_menu.ogg", ("orchestral-streaming",)),
}


@pytest.mark.parametrize("kind", MASTERS)
def test_nothing_is_to_be_mended(kind: str) -> None:
    """No finding of severity fix for any target of its kind; loudness and dynamics keep their scores."""
    name, targets = MASTERS[kind]
    path = DATA / "audio" / name
    if not path.exists():
        pytest.skip("real music is not beside this checkout")
    document = json.loads(encode(analyse(path, name=name, models=False)))
    for target in targets:
        verdict = judge(document, find_target(target), Stage.MASTER)
        assert [one.id for one in verdict.findings if one.severity is Severity.FIX] == []
        assert verdict.scores.loudness.value == 100
        assert verdict.scores.dynamics.value == 100
