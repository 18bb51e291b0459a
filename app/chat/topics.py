"""What the report guide can be asked, and by which words each is known."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """A subject of questions: figures by path, findings by how their identifiers begin."""

    words: re.Pattern[str]
    paths: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    weight: float = 1.0
    """Higher for words that mean one thing only."""


def _topic(words: str, *paths: str, findings: tuple[str, ...] = (), weight: float = 1.0) -> Topic:
    return Topic(re.compile(rf"(?<!\w)(?:{words})", re.IGNORECASE), paths, findings, weight)


TOPICS = (
    _topic(
        r"integrated|overall loud|how loud|lufs|too (?:loud|quiet)|loud(?:er|ness)?\b|quiet(?:er)?\b|volume",
        "loudness.integrated_lufs",
        findings=("loudness.",),
    ),
    _topic(r"short[- ]term", "loudness.short_term_max_lufs", weight=3),
    _topic(r"momentary", "loudness.momentary_max_lufs", weight=3),
    _topic(r"loudness range|lra\b|dynamic range|in lu\b", "loudness.range_lu", findings=("dynamics.range",), weight=3),
    _topic(
        r"true[- ]?peak|dbtp|tp\b|ceiling|headroom|inter-?sample|between samples|clip",
        "loudness.true_peak_dbtp",
        findings=("clipping.",),
        weight=2,
    ),
    _topic(r"headroom", "loudness.true_peak_dbtp", "loudness.sample_peak_dbfs", weight=2),
    _topic(r"sample peak", "loudness.sample_peak_dbfs", weight=3),
    _topic(r"plr|peak[- ]to[- ]loudness", "loudness.plr_db", weight=3),
    _topic(
        r"psr|squash|squeez|crush|over-?compress|over-?limit|limited|brickwall",
        "loudness.psr_min_db",
        "loudness.plr_db",
        findings=("dynamics.",),
        weight=3,
    ),
    _topic(r"crest", "dynamics.crest_db", weight=3),
    _topic(
        r"dr\b|dr value|tt meter|dynamics?\b|punch",
        "dynamics.dr",
        "dynamics.crest_db",
        findings=("dynamics.",),
        weight=1.5,
    ),
    _topic(r"transients?", "dynamics.transients_per_s", weight=2),
    _topic(r"noise|hiss", "dynamics.noise_floor_dbfs", findings=("technical.noise",), weight=2),
    _topic(r"hum\b|mains", findings=("technical.hum",), weight=2),
    _topic(r"click|pops?\b|crackl|glitch", findings=("technical.clicks", "technical.dropouts"), weight=3),
    _topic(
        r"cut off|cuts? off|ending|tail|fade|beginning|starts? (?:abrupt|sudden)",
        "dynamics.faults.cut_end_dbfs",
        findings=("technical.cut",),
        weight=2,
    ),
    _topic(r"silence|gap", "dynamics.silence.head_s", "dynamics.silence.tail_s", weight=2),
    _topic(r"slope|tilt|(?:too )?(?:bright|dark|dull)", "spectrum.tilt_db_per_octave", findings=("tone.",), weight=2),
    _topic(
        r"bandwidth|roll[- ]?(?:s |ed )?off|lossy|mp3 source|upsampl",
        "spectrum.bandwidth_hz",
        findings=("technical.lossy", "technical.upsampled"),
        weight=2.5,
    ),
    _topic(r"harsh|piercing|aggressive", "spectrum.harshness_db", findings=("tone.harsh",), weight=2),
    _topic(r"sibilan|esses|de-?ess", "spectrum.sibilance_db", findings=("tone.sibil",), weight=3),
    _topic(r"resonan|ring(?:s|ing)?\b|whistl|boxy", findings=("tone.resonance",), weight=2.5),
    _topic(r"mudd?y?\b|boom(?:y|ing)?", findings=("tone.corridor.bass", "tone.corridor.low-mids"), weight=2),
    _topic(
        r"correlation|phase (?:meter|issue|problem)", "stereo.correlation", findings=("phase.", "stereo."), weight=2
    ),
    _topic(
        r"mono\b|fold",
        "stereo.fold_down_loss_db",
        "stereo.correlation",
        findings=("phase.mono", "phase.fold"),
        weight=1.5,
    ),
    _topic(r"cancel|out of phase|invert|polarity", findings=("phase.",), weight=3),
    _topic(
        r"low[- ]end|bass (?:width|mono)|wide.*(?:low|bass)|(?:low|bass).*wide",
        "stereo.low_end_side_to_mid_db",
        findings=("phase.low-end", "stereo.low-end"),
        weight=2,
    ),
    _topic(r"wide|width|narrow|stereo (?:image|field|width)", "stereo.width", "stereo.correlation", weight=1.2),
    _topic(r"left|right|balance|lean|centred|centered", "stereo.balance_db", findings=("stereo.balance",), weight=1.5),
    _topic(r"bpm|tempo|how fast", "rhythm.tempo_bpm", weight=2),
    _topic(
        r"(?:sure|certain|confident|trust).*(?:tempo|bpm)|(?:tempo|bpm).*confiden",
        "rhythm.confidence",
        "rhythm.tempo_bpm",
        weight=4,
    ),
    _topic(r"(?:sure|certain|confident|trust).*key|key.*confiden", "tonality.confidence", "tonality.key", weight=4),
    _topic(r"key\b|scale\b|tonality", "tonality.key", "tonality.camelot", weight=2),
    _topic(r"camelot|wheel", "tonality.camelot", "tonality.key", weight=3),
    _topic(r"chords?\b|progression", "tonality.chords", weight=3),
    _topic(r"tuning|440|detuned|in tune", "tonality.tuning_hz", weight=2),
    _topic(r"time signature|met(?:er|re)\b|beats (?:a|per) bar", "rhythm.meter", weight=3),
    _topic(r"sections?\b|structure|arrangement|drop\b|chorus|verse|intro\b", "structure.sections", weight=1),
    _topic(r"how long|length|duration|minutes", "file.duration_s", weight=2),
    _topic(r"sample rate|khz\b", "file.sample_rate_hz", findings=("technical.upsampled", "technical.rate"), weight=3),
    _topic(
        r"bit ?depth|bits?\b|dither",
        "file.bit_depth",
        "dynamics.faults.effective_bits",
        findings=("technical.unused-bits",),
        weight=2.5,
    ),
    _topic(r"channels?\b|stereo or mono|mono or stereo", "file.channels", weight=4),
    _topic(r"encod|codec|opus|vorbis|ogg|aac|mp3\b", "codecs", findings=("codec.",), weight=2),
    _topic(
        r"(?:fix|do|change|improve|work on|tackle|start with|focus).*(?:first|next|most)|priorit|worst|"
        r"biggest (?:problem|issue)|most important|what.s wrong|what should i (?:fix|change|do|improve)",
        "findings",
        weight=3,
    ),
    _topic(r"score|rating|grade\b|points", "scores", weight=2.5),
    _topic(r"genre|target|judged against|corridor", "target", weight=1),
)

BANDS = {
    "sub": r"sub(?:s|-bass)?\b",
    "bass": r"bass\b|lows?\b(?![- ]?(?:mid|end))",
    "low mids": r"low[- ]?mids?|lower mids?",
    "mids": r"(?<!low )(?<!low-)(?<!high )(?<!high-)mids?\b|midrange",
    "high mids": r"high[- ]?mids?|upper mids?|presence",
    "highs": r"highs?\b(?![- ]?mid)|treble|top end",
    "air": r"air\b",
}
SUBJECTS = ("loudness", "dynamics", "tone", "stereo", "technical", "arrangement")
MEANS = re.compile(
    r"what (?:does|do|is|are|'s)|what's (?!the|my)|explain|mean(?:s|ing)?\b|define|difference between", re.IGNORECASE
)
HOW = re.compile(
    r"how (?:do|did|does|is|are|was|were) .*(?:measur|comput|calculat|detect|work)|which (?:method|standard)",
    re.IGNORECASE,
)
OUTSIDE = re.compile(
    r"\b(?:buy|purchase|weather|news|cheap|composed|composer|singer|artist|lyrics|melody|catchy|hit\b"
    r"|for me\b|download|password|refund|joke)",
    re.IGNORECASE,
)
"""What a report cannot know, whatever else the question names."""
