"""Rules about the file as it is handed on: format, rate, depth, where it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.advice.model import Advice, Confidence, Evidence, Family, Setting
from app.advice.reading import rows_at, text_at
from app.advice.rule import Draft, Rule, evidence
from app.advice.words import figure, hertz

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.advice.rule import Case

_LOSSLESS = frozenset({"wav", "aiff", "flac"})
_CUTOFF = "dynamics.faults.lossy_cutoff_hz"
_UPSAMPLED = "dynamics.faults.upsampled_from_hz"
_BITS = "dynamics.faults.effective_bits"
_BROKEN = frozenset({"damaged", "shorter_than_claimed"})


def lossy_file(case: Case) -> Iterator[Draft]:
    """Yield a finding where the file itself is lossy."""
    kind, breach = text_at(case.document, "file.format"), case.limit("lossy_file").breach(1.0)
    if kind is None or kind in _LOSSLESS or breach is None:
        return
    yield Draft(
        breach,
        f"The file is lossy: {kind.upper()}",
        (Evidence("file.format", kind, "wav, aiff or flac", ""),),
        "Every service encodes again, and the losses add up. Readings of peaks are those of the copy.",
        (Advice("Export WAV, 24 bits, at the rate of the project.", None, (Setting("bit depth", 24.0, "bits"),)),),
    )


def lossy_source(case: Case) -> Iterator[Draft]:
    """Yield a finding where a lossless file ends in the cliff of an encoder."""
    breach = case.breach(_CUTOFF, "lossy_source")
    if breach is None or text_at(case.document, "file.format") not in _LOSSLESS:
        return
    yield Draft(
        breach,
        f"The spectrum ends in a cliff at {hertz(breach.value)}",
        (evidence(_CUTOFF, breach, 0),),
        "Encoders and low-passes leave such an end. If a lossy file was converted, what it lost is gone.",
        (
            Advice("Export from the project again, from lossless sources."),
            Advice(f"Look for a steep low-pass near {hertz(breach.value)} on the master.", "EQ"),
        ),
    )


def upsampled(case: Case) -> Iterator[Draft]:
    """Yield a finding where the file was converted up from a lower rate."""
    breach = case.breach(_UPSAMPLED, "upsampled")
    if breach is None:
        return
    rate_hz = case.number("file.sample_rate_hz")
    yield Draft(
        breach,
        f"Converted up from {hertz(breach.value)}",
        (Evidence(_UPSAMPLED, breach.value, None, "Hz"), Evidence("file.sample_rate_hz", rate_hz or 0.0, None, "Hz")),
        "The file is larger and holds no more.",
        (
            Advice(
                f"Export at {hertz(breach.value)}, the rate of the project.",
                None,
                (Setting("rate", breach.value, "Hz"),),
            ),
        ),
    )


def unused_bits(case: Case) -> Iterator[Draft]:
    """Yield a finding where samples of 24 bits use fewer."""
    breach = case.breach(_BITS, "effective_bits")
    if breach is None:
        return
    yield Draft(
        breach,
        f"Only {figure(breach.value, 'bits', 0)} of {figure(case.number('file.bit_depth') or 24.0, '', 0)} are used",
        (evidence(_BITS, breach, 0),),
        "Somewhere it was exported with fewer bits, and what was below them is gone.",
        (
            Advice(
                "Export at 24 bits from the project, with no file in between.",
                None,
                (Setting("bit depth", 24.0, "bits"),),
            ),
        ),
    )


def file_numbers(case: Case) -> Iterator[Draft]:
    """Yield findings on sample rate, bit depth and channels."""
    for name, words, text in (
        ("sample_rate_hz", "Sample rate", "Export at 44.1 or 48 kHz."),
        ("bit_depth", "Bit depth", "Export at 24 bits."),
        ("channels", "Channels", "Export in stereo."),
    ):
        path = f"file.{name}"
        breach = case.breach(path, name)
        if breach is None:
            continue
        yield Draft(
            breach,
            f"{words}: {figure(breach.value, breach.limit.unit, 0)}",
            (evidence(path, breach, 0),),
            "Labels and stores ask for more, and a conversion adds nothing that was not there.",
            (Advice(text, None, (Setting(words.lower(), breach.limit.bound, breach.limit.unit),)),),
            part=name.removesuffix("_hz").replace("_", "-"),
        )


def damaged(case: Case) -> Iterator[Draft]:
    """Yield a finding where the reader met damage."""
    for place, row in enumerate(rows_at(case.document, "notes")):
        code, breach = text_at(row, "code"), case.limit("damaged").breach(1.0)
        if code in _BROKEN and breach is not None:
            yield Draft(
                breach,
                "The file is damaged",
                (Evidence(f"notes.{place}.code", str(code), None, ""),),
                text_at(row, "reason") or "The reader met bytes that are no sound.",
                (Advice("Export or copy the file again."),),
                part=str(code).replace("_", "-"),
            )


RULES = (
    Rule(
        "technical.lossy-file", Family.TECHNICAL, "Format of the file", ("lossy_file",), Confidence.MEASURED, lossy_file
    ),
    Rule(
        "technical.lossy-source",
        Family.TECHNICAL,
        "A cliff at the end of the spectrum of a lossless file",
        ("lossy_source",),
        Confidence.INFERRED,
        lossy_source,
    ),
    Rule(
        "technical.upsampled",
        Family.TECHNICAL,
        "The end of the spectrum against the sample rate",
        ("upsampled",),
        Confidence.INFERRED,
        upsampled,
    ),
    Rule(
        "technical.unused-bits",
        Family.TECHNICAL,
        "Bits that the samples use",
        ("effective_bits",),
        Confidence.MEASURED,
        unused_bits,
    ),
    Rule(
        "technical.file",
        Family.TECHNICAL,
        "Sample rate, bit depth, channels",
        ("sample_rate_hz", "bit_depth", "channels"),
        Confidence.MEASURED,
        file_numbers,
    ),
    Rule("technical.damaged", Family.TECHNICAL, "Damage met by the reader", ("damaged",), Confidence.MEASURED, damaged),
)
