"""How the bench counts what is right."""

from __future__ import annotations

import numpy as np
import pytest

from tests.bench.accuracy import f_measure, leave_one_out

BEATS_S = np.arange(0.0, 10.0, 0.5)


@pytest.mark.parametrize(
    ("found_s", "expected"),
    [
        (BEATS_S, 1.0),
        (BEATS_S + 0.06, 1.0),
        (BEATS_S + 0.1, 0.0),
        (BEATS_S[::2], 2 / 3),
        (np.empty(0), 0.0),
    ],
)
def test_beats_are_matched_within_70_ms(found_s: np.ndarray, expected: float) -> None:
    """Each beat once; half of the beats have a precision of 1 and a recall of a half."""
    assert f_measure(found_s, BEATS_S) == pytest.approx(expected)


def test_leaving_one_out_never_asks_weights_that_were_chosen_on_the_clip() -> None:
    """Weights that are right on one clip only are of no use to it."""
    assert leave_one_out(np.array([[True, False], [False, True]])) == 0.0
    assert leave_one_out(np.array([[True, False], [True, False], [True, True]])) == 3.0
