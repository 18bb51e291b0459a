"""Rules about faults of the signal: offset, clicks, gaps, cut ends, silence, hum, noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.advice.model import Advice, Confidence, Evidence, Family, Range, Setting
from app.advice.reading import limited, line_at
from app.advice.rule import Draft, Rule, evidence
from app.advice.words import count, figure, hertz

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.advice.rule import Case

_OFFSET = "dynamics.dc_offset"
_CLICKS = "dynamics.faults.clicks_s"
_DROPOUTS = "dynamics.faults.dropouts"
_HUM = "dynamics.faults.hum"
_NOISE = "dynamics.noise_floor_dbfs"
_CLICK_S = 0.01
_HUM_HARMONICS = 4
_SIDES = ("left", "right")


def offset(case: Case) -> Iterator[Draft]:
    """Yield a finding where the mean of a channel is not zero."""
    values = [
        (abs(value), place, value) for place, value in enumerate(line_at(case.document, _OFFSET)) if value is not None
    ]
    if not values:
        return
    size, place, value = max(values, key=lambda item: (item[0], -item[1]))
    breach = case.limit("dc_offset").breach(size)
    if breach is None:
        return
    side = _SIDES[place] if len(values) == len(_SIDES) else f"channel {place + 1}"
    yield Draft(
        breach,
        f"DC offset of {figure(100 * size, '%')} of full scale, {side}",
        (Evidence(f"{_OFFSET}.{place}", round(value, 4), breach.limit.bound, breach.limit.unit),),
        "It takes headroom, clicks at every cut, and makes limiters work on one half of the wave.",
        (
            Advice(
                "High-pass at 5 Hz, 12 dB per octave, first on the master; then find the device that makes it.",
                "EQ",
                (Setting("high-pass", 5.0, "Hz"), Setting("slope", 12.0, "dB/oct")),
            ),
        ),
    )


def clicks(case: Case) -> Iterator[Draft]:
    """Yield a finding where single samples jump out of the wave."""
    times_s = [time_s for time_s in line_at(case.document, _CLICKS) if time_s is not None]
    breach = case.limit("clicks").breach(float(len(times_s)))
    if breach is None:
        return
    yield Draft(
        breach,
        f"{count(len(times_s), 'click', 'clicks')} of single samples",
        (Evidence(_CLICKS, len(times_s), breach.limit.bound, breach.limit.unit),),
        "A buffer that ran dry, a cut without a fade, or a wrong clock.",
        (
            Advice(
                "Fade of 5 ms at the cuts there, or export again with a larger buffer.",
                None,
                (Setting("fade", 5.0, "ms"),),
            ),
        ),
        limited([Range(time_s, round(time_s + _CLICK_S, 3)) for time_s in times_s]),
    )


def dropouts(case: Case) -> Iterator[Draft]:
    """Yield a finding where both sides stop for a moment in the middle of sound."""
    ranges = case.ranges(_DROPOUTS)
    if not ranges:
        return
    longest_s = max(span.end_s - span.start_s for span in ranges)
    breach = case.limit("dropout_s").breach(longest_s)
    if breach is None:
        return
    yield Draft(
        breach,
        f"{count(len(ranges), 'gap', 'gaps')}, the longest {figure(1000 * longest_s, 'ms', 0)}",
        (Evidence(_DROPOUTS, round(longest_s, 4), breach.limit.bound, breach.limit.unit),),
        "Digital silence in the middle of sound: a dropout of the export, or an edit without a crossfade.",
        (
            Advice(
                "Export these bars again. If it is an edit, crossfade it over 10 ms.",
                None,
                (Setting("crossfade", 10.0, "ms"),),
            ),
        ),
        ranges,
    )


def cut_ends(case: Case) -> Iterator[Draft]:
    """Yield findings where the file begins or ends inside sound."""
    duration_s = case.number("file.duration_s") or 0.0
    for end, span, title, text in (
        (
            "start",
            Range(0.0, 0.0),
            "The file begins inside a sound",
            "Export from one beat earlier, or fade in over 5 ms.",
        ),
        (
            "end",
            Range(duration_s, duration_s),
            "Tail is cut before it has decayed",
            "Export two seconds more, and fade out to silence.",
        ),
    ):
        path = f"dynamics.faults.cut_{end}_dbfs"
        breach = case.breach(path, f"cut_{end}_dbfs")
        if breach is not None:
            why = (
                f"The {'first' if end == 'start' else 'last'} samples stand at {figure(breach.value, 'dBFS')}: a click."
            )
            yield Draft(breach, title, (evidence(path, breach),), why, (Advice(text),), (span,), part=end)


def silence(case: Case) -> Iterator[Draft]:
    """Yield findings on long silence before and after the music."""
    duration_s = case.number("file.duration_s") or 0.0
    for end, words in (("head", "before the first sound"), ("tail", "after the last sound")):
        path = f"dynamics.silence.{end}_s"
        breach = case.breach(path, f"{end}_silence_s")
        if breach is None:
            continue
        span = Range(0.0, breach.value) if end == "head" else Range(round(duration_s - breach.value, 3), duration_s)
        yield Draft(
            breach,
            f"{figure(breach.value, 's')} of silence {words}",
            (evidence(path, breach),),
            "Players show it as a pause, and some services refuse long ones.",
            (Advice(f"Trim it to {figure(min(breach.limit.bound, 2.0), 's')} or less."),),
            (span,),
            part=end,
        )


def hum(case: Case) -> Iterator[Draft]:
    """Yield a finding where the mains is heard under the music."""
    level, frequency_hz = f"{_HUM}.level_dbfs", case.number(f"{_HUM}.frequency_hz")
    breach = case.breach(level, "hum_dbfs")
    if breach is None or frequency_hz is None:
        return
    notches = tuple(Setting(f"notch {part}", frequency_hz * part, "Hz") for part in range(1, _HUM_HARMONICS + 1))
    yield Draft(
        breach,
        f"Hum of the mains at {hertz(frequency_hz)}",
        (evidence(level, breach), Evidence(f"{_HUM}.frequency_hz", frequency_hz, None, "Hz")),
        "It never stops, so every pause and every fade shows it.",
        (
            Advice(
                f"Find the recording that carries it. Else notches at {hertz(frequency_hz)} and its multiples, Q 30.",
                "EQ",
                (*notches, Setting("Q", 30.0, "")),
            ),
        ),
    )


def noise(case: Case) -> Iterator[Draft]:
    """Yield a finding where the pauses are not quiet."""
    breach = case.breach(_NOISE, "noise_floor_dbfs")
    if breach is None:
        return
    threshold_db = round(breach.value + 6.0, 1)
    yield Draft(
        breach,
        f"Pauses stand at {figure(breach.value, 'dBFS')}",
        (evidence(_NOISE, breach),),
        "Noise under the music, or a reverb that is meant.",
        (
            Advice(
                f"Expander on the noisy track: threshold {figure(threshold_db, 'dBFS')}, ratio 1:2.",
                "Gate",
                (Setting("threshold", threshold_db, "dBFS"), Setting("ratio", 2.0, ":1")),
            ),
        ),
    )


RULES = (
    Rule("technical.dc-offset", Family.TECHNICAL, "Mean of each channel", ("dc_offset",), Confidence.MEASURED, offset),
    Rule("technical.clicks", Family.TECHNICAL, "Jumps of single samples", ("clicks",), Confidence.INFERRED, clicks),
    Rule(
        "technical.dropouts",
        Family.TECHNICAL,
        "Gaps under 50 ms in sound",
        ("dropout_s",),
        Confidence.INFERRED,
        dropouts,
    ),
    Rule(
        "technical.cut",
        Family.TECHNICAL,
        "Level of the first and last samples",
        ("cut_start_dbfs", "cut_end_dbfs"),
        Confidence.MEASURED,
        cut_ends,
    ),
    Rule(
        "technical.silence",
        Family.TECHNICAL,
        "Silence at both ends",
        ("head_silence_s", "tail_silence_s"),
        Confidence.MEASURED,
        silence,
    ),
    Rule("technical.hum", Family.TECHNICAL, "50 or 60 Hz with harmonics", ("hum_dbfs",), Confidence.INFERRED, hum),
    Rule("technical.noise", Family.TECHNICAL, "Level of pauses", ("noise_floor_dbfs",), Confidence.INFERRED, noise),
)
