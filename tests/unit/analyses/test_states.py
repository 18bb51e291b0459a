"""The life of an analysis goes along the moves of its rules and no others."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product
from uuid import uuid4

import pytest

from app.analyses import store
from app.analyses.rules import FAILURES, MOVES, PENDING, STEPS, State, failure_of, headline_of, may_move
from app.analyses.tables import Analysis
from app.audio.steps import Step

ALLOWED = {
    ("receiving", "queued"),
    ("receiving", "cancelled"),
    ("receiving", "failed"),
    ("queued", "running"),
    ("queued", "cancelled"),
    ("queued", "failed"),
    ("running", "done"),
    ("running", "failed"),
    ("running", "queued"),
    ("running", "cancelled"),
    ("failed", "queued"),
    ("failed", "cancelled"),
}


@pytest.mark.parametrize(("now", "then"), list(product(State, State)), ids=str)
def test_only_the_drawn_moves_are_allowed(now: State, then: State) -> None:
    """Each pair of states is allowed or refused as the picture shows."""
    assert may_move(now, then) is ((now.value, then.value) in ALLOWED)


@pytest.mark.parametrize(("now", "then"), [(State.DONE, State.QUEUED), (State.RECEIVING, State.DONE)], ids=str)
async def test_no_row_is_changed_in_a_way_that_is_not_drawn(now: State, then: State) -> None:
    """A caller that is wrong is told so before the database is."""
    with pytest.raises(ValueError, match="no analysis goes"):
        await store.change(uuid4(), {Analysis.state: then}, now=datetime.now(UTC), states=[now])


def test_every_state_has_its_moves() -> None:
    """No state is forgotten, none leads to itself, and what is done or cancelled stays so."""
    assert set(MOVES) == set(State)
    assert all(state not in moves for state, moves in MOVES.items())
    assert not MOVES[State.DONE]
    assert not MOVES[State.CANCELLED]


def test_what_is_pending_can_move_without_anybody() -> None:
    """Receiving, queued and running are pending; the rest waits for nothing."""
    assert {State.RECEIVING, State.QUEUED, State.RUNNING} == PENDING
    assert {state for state in State if state.is_pending} == PENDING


def test_the_steps_are_the_engines() -> None:
    """The page shows the steps that the engine has, in its order."""
    assert [step.value for step in Step] == list(STEPS)


@pytest.mark.parametrize("code", FAILURES)
def test_a_failure_of_ours_says_that_nothing_was_counted(code: str) -> None:
    """Each is a whole sentence for a person, and promises that it was free."""
    sentence = failure_of(code)
    assert sentence.endswith("Nothing was counted.")
    assert sentence[0].isupper()
    assert "_" not in sentence


def test_a_headline_is_taken_from_what_is_there() -> None:
    """Sections that are null leave their figures out; nothing is guessed."""
    whole = {
        "loudness": {"integrated_lufs": -9.5, "true_peak_dbtp": 0.1},
        "rhythm": {"tempo_bpm": 128.0},
        "tonality": {"key": "F minor"},
    }
    assert headline_of(whole) == {
        "integrated_lufs": -9.5,
        "true_peak_dbtp": 0.1,
        "tempo_bpm": 128.0,
        "key": "F minor",
    }
    assert set(headline_of({"loudness": {}, "rhythm": None}).values()) == {None}
