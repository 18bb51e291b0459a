"""Rules about lossy copies: what real encoders make of the peaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.advice.model import Advice, Confidence, Evidence, Family, Setting
from app.advice.reading import line_at, number_at, ranges_at, rows_at, text_at
from app.advice.rule import Draft, Rule, evidence
from app.advice.words import figure, signed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.advice.rule import Case

_BANDS_UNDER_AIR = 6
"""Bands up to 16 kHz: what is above, encoders leave out on purpose."""

_HIGHEST_CEILING_DBTP = -1.0
"""No advice goes over what Spotify asks for, even where an encoder added nothing."""


def codecs(case: Case) -> Iterator[Draft]:
    """Yield one finding where peaks pass full scale after an encoder, told by the worst of them."""
    peaks = [
        (peak_dbtp, place, row)
        for place, row in enumerate(rows_at(case.document, "codecs"))
        if (peak_dbtp := number_at(row, "true_peak_dbtp")) is not None
    ]
    if not peaks:
        return
    peak_dbtp, place, row = max(peaks, key=lambda item: (item[0], -item[1]))
    breach = case.limit("codec_true_peak_dbtp").breach(peak_dbtp)
    if breach is None:
        return
    name, rate_kbps = text_at(row, "name") or "An encoder", number_at(row, "bitrate_kbps") or 0.0
    added_db = peak_dbtp - (case.number("loudness.true_peak_dbtp") or 0.0)
    ceiling_dbtp = round(min(-added_db, _HIGHEST_CEILING_DBTP), 1)
    others = [other for other in sorted(peaks, key=lambda item: item[1]) if other[1] != place]
    yield Draft(
        breach,
        f"{name} at {figure(rate_kbps, 'kbit/s', 0)} peaks at {signed(peak_dbtp, 'dBTP')}",
        (
            evidence(f"codecs.{place}.true_peak_dbtp", breach),
            *(Evidence(f"codecs.{at}.true_peak_dbtp", peak, None, "dBTP") for peak, at, _ in others),
        ),
        "Measured on real encodes of the loudest passages. Players that decode to whole numbers clip there.",
        (
            Advice(
                f"Limiter ceiling {figure(ceiling_dbtp, 'dBTP')}, true-peak mode on, then measure the copy again.",
                "Limiter",
                (Setting("ceiling", ceiling_dbtp, "dBTP"),),
            ),
        ),
        ranges_at(row, "overs"),
    )


def band_losses(case: Case) -> Iterator[Draft]:
    """Yield a remark for each encoder that takes a band away; the air band goes in most."""
    for place, row in enumerate(rows_at(case.document, "codecs")):
        changes_db = line_at(row, "band_difference_db")[:_BANDS_UNDER_AIR]
        name, rate_kbps = text_at(row, "name"), number_at(row, "bitrate_kbps") or 0.0
        losses = [(-change_db, band) for band, change_db in enumerate(changes_db) if change_db is not None]
        if name is None or not losses:
            continue
        loss_db, band = max(losses)
        breach = case.limit("codec_band_loss_db").breach(loss_db)
        if breach is None:
            continue
        where = text_at(case.document, f"spectrum.bands.{band}.name") or f"band {band + 1}"
        path = f"codecs.{place}.band_difference_db.{band}"
        yield Draft(
            breach,
            f"{name} at {figure(rate_kbps, 'kbit/s', 0)} takes {figure(loss_db, 'dB')} from the {where}",
            (Evidence(path, round(-loss_db, 2), -breach.limit.bound, breach.limit.unit),),
            "Encoders drop what they take for masked. Noise-like highs and wide sounds go first.",
            (Advice("Listen to the copy. Less noise and less width in this band leave the encoder more bits."),),
            part=f"{name.lower().replace(' ', '-')}-{rate_kbps:.0f}",
        )


RULES = (
    Rule(
        "codec.peak",
        Family.CODEC,
        "True peak after real encodes",
        ("codec_true_peak_dbtp",),
        Confidence.MEASURED,
        codecs,
    ),
    Rule(
        "codec.band-loss",
        Family.CODEC,
        "Levels of bands after real encodes",
        ("codec_band_loss_db",),
        Confidence.MEASURED,
        band_losses,
    ),
)
