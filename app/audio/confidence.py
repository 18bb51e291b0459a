"""How often an estimate of this kind is right.

Logistic curves over what distinguishes sure answers from doubtful ones, fitted to the annotated
clips by `tests/bench/calibrate.py`, which also reports the error of the confidences when every
clip is judged by a curve that was fitted without it.

References
----------
J. Platt, "Probabilistic outputs for support vector machines", 1999: logistic calibration.
"""

from __future__ import annotations

import math

TEMPO_CURVE = (2.2, 0.43, 1.64)
"""Constant, weight of the margin between the two best levels, weight of the beats' strength."""

KEY_CURVE = (1.09, 0.1)
"""Constant, weight of the log odds of the best key."""

CLEAR_MARGIN = 2.0
"""A margin between two levels beyond which more makes no difference."""

_WIDEST_LOG_ODDS = 3.0


def tempo_confidence(margin: float, strength: float) -> float:
    """Return how often a tempo is right.

    Parameters
    ----------
    margin
        Score of the chosen level over the next.
    strength
        Mean activation at the beats.
    """
    constant, by_margin, by_strength = TEMPO_CURVE
    return _logistic(constant + by_margin * min(margin, CLEAR_MARGIN) + by_strength * log_odds(strength))


def key_confidence(weight: float) -> float:
    """Return how often a key of this weight is right."""
    constant, by_weight = KEY_CURVE
    return _logistic(constant + by_weight * log_odds(weight))


def log_odds(part: float) -> float:
    """Log odds of a part between 0 and 1, kept within +-3 so that no answer is ever certain."""
    part = min(max(part, 1e-6), 1.0 - 1e-6)
    return min(max(math.log(part / (1.0 - part)), -_WIDEST_LOG_ODDS), _WIDEST_LOG_ODDS)


def _logistic(value: float) -> float:
    return 1.0 / (1.0 + math.exp(-value))
