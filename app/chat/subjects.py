"""What a quoted figure is about: the name that stands nearest to it, of a metric, a band, a section or a platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.chat.naming import CODEC_WORDS, METRICS_OF_BANDS, OF_A_BAND, PLAYS, bands_in, compiled, has

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator

    from app.chat.naming import Words
    from app.chat.quoting import Quoted


_BINDS = compiled(r"\s*(?:in|during|at|for|of) (?:the |your )?")
"""Behind a figure this binds it to what follows: "-12.8 LUFS in the drop"."""
_OF_ALL = r"\b(?:overall|whole|total|full|all|costs?|lose|folding|track|mix)\b"
"""In such a sentence a figure may be of all bands together."""
_TOGETHER = r"\b(?:overall|whole|total|full|all)\b"
_IT = compiled(r"\bit (?:scores|gets|reads)\s*$")
_LEADS = compiled(r"[\s*_\-]*(?:at|with)\s+(?:(?:an?|about|around|roughly|just|only)\s+)*[*_]*")
_FOR_THE = compiled(r",\s+for (?:the|your|its)\b")
_READ_OTHERWISE = compiled(r"\b(half|double)[- ]time\b[^.;]{0,24}\b(?:is|of|at|be|count)\s+(?:about |around )?[*_]*$")
_TURN = compiled(r"\b(?:before(?! the (?:first|music|start))|until|till|then)\b")
"""What comes behind it is told of something later."""
_ORDINAL = compiled(r"\bthe (first|second|third|fourth|last)(?: one)? (?:at|is|sits|reaches|with) $")
_OF_A_LIMIT = r"Hz|\b(?:corridor|limit|edge)\b|\btoo (?:strong|much|loud|little|weak|quiet)\b"
_OF_ENERGY = r"\b(?:energy|share|hold|carr)"
_CLIFFS = ("dynamics.faults.lossy_cutoff_hz", "dynamics.faults.upsampled_from_hz")
_PAIR = compiled(r"\band $")
_OR_ELSE = (
    r"\b(?:half|halftime|double|twice|third|alternativ\w*|could|might|may|also|either|instead|otherwise|feels?|count"
    r"|readings?)\b"
)
"""In such a sentence a tempo may be another that the beats allow."""
_PAIRED_LETTERS = 16
WIDTH_OF_AN_IS = 4
"""A limit is meant where the word stands right before or behind a figure, not anywhere in its clause."""
ONE_OF_MANY = frozenset({"resonance", "limit"})
"""Subjects of which there are several, told apart by their frequency."""


def subjects_of(quoted: Quoted, possible: set[str], names: Words) -> tuple[str, ...]:
    """Return what a quote is about: the nearest name in its clause, else the last in its sentence before.

    Behind it comes what such a name may stand for too: a metric of the band that the sentence names, what a codec
    makes of a band, the cliff at which a spectrum ends, other readings of a tempo, and the track's own loudness in a
    sentence about a platform.
    """
    found = _named_by(quoted, possible, names)
    stands_for = _stands_for(found, quoted) if found else _of_bands_alone(quoted, possible)
    return (*stands_for, *_changes(quoted, possible))


def _of_bands_alone(quoted: Quoted, possible: set[str]) -> tuple[str, ...]:
    """Return whatever is known of the bands that a clause names without a metric, as in a list that goes on."""
    bands = [] if has(_OF_A_LIMIT, quoted.clause) else bands_in(quoted.clause)
    return tuple(name for name in sorted(possible) if name.rpartition(".")[2] in bands)


def _changes(quoted: Quoted, possible: set[str]) -> Iterator[str]:
    """Yield what the codecs that a sentence names make of the bands that the clause names."""
    codecs = [codec for codec, words in CODEC_WORDS.items() if has(words, quoted.sentence)]
    bands = [*bands_in(quoted.clause), *(("highs", "air") if has(r"\btop\b", quoted.clause) else ())]
    yield from (name for codec in codecs for band in bands if (name := f"codec.{codec}.{band}") in possible)


def _named_by(quoted: Quoted, possible: set[str], names: Words) -> str:
    if quoted.before.strip() == "after" and not quoted.after.strip():
        return "file.duration_s"
    return (
        nearest(quoted, possible, names)
        # "It" is what the sentence began with.
        or (_first(quoted.sentence_before, possible, names) if _IT.search(quoted.before) else "")
        or (_first(quoted.sentence_after, possible, names) if _FOR_THE.match(quoted.sentence_after) else "")
        or _by_ordinal(quoted, possible)
        or last_in(quoted.sentence_before, possible, names)
        or (_first(quoted.sentence_after, possible, names) if _leads(quoted) else "")
    )


def _by_ordinal(quoted: Quoted, possible: set[str]) -> str:
    """Return the section that is told by its place alone, as in "the two breaks, the first at -17 LUFS"."""
    said = _ORDINAL.search(quoted.before)
    if said is None:
        return ""
    alike = (name for name in possible if name.startswith("section.") and name.endswith(f".{said[1].lower()}"))
    return next((name for name in alike if has(rf"\b{name.split('.')[1]}s\b", quoted.sentence_before)), "")


def _stands_for(found: str, quoted: Quoted) -> tuple[str, ...]:
    kind, _, rest = found.partition(".")
    if kind in OF_A_BAND:
        of_all = [metric for metric, name in METRICS_OF_BANDS.items() if name == kind and has(_TOGETHER, quoted.clause)]
        return (*of_all, *(f"{kind}.{name}" for name in bands_in(quoted.clause) or [rest]))
    if kind == "band":
        return _of_a_band(rest, quoted)
    if kind == "codec" and not has(CODEC_WORDS[rest.partition(".")[0]], quoted.clause):
        # Of "MP3 vs Opus: -0.3 dBTP, +0.2 dBTP" any may be meant.
        return (found, *(f"codec.{name}" for name, words in CODEC_WORDS.items() if has(words, quoted.sentence_before)))
    if found in METRICS_OF_BANDS:
        bands = [f"{METRICS_OF_BANDS[found]}.{band}" for band in bands_in(quoted.sentence)]
        return (found, *bands) if not bands or has(_OF_ALL, quoted.sentence) else tuple(bands)
    if found == "rhythm.tempo_bpm":
        return _of_tempo(found, quoted)
    if kind == "platform" and not has(PLAYS, quoted.before):
        return (found, "loudness.integrated_lufs")
    return (found, *_CLIFFS) if found == "spectrum.bandwidth_hz" else (found,)


def _of_a_band(band: str, quoted: Quoted) -> tuple[str, ...]:
    """Return the band; its width, where a sentence goes on about widths; or both of a pair that is told at once."""
    if quoted.figures[0].unit == "%" and has("width", quoted.heading + quoted.sentence_before):
        return (f"band.{band}" if has(_OF_ENERGY, quoted.clause) else f"width.{band}",)
    others = bands_in(quoted.sentence_before[-_PAIRED_LETTERS:]) if _PAIR.search(quoted.sentence_before) else []
    return tuple(f"band.{name}" for name in (band, *others))


def _of_tempo(found: str, quoted: Quoted) -> tuple[str, ...]:
    if otherwise := _READ_OTHERWISE.search(quoted.sentence_before + quoted.before):
        return (f"rhythm.alternatives.{otherwise[1].lower()}",)
    return (found, "rhythm.alternatives") if has(_OR_ELSE, quoted.sentence) else (found,)


def nearest(quoted: Quoted, possible: set[str], names: Words) -> str:
    """Return the subject whose name stands nearest to a quote in its clause, or none."""
    near = [
        (distance, -length, subject)
        for pattern, subject in names
        if subject in possible
        for distance, length in _distances(pattern, quoted)
        if subject != "limit" or distance <= WIDTH_OF_AN_IS
    ]
    return min(near)[2] if near else ""


def last_in(text: str, possible: set[str], names: Words) -> str:
    """Return the last subject that a text names, or none."""
    found = _named(text, possible, names)
    return max(((end, end - start, subject) for start, end, subject in found), default=(0, 0, ""))[2]


def _first(text: str, possible: set[str], names: Words) -> str:
    found = _named(text, possible, names)
    return min(((start, start - end, subject) for start, end, subject in found), default=(0, 0, ""))[2]


def _named(text: str, possible: set[str], names: Words) -> Iterator[tuple[int, int, str]]:
    """Yield where a text names a subject; a limit is named beside its figure alone."""
    for pattern, subject in names:
        if subject in possible and subject != "limit":
            yield from ((match.start(), match.end(), subject) for match in pattern.finditer(text))


def _leads(quoted: Quoted) -> bool:
    """Tell whether what is meant comes behind: "At -9 LUFS, the integrated loudness is fine"."""
    is_first = _LEADS.fullmatch(quoted.sentence_before + quoted.before) is not None
    return is_first or "confidence" in quoted.after


def _distances(pattern: re.Pattern[str], quoted: Quoted) -> Iterable[tuple[int, int]]:
    """Yield how far a name is from a quote, and how long it is."""
    for match in pattern.finditer(quoted.before):
        yield len(quoted.before) - match.end(), match.end() - match.start()
    bound = _BINDS.match(quoted.after)
    for match in pattern.finditer(_TURN.split(quoted.after, maxsplit=1)[0]):
        is_bound = bound is not None and bound.end() == match.start()
        yield 0 if is_bound else match.start(), match.end() - match.start()
