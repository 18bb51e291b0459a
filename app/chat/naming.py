"""What figures are called: metrics, bands, codecs and scores, and the platforms, keys and sections of a report."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from app.analyses.document import rows, section, text
from app.chat.measures import SCORES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.analyses.document import Document
    from app.chat.fact import Fact

    Words = tuple[tuple[re.Pattern[str], str], ...]


def compiled(words: str) -> re.Pattern[str]:
    """Return the pattern of some words, in any case."""
    return re.compile(words, re.IGNORECASE)


PLAYS = r"plays?\b|playback|normali[sz]"
_CANCELS = r"cancel|missing|invert|out of phase|opposed|vanish|disappear|\bgone\b"
_EXTREME = "(?:loudest|softest|quietest)"
METRICS = (
    (
        r"integrated|overall loudness|\b(?:your|its|whole|average|total) loudness\b(?! range)",
        "loudness.integrated_lufs",
    ),
    (r"\b(?:an|the|your|its|overall) average\b|\boverall\b", "loudness.integrated_lufs"),
    (r"\bthe loudness (?:reads|is|sits|lands|comes|measures|stands)\b", "loudness.integrated_lufs"),
    (r"short[- ]term", "loudness.short_term_max_lufs"),
    (r"momentary", "loudness.momentary_max_lufs"),
    (r"loudness range|\bthe range\b|\blra\b|dynamic range", "loudness.range_lu"),
    (r"true[- ]peaks?|inter-?sample peaks?", "loudness.true_peak_dbtp"),
    (r"\b(?:your own|the original|the source)(?: file)?\b", "loudness.true_peak_dbtp"),
    (r"headroom", "headroom"),
    (r"sample peak|highest sample", "loudness.sample_peak_dbfs"),
    (r"\bplr\b|peak[- ]to[- ]loudness", "loudness.plr_db"),
    (r"\bpsr\b|peak (?:over|to) (?:the )?short[- ]term|loudest (?:part|passage|section)", "loudness.psr_min_db"),
    (r"\blimits?\b|beyond|\bcorridor\b", "limit"),
    (r"crest", "dynamics.crest_db"),
    (r"\bdr\b", "dynamics.dr"),
    (r"noise floor|\bhiss\b|background noise|noise level", "dynamics.noise_floor_dbfs"),
    (r"\b(?:silence|silent|gap)\b[^.;]{0,24}?\b(?:start|beginning|front|head|before)\b", "dynamics.silence.head_s"),
    (r"\b(?:head|lead-in|leading|opening|start)[- ]silence", "dynamics.silence.head_s"),
    (r"\b(?:tail|trailing|closing|end)[- ]silence|\btail\b", "dynamics.silence.tail_s"),
    (r"\bat the (?:very )?(?:start|beginning|front|head)\b", "dynamics.silence.head_s"),
    (r"\b(?:starts?|begins?|opens?) (?:with|on|after)\b", "dynamics.silence.head_s"),
    (r"\bbefore the (?:first|music|start)\b", "dynamics.silence.head_s"),
    (r"\b(?:ends?|closes?|finish(?:es)?) (?:with|on|in)\b", "dynamics.silence.tail_s"),
    (r"\b(?:silence|silent|gap)\b[^.;]{0,24}?\b(?:end|ending|tail|after|behind)\b", "dynamics.silence.tail_s"),
    (r"\bat the (?:very )?(?:end|tail)\b|^ after (?:it|that|the music)\b|\bafter it ends\b", "dynamics.silence.tail_s"),
    (r"\bdc\b", "dynamics.dc_offset"),
    (r"\blast (?:samples?|ones?)\b|\bvery last\b", "dynamics.faults.cut_end_dbfs"),
    (r"\bfirst (?:samples?|ones?)\b|\bvery first\b", "dynamics.faults.cut_start_dbfs"),
    (r"\btail\b|\bending\b|(?<!low )(?<!low-)(?<!top )\bends?\b|\bstops?\b", "dynamics.faults.cut_end_dbfs"),
    (r"\bbeginning\b|(?<!corridor )\b(?:begins?|starts?|opens?)\b", "dynamics.faults.cut_start_dbfs"),
    (r"\btilt\b|\bslope\b", "spectrum.tilt_db_per_octave"),
    (
        r"bandwidth|roll(?:s|ed)?[- ]?off|spectrum (?:\w+ )?(?:ends|stops|reaches)|lossy|\bcut-?off|transcod",
        "spectrum.bandwidth_hz",
    ),
    (r"harsh", "spectrum.harshness_db"),
    (r"sibilan", "spectrum.sibilance_db"),
    (r"correlat", "stereo.correlation"),
    (r"\bwidth\b", "stereo.width"),
    (r"\bbalance\b|\bleans? (?!dark|bright|heavy|warm|thin)|\bone side\b|\bchannels differ", "stereo.balance_db"),
    (r"\b(?:left|right) (?:side|channel)\b|\bleft and right\b", "stereo.balance_db"),
    (r"(?<!over the )(?<!across the )\b(?:whole|full) (?:mix|track|thing)\b", "stereo.fold_down_loss_db"),
    (r"\bset\b[^.;]{0,30}?\btempo|\btempo\b[^.;]{0,30}?\bset\b", "live_set.tempo_bpm"),
    (r"\bmono\b|fold[- ]?(?:ed |ing )?down|\bfolding\b", "stereo.fold_down_loss_db"),
    (
        r"(?<!thin )(?<!safe )(?<!loud )(?<!quiet )(?<!dark )(?<!bright )\bsides?\b|\bwide (?:low[- ]end|bass|subs?)\b",
        "stereo.low_end_side_to_mid_db",
    ),
    (r"\btempo\b|\b(?:half|double)[- ]time\b", "rhythm.tempo_bpm"),
    (r"\bstretch(?:es)?\b|\bsegments?\b|wander|\bvar(?:y|ies)\b|\bbetween\b", "rhythm.tempo_segments"),
    (r"\b(?:starts?|begins?|opens?|ends?) (?:\w+ )?(?:slower|faster)\b", "rhythm.tempo_segments"),
    (r"\b(?:opening|first) (?:stretch|segment)\b", "rhythm.tempo_segments.first"),
    (r"\b(?:final|last|closing) (?:stretch|segment)\b", "rhythm.tempo_segments.last"),
    (r"\bdrifts?\b|\bgrid\b", "rhythm.drift_s"),
    (r"\bkey\b|\bnext guess\b|\brunner-up\b", "confidence.key"),
    (r"\btempo\b|\bbpm\b", "confidence.tempo"),
    (rf"contrast|\bsections? span|{_EXTREME}\b[^.;]{{0,30}}?\b{_EXTREME}(?: \w+)?", "structure.contrast_db"),
    (r"loudest (?:\w+ ){0,2}(?:seconds?|moment|stretch|part)|hottest", "loudness.loudest"),
    (rf"\b(?:{PLAYS})|\b(?:most|streaming) (?:services|platforms)\b", "platforms.target"),
    (r"\bstability\b", "rhythm.stability"),
    (r"\bfirst (?:down)?beat\b|\bgrid (?:starts|begins)\b", "rhythm.first_beat"),
    (rf"{_CANCELS}|polarity", "inverted"),
    (
        rf"\b(?:bass|low[- ]end|lows?)\b[^.;]{{0,60}}?(?:{_CANCELS})\w*",
        "inverted.bass",
    ),
    (rf"\b(?:sides?|passages?)\b[^.;]{{0,60}}?(?:{_CANCELS})\w*", "inverted.sides"),
    (r"\btun(?:ing|ed)\b|concert pitch", "tonality.tuning_hz"),
    (r"\bhum\b", "dynamics.faults.hum"),
    (r"\bclicks?\b", "dynamics.faults.clicks"),
    (r"\btransients?\b", "dynamics.transients_per_s"),
    (r"\blength\b|\bduration\b|\blong\b", "file.duration_s"),
    (r"\bend \(?after\b", "file.duration_s"),
    (r"sample rate", "file.sample_rate_hz"),
    (r"resonan|\brings?\b|\bringing\b|\bwhistl", "resonance"),
)
BAND_WORDS = {
    "sub": r"\bsubs?\b",
    "bass": r"\bbass\b",
    "low mids": r"\blow[- ]mids?\b",
    "mids": r"(?<!low )(?<!low-)(?<!high )(?<!high-)\bmids\b",
    "high mids": r"\bhigh[- ]mids?\b",
    "highs": r"\bhighs\b",
    "air": r"\bair\b",
}
BANDS = tuple(BAND_WORDS)
CODEC_WORDS = {"mp3": r"\bmp3\b", "vorbis": r"\bvorbis\b|\bogg\b", "opus": r"\bopus\b", "aac": r"\baac\b"}
OF_A_BAND = {
    "fold": r"(?:los|drop|cancel|fold|mono|gives? up|giving up)\w*",
    "correlation": r"correlat\w*",
    "width": "width",
}
"""Metrics that each band has too."""
METRICS_OF_BANDS = {
    "stereo.fold_down_loss_db": "fold",
    "stereo.correlation": "correlation",
    "stereo.width": "width",
}
_ORDINALS = {"first": 0, "second": 1, "third": 2, "fourth": 3, "last": -1, "final": -1}


def _of_bands() -> Iterator[tuple[re.Pattern[str], str]]:
    for band, words in BAND_WORDS.items():
        yield compiled(words), f"band.{band}"
        for metric, named in OF_A_BAND.items():
            yield compiled(rf"{words}[^.;]{{0,40}}?\b{named}|\b{named}[^.;]{{0,40}}?{words}"), f"{metric}.{band}"


_NAMES: Words = (
    *((compiled(words), subject) for words, subject in METRICS),
    *_of_bands(),
    *((compiled(words), f"codec.{codec}") for codec, words in CODEC_WORDS.items()),
    *((compiled(rf"\b{name}\b"), f"score.{name}") for name in SCORES),
    (compiled(r"\btotal\b|\boverall\b"), "score.total"),
)


def names_in(facts: tuple[Fact, ...]) -> Words:
    """Return every name of a figure: of metrics, and of the platforms, keys and sections of this report."""
    made = list(_NAMES)
    for subject in sorted({fact.subject for fact in facts}):
        kind, _, name = subject.partition(".")
        if kind == "platform":
            made.append((compiled(rf"\b{_platform(name)}\b(?:[^.;,]{{0,30}}?\b(?:{PLAYS}))?"), subject))
        elif kind == "key":
            made.append((compiled(key_words(name)), subject))
        elif kind == "track":
            made.append((re.compile(rf"\b{name}\b"), subject))
        elif kind == "section":
            made.append((section_words(name), subject))
    return (*made, *_by_edges(facts))


def _platform(name: str) -> str:
    """Return how a platform is named: Apple Music without its second word too."""
    maker, _, service = name.partition(" ")
    return rf"{re.escape(maker)}(?: {re.escape(service)})?" if service and maker != "youtube" else re.escape(name)


def _by_edges(facts: tuple[Fact, ...]) -> Iterator[tuple[re.Pattern[str], str]]:
    """Yield how bands are named by the frequencies that they reach from and to."""
    edges: defaultdict[str, list[float]] = defaultdict(list)
    for fact in facts:
        if fact.subject.startswith("band.") and fact.unit == "Hz":
            edges[fact.subject].append(fact.value)
    for subject, values in edges.items():
        low, high = _hertz(min(values)), _hertz(max(values))
        yield compiled(rf"(?<![\d.]){low}\s*(?:to|–|-|and)\s*{high}"), subject


def _hertz(value: float) -> str:
    """Return how a frequency may be written, the unit left out where the other edge has it."""
    plain = re.escape(f"{value:g}")
    return (
        rf"(?:{plain}\s*(?:Hz)?|{re.escape(f'{value / 1000:g}')}\s*k?(?:Hz)?)"
        if value >= 1000
        else rf"{plain}\s*(?:Hz)?"
    )


def named_sections(document: Document) -> Iterator[tuple[str, Document]]:
    """Yield each section by its label, and by its place among those that share it, as in ``a.second``."""
    found = rows(section(document, "structure"), "sections")
    alike = Counter(text(row, "label").lower() for row in found)
    seen: Counter[str] = Counter()
    for row in found:
        label = text(row, "label").lower()
        yield label, row
        if alike[label] > 1:
            places = {seen[label], seen[label] - alike[label]}
            yield from ((f"{label}.{word}", row) for word, place in _ORDINALS.items() if place in places)
        seen[label] += 1


def bands_in(text: str) -> list[str]:
    """Return the bands that a text names."""
    return [band for band, words in BAND_WORDS.items() if has(words, text)]


def key_words(name: str) -> str:
    """Return how a key such as ``Eb major`` may be written."""
    note, _, mode = name.partition(" ")
    sign = {"b": "(?:b|♭|[- ]flat)", "#": "(?:#|♯|[- ]sharp)"}.get(note[1:], "")
    return rf"(?<!\w){note[:1]}{sign}[- ]{mode}\b"


def section_words(name: str) -> re.Pattern[str]:
    """Return how a section is named; a letter alone is one only where it cannot be an article."""
    label, _, ordinal = name.partition(".")
    if len(label) > 1:
        return compiled(rf"\b{ordinal}\W+{re.escape(label)}\b" if ordinal else rf"\b{re.escape(label)}\b")
    letter = label.upper()
    if ordinal:
        return re.compile(rf"\b(?:{ordinal}|{ordinal.title()})\W+{letter}\b")
    verb = (
        r"(?:(?:i|si|li|la|ca|ru|dro|ri|fa|sta|be|hi|co|clim|pea|jum|se|me|re)\w*s"
        r"|takes|gets|goes|wins|opens|brings|arrives|enters|keeps|holds|moves|floats|adds|pushes|tops)\b"
    )
    return re.compile(
        rf"(?:\b(?:[Ss]ection|[Pp]art|[Tt]he) \**|\*\*){letter}\b"
        rf"|\| {letter}(?= \|)"
        rf"|\b{letter}\b(?=\** (?:section|part)|\**: | \(|\** {verb}| (?:at|with) |\** ?$"
        r"|,? (?:from|starting(?: at)?) \d)"
    )


def has(words: str, text: str) -> bool:
    """Tell whether a text has some of the words."""
    return re.search(words, text, re.IGNORECASE) is not None
