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
    absent: str = ""
    """What is said where the report has no such finding."""


def _topic(words: str, *paths: str, findings: tuple[str, ...] = (), weight: float = 1.0, absent: str = "") -> Topic:
    return Topic(re.compile(rf"(?<!\w)(?:{words})", re.IGNORECASE), paths, findings, weight, absent)


TOPICS = (
    _topic(
        r"integrated|overall loud|how loud|lufs|too (?:loud|quiet)|loud(?:er|ness)?\b|quiet(?:er)?\b|volume",
        "loudness.integrated_lufs",
        findings=("loudness.",),
    ),
    _topic(r"short[- ]term", "loudness.short_term_max_lufs", weight=3),
    _topic(r"momentary", "loudness.momentary_max_lufs", weight=3),
    _topic(r"loudness range|lra\b|dynamic range|in lu\b", "loudness.range_lu", findings=("loudness.range",), weight=3),
    _topic(
        r"loudest (?:moment|part|bit|passage|spot|place|stretch|seconds?)|(?:where|when|what time).*\bloudest",
        "loudness.loudest",
        weight=2.4,
    ),
    _topic(
        r"contrast|(?:quiet|soft)\w*.*\bloud(?:est|er)?\b.*(?:section|part)|loudest.*quietest|"
        r"(?:jump|difference) between.*(?:sections?|parts?|verse|chorus|drop)",
        "structure.contrast_db",
        findings=("structure.contrast",),
        weight=3.5,
    ),
    _topic(
        r"true[- ]?peak|dbtp|tp\b|ceiling|headroom|inter-?sample|between samples|clip|peaks?\b|"
        r"(?:over|above|past) (?:zero|0|full scale)|(?:in the|shows?|goes|going|into the) red\b|distort",
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
    _topic(r"hum\b|mains", findings=("technical.hum",), weight=2, absent="No hum of the mains was found."),
    _topic(
        r"dc\b|(?:wave\w*|signal|speaker).*(?:off|not) (?:centre|center|zero)",
        findings=("technical.dc-offset",),
        weight=4.5,
        absent="No DC offset was found.",
    ),
    _topic(
        r"click|pops?\b|crackl|glitch|drop-?outs?\b",
        findings=("technical.clicks", "technical.dropouts", "technical.cut"),
        weight=3,
        absent="No clicks, dropouts or cut ends were found.",
    ),
    _topic(
        r"cut off|cuts? off|endings?\b|(?:at|near) the end|ends? (?:abrupt|sudden|clean)|finish(?:es)?\b|tail|"
        r"fade[- ]?out",
        "dynamics.faults.cut_end_dbfs",
        findings=("technical.cut.end",),
        weight=2,
    ),
    _topic(
        r"beginning|(?:at|near) the start|starts? (?:abrupt|sudden|clean|inside|in the middle)|fade[- ]?in|"
        r"jumps? (?:straight |right )?in",
        "dynamics.faults.cut_start_dbfs",
        findings=("technical.cut.start",),
        weight=2,
    ),
    _topic(r"silence|gap", "dynamics.silence.head_s", "dynamics.silence.tail_s", weight=2),
    _topic(r"slope|tilt|(?:too )?(?:bright|dark|dull)", "spectrum.tilt_db_per_octave", findings=("tone.",), weight=2),
    _topic(
        r"bandwidth|roll[- ]?(?:s |ed )?off|lossy|mp3 source|upsampl|"
        r"(?:frequenc\w*|spectrum|highs?|treble|top)\b.*\b(?:stops?|ends?|missing|gone|cut)\b|"
        r"(?:brick ?)?wall\b.*\b(?:up top|top|highs?|analy[sz]er|spectrum)|cliff",
        "spectrum.bandwidth_hz",
        findings=("technical.lossy", "technical.upsampled", "tone.dull"),
        weight=3.5,
    ),
    _topic(r"harsh|piercing|aggressive", "spectrum.harshness_db", findings=("tone.sharpness",), weight=2),
    _topic(r"sibilan|esses|de-?ess", "spectrum.sibilance_db", findings=("tone.sharpness",), weight=3),
    _topic(
        r"resonan|ring(?:s|ing)?\b|whistl|(?:stuck|standing|sticking|boomy|single|one) (?:note|tone|frequency)",
        findings=("tone.resonance",),
        weight=2.5,
        absent="No steady resonance was found.",
    ),
    _topic(
        r"mudd?y?\b|boom(?:y|ing)?|rumbl",
        findings=("tone.corridor.bass-over", "tone.corridor.low-mids-over", "tone.corridor.sub-over"),
        weight=2,
        absent="No build-up in the sub, bass or low mids was found.",
    ),
    _topic(
        r"thin\b|weak\b|weight|hollow|lacks? (?:body|bottom|low|warm)|no (?:body|bottom|lows?|warmth)|\bholes?\b",
        findings=("tone.corridor.sub-under", "tone.corridor.bass-under", "tone.corridor.low-mids-under"),
        weight=2,
        absent="The sub, bass and low mids are not under the target.",
    ),
    _topic(
        r"muffl|dull\b|sparkl|lifeless|blanket",
        findings=("tone.dull", "tone.corridor.high-mids-under", "tone.corridor.highs-under"),
        weight=2.5,
        absent="The high mids and highs are not under the target.",
    ),
    _topic(
        r"correlation|phase (?:meter|issue|problem)", "stereo.correlation", findings=("phase.", "stereo."), weight=2
    ),
    _topic(
        r"mono\b|fold",
        "stereo.fold_down_loss_db",
        "stereo.correlation",
        findings=("phase.", "stereo.fold-down", "stereo.band-fold-down"),
        weight=1.5,
    ),
    _topic(
        r"cancel|out of phase|invert|polarity|vanish|disappear",
        findings=("phase.",),
        weight=3,
        absent="No passage was found in which the sides cancel.",
    ),
    _topic(
        r"low[- ]end|club (?:rig|system|pa\b|sound)|(?:pa|sound) system|big (?:rig|system)|"
        r"(?:wide|mono|width|sum).*\b(?:lows?|bass|subs?|kick)\b|"
        r"(?:lows?|bass|subs?|kick)\b.*\b(?:wide|mono|width|sum)",
        "stereo.low_end_side_to_mid_db",
        findings=("phase.low-end", "stereo.wide-low-end", "stereo.band-fold-down.bass", "stereo.band-fold-down.sub"),
        weight=2.5,
    ),
    _topic(r"wide|width|narrow|stereo (?:image|field|width)", "stereo.width", "stereo.correlation", weight=1.2),
    _topic(r"left|right|balance|lean|centred|centered", "stereo.balance_db", findings=("stereo.balance",), weight=1.5),
    _topic(
        r"bpm|tempo|how fast|(?:off|steady|tight|loose) (?:the )?(?:grid|click|time)",
        "rhythm.tempo_bpm",
        findings=("rhythm.",),
        weight=2,
    ),
    _topic(
        r"(?:sure|certain|confident|trust).*(?:tempo|bpm)|(?:tempo|bpm).*confiden",
        "rhythm.confidence",
        "rhythm.tempo_bpm",
        weight=4,
    ),
    _topic(r"(?:sure|certain|confident|trust).*key|key.*confiden", "tonality.confidence", "tonality.key", weight=4),
    _topic(r"key\b|scale\b|tonality", "tonality.key", "tonality.camelot", findings=("tonality.unsure",), weight=2),
    _topic(r"camelot|wheel", "tonality.camelot", "tonality.key", weight=3),
    _topic(r"chords?\b|progression", "tonality.chords", weight=3),
    _topic(r"tuning|440|detuned|in tune", "tonality.tuning_hz", findings=("tonality.tuning",), weight=2),
    _topic(
        r"time signature|beats (?:a|per) bar|"
        r"(?:which|what|musical|the) met(?:er|re)\b(?!.*\b(?:red|show|say|read|level))",
        "rhythm.meter",
        weight=3,
    ),
    _topic(
        r"sections?\b|structure|arrangement|drop\b|(?<!stereo )chorus\b(?! (?:on|effect|pedal))|verse|intro\b",
        "structure.sections",
        weight=1,
    ),
    _topic(r"how long|length|duration|minutes", "file.duration_s", weight=2),
    _topic(r"sample rate|khz\b", "file.sample_rate_hz", findings=("technical.upsampled", "technical.file"), weight=3),
    _topic(
        r"bit ?depth|bits?\b|dither",
        "file.bit_depth",
        "dynamics.faults.effective_bits",
        findings=("technical.unused-bits",),
        weight=2.5,
    ),
    _topic(
        r"(?:file )?format\b|lossless|distribut|aggregator|\blabels?\b|hand (?:it|this|in)|deliver|"
        r"(?:right|good|proper) file",
        "file.format",
        findings=("technical.lossy-file", "technical.file", "technical.lossy-source", "technical.unused-bits"),
        weight=3,
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
    "bass": r"bass\b|lows?\b(?![- ]?(?:mid|end))|bottom\b",
    "low mids": r"low[- ]?mids?|lower mids?|mud|boxy|boxiness|hollow|thin\b|warm|body\b",
    "mids": r"(?<!low )(?<!low-)(?<!high )(?<!high-)mids?\b|midrange|honk|nasal",
    "high mids": r"high[- ]?mids?|upper mids?|presence|tinny|bite\b|muffl",
    "highs": r"highs?\b(?![- ]?mid)|treble|top end|sparkl|crisp|dull\b|bright",
    "air": r"air\b|airy",
}
SUBJECTS = ("loudness", "dynamics", "tone", "stereo", "technical", "arrangement")
HOW = re.compile(
    r"how (?:do|did|does|is|are|was|were) .*(?:measur|comput|calculat|detect|work)|which (?:method|standard)",
    re.IGNORECASE,
)
OUTSIDE = re.compile(
    r"\b(?:buy|purchase|weather|news|cheap|composed|composer|singer|artist|lyrics|melody|catchy|"
    r"(?:a|be|become|next|chart) hit\b|for me\b|download|password|refund|joke|(?:many|more) plays\b|"
    r"followers|royalt|viral|playlists?\b|earn|famous|sign (?:me|us|it|this|that)\b|get (?:me |us |it )?signed|"
    r"which (?:plug-?in|compressor|limiter|synth|reverb))",
    re.IGNORECASE,
)
"""What a report cannot know, whatever else the question names."""
SOURCES = re.compile(
    r"\b(?:vocals?|vox|voice|singing|snares?|claps?|hi-?hats?|hats|cymbals?|toms?|guitars?|pianos?|keys|strings|brass|"
    r"leads?|pads?|drums?|samples?)\b.*\b(?:loud|quiet|low|high|sit\w*|level|balance|against|back|front|forward|buried|"
    r"good|right|enough|tight|off|cut(?:s|ting)? through|pok\w+|stick\w*)\b",
    re.IGNORECASE,
)
"""One instrument beside the others, which nobody can measure in a finished mix."""
_WORDS = (
    "loudness loudest quiet quieter volume integrated momentary range headroom "
    "clipping distortion limiter dynamics punch transients noise clicks crackle "
    "silence bandwidth harsh sibilance resonance ringing muddy boomy muffled "
    "correlation phase polarity stereo width balance centre tempo steady "
    "camelot chords tuning sections structure arrangement chorus verse intro "
    "length duration sample codec encode priority score target genre format "
    "lossless distributor label sparkle treble presence spectrum frequency "
    "frequencies beginning ending abruptly contrast signature bitrate platform "
    "streaming normalise master mastering "
)
WORDS = frozenset(_WORDS.split())
"""Words that a question may hold misspelt."""
