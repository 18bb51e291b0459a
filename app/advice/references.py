"""A target of one's own: what one to ten reference tracks have in common.

Only figures are kept of a reference, so that a target outlives the audio that it was learned from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING, Any

from app.advice.model import Grade, Source, Stage
from app.advice.reading import line_at, number_at
from app.advice.target import LearnedBand, find_target

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from app.advice.reading import Document
    from app.advice.target import Corridor, Limit, Target

OWN = "references"
"""What stands in a target's name for the genre."""

FEWEST, MOST = 1, 10

MARGIN_DB = 3.0
"""Room on both sides of what the references span in a third octave."""

LOUDNESS_MARGIN_LU = 2.0
RATIO_MARGIN_DB = 1.0

_FITTED_HZ = (190.0, 4200.0)


class BadReferences(ValueError):
    """No target can be learned from these documents; the message says why."""


@dataclass(frozen=True, slots=True)
class References:
    """What was learned: plain figures that can be stored as JSON."""

    count: int
    as_of: str
    bands: tuple[LearnedBand, ...]
    quietest_lufs: float
    loudest_lufs: float
    least_psr_db: float


def learn(documents: Sequence[Document], *, as_of: str) -> References:
    """Learn from reports of reference tracks.

    Parameters
    ----------
    documents
        Reports of the engine, one to ten.
    as_of
        The date, as it shall be shown.

    Raises
    ------
    BadReferences
        If there are too few or too many, or one has no loudness or no tone.
    """
    if not FEWEST <= len(documents) <= MOST:
        raise BadReferences(f"A target needs {FEWEST} to {MOST} tracks, not {len(documents)}.")
    curves = [_curve(document) for document in documents]
    shared = sorted(set.intersection(*(set(curve) for curve in curves)))
    loudness = _figures(documents, "loudness.integrated_lufs")
    return References(
        count=len(documents),
        as_of=as_of,
        bands=tuple(_band(centre_hz, [curve[centre_hz] for curve in curves]) for centre_hz in shared),
        quietest_lufs=min(loudness),
        loudest_lufs=max(loudness),
        least_psr_db=min(_figures(documents, "loudness.psr_min_db")),
    )


def features_of(document: Document) -> dict[str, Any]:
    """Keep of a report only what a target is learned from.

    Raises
    ------
    BadReferences
        If nothing can be learned from it.
    """
    third_octave = {name: line_at(document, f"spectrum.third_octave.{name}") for name in ("centre_hz", "level_db")}
    loudness = {name: number_at(document, f"loudness.{name}") for name in ("integrated_lufs", "psr_min_db")}
    features: dict[str, Any] = {"loudness": loudness, "spectrum": {"third_octave": third_octave}}
    learn([features], as_of="")
    return features


def target_of(references: References, base: Target) -> Target:
    """Put what was learned in the place of a target's corridor and loudness; the rest stays."""
    limits = {stage: dict(rows) for stage, rows in base.limits.items()}
    master = limits[Stage.MASTER]
    for name, kind, value in (
        ("integrated_low_lufs", "check", references.quietest_lufs - LOUDNESS_MARGIN_LU),
        ("integrated_high_lufs", "note", references.loudest_lufs + LOUDNESS_MARGIN_LU),
        ("psr_min_db", "check", references.least_psr_db - RATIO_MARGIN_DB),
    ):
        master[name] = _limit(master[name], kind, value, references)
    source = _source(references, f"What the references span and {MARGIN_DB:g} dB on both sides")
    return replace(
        base,
        name=f"{OWN}-{base.destination}",
        genre=OWN,
        title=f"{references.count} references",
        note="Learned from your references; the margins are a house proposal.",
        limits=limits,
        corridor=replace(base.corridor, learned=references.bands, source=source),
    )


def _curve(document: Document) -> dict[float, float]:
    """Levels by band, laid on the general corridor as a mix is laid on it."""
    corridor = find_target("general").corridor
    centres_hz = line_at(document, "spectrum.third_octave.centre_hz")
    levels_db = line_at(document, "spectrum.third_octave.level_db")
    pairs = [
        (centre_hz, level_db)
        for centre_hz, level_db in zip(centres_hz, levels_db, strict=False)
        if centre_hz is not None and level_db is not None and corridor.judges(centre_hz)
    ]
    offset_db = _offset_db(pairs, corridor)
    return {centre_hz: level_db - offset_db for centre_hz, level_db in pairs}


def _offset_db(pairs: list[tuple[float, float]], corridor: Corridor) -> float:
    low_hz, high_hz = _FITTED_HZ
    offsets = [level - corridor.centre_db(centre) for centre, level in pairs if low_hz <= centre <= high_hz]
    if not offsets:
        raise BadReferences("One of the tracks has no tone to learn from.")
    return median(offsets)


def _band(centre_hz: float, levels_db: list[float]) -> LearnedBand:
    low_db, high_db = min(levels_db), max(levels_db)
    return LearnedBand(centre_hz, round((low_db + high_db) / 2, 2), round((high_db - low_db) / 2 + MARGIN_DB, 2))


def _figures(documents: Iterable[Document], path: str) -> list[float]:
    figures = [number_at(document, path) for document in documents]
    known = [figure for figure in figures if figure is not None]
    if len(known) < len(figures):
        raise BadReferences("One of the tracks is silent or shorter than 3 s.")
    return known


def _limit(limit: Limit, kind: str, value: float, references: References) -> Limit:
    """A limit with one threshold, of the given kind."""
    return replace(
        limit,
        note=round(value, 2) if kind == "note" else None,
        check=round(value, 2) if kind == "check" else None,
        fix=None,
        source=_source(references, "Beyond what the references have, with a margin"),
    )


def _source(references: References, how: str) -> Source:
    return Source("Your references", None, Grade.HOUSE, references.as_of, how)
