"""Rules about the stereo image: balance, width of the lows, what mono loses."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

from app.advice.model import Advice, Confidence, Evidence, Family, Setting
from app.advice.reading import line_at, number_at, rows_at, stretches, text_at, value_at
from app.advice.rule import Draft, Rule, evidence
from app.advice.words import figure, hertz, signed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.advice.model import Range
    from app.advice.rule import Case

_BALANCE = "stereo.balance_db"
_LOW_END = "stereo.low_end_side_to_mid_db"
_ONE_SIDED = "stereo.one_sided"
_MONO_HZ = 120.0
_FOLD_DOWN = "stereo.fold_down_loss_db"


def balance(case: Case) -> Iterator[Draft]:
    """Yield a finding where one side is louder."""
    value = case.number(_BALANCE)
    if value is None or text_at(case.document, _ONE_SIDED) is not None:
        return
    breach = case.limit("balance_db").breach(abs(value))
    if breach is None:
        return
    louder, quieter = ("right", "left") if value > 0 else ("left", "right")
    yield Draft(
        breach,
        f"The {louder} side is {figure(abs(value), 'dB')} louder",
        (Evidence(_BALANCE, round(value, 2), breach.limit.bound, breach.limit.unit),),
        "The middle of the image moves to the louder side, on headphones most of all.",
        (
            Advice(
                f"Raise the {quieter} side by {figure(abs(value), 'dB')} on the master, or find the group that leans.",
                "Utility",
                (Setting(f"{quieter} gain", round(abs(value), 1), "dB"),),
            ),
        ),
    )


def one_sided(case: Case) -> Iterator[Draft]:
    """Yield a finding where one side is silent or nearly so."""
    side = text_at(case.document, _ONE_SIDED)
    breach = case.limit("one_sided").breach(1.0)
    if side is None or breach is None:
        return
    silent = "left" if side == "right" else "right"
    yield Draft(
        breach,
        f"Only the {side} side sounds",
        (Evidence(_ONE_SIDED, side, None, ""),),
        "One ear hears nothing: a routing or an export of one channel.",
        (Advice(f"Check the routing of the {silent} channel, and export in stereo again.", "Master"),),
    )


def dual_mono(case: Case) -> Iterator[Draft]:
    """Yield a remark where both sides are the same signal."""
    breach = case.limit("dual_mono").breach(1.0)
    if value_at(case.document, "stereo.is_dual_mono") is not True or breach is None:
        return
    yield Draft(
        breach,
        "Both sides are the same signal",
        (Evidence("stereo.is_dual_mono", "true", None, ""),),
        "No fault if mono is meant. Otherwise something sums the sides.",
        (
            Advice(
                "Look for a mono switch or a width of 0 % on the master.", "Utility", (Setting("width", 100.0, "%"),)
            ),
        ),
    )


def wide_low_end(case: Case) -> Iterator[Draft]:
    """Yield a finding where the lows are wide, unless they are inverted, which says more."""
    breach = case.breach(_LOW_END, "low_end_side_to_mid_db")
    if breach is None or rows_at(case.document, "stereo.low_end_inverted"):
        return
    if text_at(case.document, _ONE_SIDED) is not None:
        return
    yield Draft(
        breach,
        f"Bass is wide below {hertz(_MONO_HZ)}",
        (evidence(_LOW_END, breach),),
        "Most large systems sum the lows to mono. What is only in the sides is lost there.",
        (
            Advice(
                f"Utility: Bass Mono at {hertz(_MONO_HZ)}, on the bass, or a width of 0 % under a split there.",
                "Utility",
                (Setting("bass mono", _MONO_HZ, "Hz"), Setting("width", 0.0, "%")),
            ),
        ),
        _wide_seconds(case, breach.limit.bound),
    )


def fold_down(case: Case) -> Iterator[Draft]:
    """Yield a finding where the sum to mono loses more than unrelated sides do."""
    breach = case.breach(_FOLD_DOWN, "fold_down_loss_db")
    if breach is None:
        return
    line = line_at(case.document, "stereo.timeline.fold_down_loss_db")
    step_s = case.number("stereo.timeline.step_s") or 1.0
    bound = breach.limit.bound
    yield Draft(
        breach,
        f"Mono loses {figure(breach.value, 'dB')}",
        (evidence(_FOLD_DOWN, breach),),
        "Phones, many clubs and radio sum the sides. Parts that cancel vanish there.",
        (
            Advice(
                "Listen in mono, and lower the width of what vanishes: 140 % to 110 %.",
                "Utility",
                (Setting("width", 110.0, "%"),),
            ),
        ),
        stretches([value is not None and value > bound for value in line], step_s, join_s=1.0),
    )


def band_fold_down(case: Case) -> Iterator[Draft]:
    """Yield a finding for each band that mono loses, where the whole does not say it already."""
    if case.breach(_FOLD_DOWN, "fold_down_loss_db") is not None:
        return
    for place, row in enumerate(rows_at(case.document, "stereo.bands")):
        loss_db, name = number_at(row, "fold_down_loss_db"), text_at(row, "name")
        low_hz, high_hz = number_at(row, "low_hz"), number_at(row, "high_hz")
        if loss_db is None or name is None or low_hz is None or high_hz is None:
            continue
        breach = case.limit("band_fold_down_loss_db").breach(loss_db)
        if breach is None or high_hz <= _MONO_HZ:
            continue  # the lows have a rule of their own
        yield Draft(
            breach,
            f"{name.capitalize()} lose {figure(loss_db, 'dB')} in mono",
            (evidence(f"stereo.bands.{place}.fold_down_loss_db", breach),),
            f"Between {hertz(low_hz)} and {hertz(high_hz)} the sides cancel more than unrelated sounds do.",
            (
                Advice(
                    f"Side {signed(-3.0, 'dB')} at {hertz(sqrt(low_hz * high_hz))} in a mid-side EQ, Q 0.7.",
                    "EQ",
                    (
                        Setting("frequency", round(sqrt(low_hz * high_hz)), "Hz"),
                        Setting("side gain", -3.0, "dB"),
                        Setting("Q", 0.7, ""),
                    ),
                ),
            ),
            part=name.replace(" ", "-"),
        )


def _wide_seconds(case: Case, limit_db: float) -> tuple[Range, ...]:
    """Seconds whose correlation is under the one of a side at the limit, for equal sides."""
    ratio = 10.0 ** (limit_db / 10.0)
    least = (1.0 - ratio) / (1.0 + ratio)
    line = line_at(case.document, "stereo.timeline.low_end_correlation")
    step_s = case.number("stereo.timeline.step_s") or 1.0
    return stretches([value is not None and value < least for value in line], step_s, join_s=1.0)


RULES = (
    Rule("stereo.balance", Family.STEREO, "Right against left", ("balance_db",), Confidence.MEASURED, balance),
    Rule("stereo.one-sided", Family.STEREO, "A silent side", ("one_sided",), Confidence.MEASURED, one_sided),
    Rule("stereo.dual-mono", Family.STEREO, "Two equal sides", ("dual_mono",), Confidence.MEASURED, dual_mono),
    Rule(
        "stereo.wide-low-end",
        Family.STEREO,
        "Side against mid under 120 Hz",
        ("low_end_side_to_mid_db",),
        Confidence.CONVENTION,
        wide_low_end,
    ),
    Rule(
        "stereo.fold-down",
        Family.STEREO,
        "Loss of the sum to mono",
        ("fold_down_loss_db",),
        Confidence.MEASURED,
        fold_down,
    ),
    Rule(
        "stereo.band-fold-down",
        Family.STEREO,
        "Loss of the sum to mono by band",
        ("band_fold_down_loss_db",),
        Confidence.MEASURED,
        band_fold_down,
    ),
)
