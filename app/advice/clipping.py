"""Rules about peaks: flat tops, true peak, headroom for encoders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.advice.model import Advice, Confidence, Evidence, Family, Setting, Stage
from app.advice.rule import Draft, Rule, evidence
from app.advice.words import count, figure, signed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.advice.rule import Case

_SAMPLES = "dynamics.clipping.samples"
_TRUE_PEAK = "loudness.true_peak_dbtp"
_LOUD_MASTER_LUFS = -14.0


def flat_tops(case: Case) -> Iterator[Draft]:
    """Yield a finding where samples stand at a ceiling in runs."""
    samples, duration_s = case.number(_SAMPLES), case.number("file.duration_s")
    if samples is None or not duration_s:
        return
    breach = case.limit("clipped_samples_per_s").breach(samples / duration_s)
    if breach is None:
        return
    runs = int(case.number("dynamics.clipping.runs") or 0)
    ceiling_dbfs = case.number("dynamics.clipping.ceiling_dbfs")
    allowed = round(breach.limit.bound * duration_s, 1)
    ceiling = () if ceiling_dbfs is None else (Evidence("dynamics.clipping.ceiling_dbfs", ceiling_dbfs, None, "dBFS"),)
    yield Draft(
        breach,
        f"Clipped tops: {count(runs, 'run', 'runs')} of equal samples",
        (Evidence(_SAMPLES, samples, allowed, "samples"), *ceiling),
        "Cut tops are distortion that no later gain takes back.",
        (
            Advice(
                "Find what clips: lower the input of the last device by 3 dB and look whether the tops come back.",
                "Utility",
                (Setting("gain", -3.0, "dB"),),
            ),
            Advice("If a clipper is meant, oversample it four times.", "Clipper", (Setting("oversampling", 4.0, "x"),)),
        ),
        case.ranges("dynamics.clipping.ranges"),
    )


def true_peak(case: Case) -> Iterator[Draft]:
    """Yield a finding where the wave between the samples goes over the ceiling."""
    breach = case.breach(_TRUE_PEAK, "true_peak_dbtp")
    if breach is None:
        return
    bound = breach.limit.bound
    where = "above full scale" if breach.value > 0 else f"above {figure(bound, 'dBTP')}"
    if case.stage is Stage.PREMASTER:
        excess_db = round(breach.value - bound, 1)
        advice = Advice(
            f"Utility on the master: {signed(-excess_db, 'dB')}. No limiter.",
            "Utility",
            (Setting("gain", -excess_db, "dB"),),
        )
    else:
        advice = Advice(
            f"Limiter ceiling {figure(bound, 'dBTP')}, true-peak mode on.",
            "Limiter",
            (Setting("ceiling", bound, "dBTP"),),
        )
    yield Draft(
        breach,
        f"True peak is {where}",
        (evidence(_TRUE_PEAK, breach),),
        "Between its samples the wave goes higher than they do. Converters and lossy encoders clip there.",
        (advice,),
        case.ranges("dynamics.inter_sample_overs"),
    )


def codec_headroom(case: Case) -> Iterator[Draft]:
    """Yield a remark where a loud master leaves encoders less room than one page asks for."""
    loudness = case.number("loudness.integrated_lufs")
    breach = case.breach(_TRUE_PEAK, "codec_headroom_dbtp")
    if breach is None or loudness is None or loudness <= _LOUD_MASTER_LUFS:
        return
    if case.breach(_TRUE_PEAK, "true_peak_dbtp") is not None:
        return  # that finding says the same and more
    yield Draft(
        breach,
        f"{figure(-breach.value, 'dB')} of room for lossy encoders",
        (evidence(_TRUE_PEAK, breach), Evidence("loudness.integrated_lufs", loudness, None, "LUFS")),
        "Encoders add noise, and loud masters peak higher after them.",
        (Advice(f"A ceiling of {figure(breach.limit.bound, 'dBTP')} is on the safe side.", "Limiter"),),
    )


RULES = (
    Rule(
        "clipping.flat-tops",
        Family.CLIPPING,
        "Runs of equal samples at a ceiling",
        ("clipped_samples_per_s",),
        Confidence.MEASURED,
        flat_tops,
    ),
    Rule(
        "clipping.true-peak",
        Family.CLIPPING,
        "True peak",
        ("true_peak_dbtp",),
        Confidence.MEASURED,
        true_peak,
    ),
    Rule(
        "clipping.codec-headroom",
        Family.CLIPPING,
        "True peak of a master louder than −14 LUFS",
        ("codec_headroom_dbtp",),
        Confidence.CONVENTION,
        codec_headroom,
    ),
)
