"""A target that is learned from reference tracks."""

from __future__ import annotations

from typing import Any

import pytest

from app.advice.judging import judge
from app.advice.model import Severity, Stage
from app.advice.references import BadReferences, features_of, learn, target_of
from app.advice.target import find_target
from tests.unit.advice.documents import CENTRES_HZ, sound

AS_OF = "2026-11-23"


def reference(*, loudness_lufs: float = -9.0, lows_db: float = 0.0) -> dict[str, Any]:
    """Return a report of a track with more or less lows."""
    document = sound()
    document["loudness"]["integrated_lufs"] = loudness_lufs
    curve = document["spectrum"]["third_octave"]
    curve["level_db"] = [
        level + (lows_db if centre < 120 else 0.0) for centre, level in zip(CENTRES_HZ, curve["level_db"], strict=True)
    ]
    return document


def findings(document: dict[str, Any], references: list[dict[str, Any]]) -> dict[str, Severity]:
    """Judge a document against references."""
    target = target_of(learn(references, as_of=AS_OF), find_target("general"))
    return {one.id: one.severity for one in judge(document, target, Stage.MASTER).findings}


def test_a_reference_fits_itself() -> None:
    """Whatever its tone and loudness."""
    odd = reference(loudness_lufs=-23.0, lows_db=20.0)
    assert findings(odd, [odd]) == {}


def test_each_of_several_references_fits() -> None:
    """The corridor spans them all."""
    tracks = [reference(loudness_lufs=-6.0, lows_db=12.0), reference(lows_db=-4.0), reference(loudness_lufs=-12.0)]
    for track in tracks:
        assert findings(track, tracks) == {}


def test_what_no_reference_has_is_found() -> None:
    """Lows 3 dB beyond the margin, and a level under the quietest."""
    found = findings(reference(loudness_lufs=-12.5, lows_db=6.5), [reference(loudness_lufs=-10.0)])
    assert found == {
        "tone.corridor.sub-over": Severity.CHECK,
        "tone.corridor.bass-over": Severity.CHECK,
        "loudness.quiet": Severity.CHECK,
    }


def test_just_inside_the_margin_nothing_is_found() -> None:
    """3 dB of tone and 2 LU of loudness."""
    assert findings(reference(loudness_lufs=-11.9, lows_db=2.9), [reference(loudness_lufs=-10.0)]) == {}


@pytest.mark.parametrize("count", [0, 11])
def test_too_few_or_too_many_are_refused(count: int) -> None:
    """One to ten."""
    with pytest.raises(BadReferences, match="1 to 10"):
        learn([reference()] * count, as_of=AS_OF)


def test_a_silent_reference_is_refused() -> None:
    """It has nothing to learn from."""
    silent = reference()
    silent["loudness"]["integrated_lufs"] = None
    with pytest.raises(BadReferences, match="silent"):
        learn([silent], as_of=AS_OF)
    silent["spectrum"]["third_octave"]["level_db"] = [None] * len(CENTRES_HZ)
    with pytest.raises(BadReferences, match="no tone"):
        learn([silent], as_of=AS_OF)


def test_what_is_kept_of_a_reference_teaches_the_same() -> None:
    """A report and its features make one target; what teaches nothing is refused."""
    document = sound()
    features = features_of(document)
    assert learn([features], as_of="2026-11-24") == learn([document], as_of="2026-11-24")
    assert set(features) == {"loudness", "spectrum"}
    with pytest.raises(BadReferences):
        features_of({**document, "loudness": {}})
