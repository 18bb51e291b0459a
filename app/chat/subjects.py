"""What a quoted figure is about: the name that stands nearest to it, of a metric, a band, a section or a platform."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from app.chat.measures import SCORES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from app.chat.facts import Fact
    from app.chat.quoting import Quoted

    Words = tuple[tuple[re.Pattern[str], str], ...]


def _compiled(words: str) -> re.Pattern[str]:
    return re.compile(words, re.IGNORECASE)


_PLAYS = r"plays?\b|playback|normali[sz]"
_CANCELS = r"cancel|missing|invert|out of phase|opposed|vanish|disappear|\bgone\b"
METRICS = (
    (
        r"integrated|overall loudness|\b(?:your|its|whole|average|total) loudness\b(?! range)",
        "loudness.integrated_lufs",
    ),
    (r"\bthe loudness (?:reads|is|sits|lands|comes|measures|stands)\b", "loudness.integrated_lufs"),
    (r"short[- ]term", "loudness.short_term_max_lufs"),
    (r"momentary", "loudness.momentary_max_lufs"),
    (r"loudness range|\blra\b|dynamic range", "loudness.range_lu"),
    (r"true[- ]peaks?|inter-?sample peaks?", "loudness.true_peak_dbtp"),
    (r"headroom", "headroom"),
    (r"sample peak|highest sample", "loudness.sample_peak_dbfs"),
    (r"\bplr\b|peak[- ]to[- ]loudness", "loudness.plr_db"),
    (r"\bpsr\b|peak (?:over|to) (?:the )?short[- ]term|loudest (?:part|passage|section)", "loudness.psr_min_db"),
    (r"\blimits?\b|beyond|\bcorridor\b", "limit"),
    (r"crest", "dynamics.crest_db"),
    (r"\bdr\b", "dynamics.dr"),
    (r"noise floor|\bhiss\b|background noise|noise level", "dynamics.noise_floor_dbfs"),
    (r"\b(?:silence|silent|gap)\b[^.;]{0,24}?\b(?:start|beginning|front|head|before)\b", "dynamics.silence.head_s"),
    (r"\bat the (?:very )?(?:start|beginning|front|head)\b", "dynamics.silence.head_s"),
    (r"\b(?:silence|silent|gap)\b[^.;]{0,24}?\b(?:end|ending|tail|after|behind)\b", "dynamics.silence.tail_s"),
    (r"\bat the (?:very )?(?:end|tail)\b", "dynamics.silence.tail_s"),
    (r"\bdc\b", "dynamics.dc_offset"),
    (r"\btail\b|\bending\b|\bends?\b|\bstops?\b", "dynamics.faults.cut_end_dbfs"),
    (r"\bbeginning\b|\bbegins?\b|\bstarts?\b|\bopens?\b", "dynamics.faults.cut_start_dbfs"),
    (r"\btilt\b|\bslope\b", "spectrum.tilt_db_per_octave"),
    (r"bandwidth|roll(?:s|ed)?[- ]?off|spectrum (?:\w+ )?(?:ends|stops|reaches)", "spectrum.bandwidth_hz"),
    (r"harsh", "spectrum.harshness_db"),
    (r"sibilan", "spectrum.sibilance_db"),
    (r"correlation", "stereo.correlation"),
    (r"\bwidth\b", "stereo.width"),
    (r"\bbalance\b|\bleans?\b|\b(?:left|right) (?:side|channel)\b", "stereo.balance_db"),
    (r"\b(?:whole|full) (?:mix|track|thing)\b", "stereo.fold_down_loss_db"),
    (r"\bset\b[^.;]{0,30}?\btempo|\btempo\b[^.;]{0,30}?\bset\b", "live_set.tempo_bpm"),
    (r"\bmono\b|fold[- ]?(?:ed |ing )?down|\bfolding\b", "stereo.fold_down_loss_db"),
    (r"\bsides?\b", "stereo.low_end_side_to_mid_db"),
    (r"\btempo\b", "rhythm.tempo_bpm"),
    (r"\bstretch(?:es)?\b|\bsegments?\b|wander|\bvar(?:y|ies)\b|\bbetween\b", "rhythm.tempo_segments"),
    (r"\bdrifts?\b|\bgrid\b", "rhythm.drift_s"),
    (r"\bkey\b", "confidence.key"),
    (r"\btempo\b|\bbpm\b", "confidence.tempo"),
    (r"contrast|\bsections? span", "structure.contrast_db"),
    (r"loudest (?:\w+ ){0,2}(?:seconds?|moment|stretch|part)|hottest", "loudness.loudest"),
    (rf"\b(?:{_PLAYS})", "platforms.target"),
    (rf"{_CANCELS}|polarity", "inverted"),
    (
        rf"\b(?:bass|low[- ]end|lows?)\b[^.;]{{0,60}}?(?:{_CANCELS})\w*",
        "inverted.bass",
    ),
    (rf"\b(?:sides?|passages?)\b[^.;]{{0,60}}?(?:{_CANCELS})\w*", "inverted.sides"),
    (r"\btun(?:ing|ed)\b", "tonality.tuning_hz"),
    (r"\blength\b|\bduration\b|\blong\b", "file.duration_s"),
    (r"sample rate", "file.sample_rate_hz"),
    (r"resonan|\brings?\b|\bringing\b", "resonance"),
    (r"\bmp3\b", "codec.mp3"),
    (r"\bvorbis\b|\bogg\b", "codec.vorbis"),
    (r"\bopus\b", "codec.opus"),
    (r"\baac\b", "codec.aac"),
)
_BANDS = {
    "sub": r"\bsubs?\b",
    "bass": r"\bbass\b",
    "low mids": r"\blow[- ]mids?\b",
    "mids": r"(?<!low )(?<!low-)(?<!high )(?<!high-)\bmids\b",
    "high mids": r"\bhigh[- ]mids?\b",
    "highs": r"\bhighs\b",
    "air": r"\bair\b",
}
_OF_A_BAND = {"fold": r"(?:los|drop|cancel|fold|mono)\w*", "correlation": "correlation", "width": "width"}
"""Metrics that each band has too."""
_METRICS_OF_BANDS = {
    "stereo.fold_down_loss_db": "fold",
    "stereo.correlation": "correlation",
    "stereo.width": "width",
}
_BINDS = _compiled(r"\s*(?:in|during|at|for|of) (?:the |your )?")
"""Behind a figure this binds it to what follows: "-12.8 LUFS in the drop"."""
_LEADS = _compiled(r"[\s*_\-]*(?:at|with)\s+(?:(?:an?|about|around|roughly|just|only)\s+)*[*_]*")
WIDTH_OF_AN_IS = 4
"""A limit is meant where the word stands right before or behind a figure, not anywhere in its clause."""
_ORDINALS = {"first": 0, "second": 1, "third": 2, "fourth": 3, "last": -1, "final": -1}
ONE_OF_MANY = frozenset({"resonance", "limit"})
"""Subjects of which there are several, told apart by their frequency."""


def _of_bands() -> Iterator[tuple[re.Pattern[str], str]]:
    for band, words in _BANDS.items():
        yield _compiled(words), f"band.{band}"
        for metric, named in _OF_A_BAND.items():
            yield _compiled(rf"{words}[^.;]{{0,40}}?\b{named}|\b{named}[^.;]{{0,40}}?{words}"), f"{metric}.{band}"


_NAMES: Words = (
    *((_compiled(words), subject) for words, subject in METRICS),
    *_of_bands(),
    *((_compiled(rf"\b{name}\b"), f"score.{name}") for name in SCORES),
    (_compiled(r"\btotal\b|\boverall\b"), "score.total"),
)


def names_in(facts: tuple[Fact, ...]) -> Words:
    """Return every name of a figure: of metrics, and of the platforms, keys and sections of this report."""
    made = list(_NAMES)
    for subject in sorted({fact.subject for fact in facts}):
        kind, _, name = subject.partition(".")
        if kind == "platform":
            made.append((_compiled(rf"\b{re.escape(name)}\b(?:[^.;,]{{0,30}}?\b(?:{_PLAYS}))?"), subject))
        elif kind == "key":
            made.append((_compiled(_key_words(name)), subject))
        elif kind == "track":
            made.append((re.compile(rf"\b{name}\b"), subject))
        elif kind == "section":
            made.append((_section_words(name), subject))
    return (*made, *_by_edges(facts))


def _by_edges(facts: tuple[Fact, ...]) -> Iterator[tuple[re.Pattern[str], str]]:
    """Yield how bands are named by the frequencies that they reach from and to."""
    edges: defaultdict[str, list[float]] = defaultdict(list)
    for fact in facts:
        if fact.subject.startswith("band.") and fact.unit == "Hz":
            edges[fact.subject].append(fact.value)
    for subject, values in edges.items():
        low, high = _hertz(min(values)), _hertz(max(values))
        yield _compiled(rf"(?<![\d.]){low}\s*(?:to|–|-|and)\s*{high}"), subject


def _hertz(value: float) -> str:
    """Return how a frequency may be written, the unit left out where the other edge has it."""
    plain = re.escape(f"{value:g}")
    return (
        rf"(?:{plain}\s*(?:Hz)?|{re.escape(f'{value / 1000:g}')}\s*k?(?:Hz)?)"
        if value >= 1000
        else rf"{plain}\s*(?:Hz)?"
    )


def ordinals_of(index: int, count: int) -> list[str]:
    """Return how the one of several sections that share a label is told apart."""
    return [word for word, place in _ORDINALS.items() if place in {index, index - count}]


def subjects_of(quoted: Quoted, possible: set[str], names: Words) -> tuple[str, ...]:
    """Return what a quote is about: the nearest name in its clause, else the last in its sentence before.

    Behind it comes what such a name may stand for too: a metric of the band that the sentence names, the cliff at
    which a spectrum ends, and the track's own loudness in a sentence about a platform.
    """
    found = (
        _nearest(quoted, possible, names)
        or _last_before(quoted, possible, names)
        or _first_behind(quoted, possible, names)
    )
    if not found:
        return ()
    metric = _METRICS_OF_BANDS.get(found)
    if metric:
        sentence = quoted.sentence_before + quoted.before + quoted.after
        return (found, *(f"{metric}.{band}" for band, words in _BANDS.items() if _has(words, sentence)))
    if found == "spectrum.bandwidth_hz":
        return (found, "dynamics.faults.lossy_cutoff_hz", "dynamics.faults.upsampled_from_hz")
    if found.startswith("platform.") and not _has(_PLAYS, quoted.before):
        return (found, "loudness.integrated_lufs")
    return (found,)


def _nearest(quoted: Quoted, possible: set[str], names: Words) -> str:
    near = [
        (distance, -length, subject)
        for pattern, subject in names
        if subject in possible
        for distance, length in _distances(pattern, quoted)
        if subject != "limit" or distance <= WIDTH_OF_AN_IS
    ]
    return min(near)[2] if near else ""


def _last_before(quoted: Quoted, possible: set[str], names: Words) -> str:
    behind = [
        (match.end(), match.end() - match.start(), subject)
        for pattern, subject in names
        if subject in possible - {"limit"}
        for match in pattern.finditer(quoted.sentence_before)
    ]
    return max(behind)[2] if behind else ""


def _first_behind(quoted: Quoted, possible: set[str], names: Words) -> str:
    """Return the first name of the clause that follows, as in "At -9 LUFS, the integrated loudness is fine"."""
    if not _LEADS.fullmatch(quoted.sentence_before + quoted.before):
        return ""
    behind = [
        (match.start(), match.start() - match.end(), subject)
        for pattern, subject in names
        if subject in possible - {"limit"}
        for match in pattern.finditer(quoted.sentence_after)
    ]
    return min(behind)[2] if behind else ""


def _distances(pattern: re.Pattern[str], quoted: Quoted) -> Iterable[tuple[int, int]]:
    """Yield how far a name is from a quote, and how long it is."""
    for match in pattern.finditer(quoted.before):
        yield len(quoted.before) - match.end(), match.end() - match.start()
    bound = _BINDS.match(quoted.after)
    for match in pattern.finditer(quoted.after):
        is_bound = bound is not None and bound.end() == match.start()
        yield 0 if is_bound else match.start(), match.end() - match.start()


def _has(words: str, text: str) -> bool:
    return re.search(words, text, re.IGNORECASE) is not None


def _key_words(name: str) -> str:
    """Return how a key such as ``Eb major`` may be written."""
    note, _, mode = name.partition(" ")
    sign = {"b": "(?:b|♭|[- ]flat)", "#": "(?:#|♯|[- ]sharp)"}.get(note[1:], "")
    return rf"(?<!\w){note[:1]}{sign}[- ]{mode}\b"


def _section_words(name: str) -> re.Pattern[str]:
    """Return how a section is named; a letter alone is one only where it cannot be an article."""
    label, _, ordinal = name.partition(".")
    if len(label) > 1:
        return _compiled(rf"\b{ordinal}\W+{re.escape(label)}\b" if ordinal else rf"\b{re.escape(label)}\b")
    letter = label.upper()
    if ordinal:
        return re.compile(rf"\b(?:{ordinal}|{ordinal.title()})\W+{letter}\b")
    return re.compile(rf"(?:\b(?:[Ss]ection|[Pp]art|[Tt]he) \**|\*\*){letter}\b|\b{letter}\b(?=\** (?:section|part))")
