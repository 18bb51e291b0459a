"""Telling an amount that is recommended from one that was measured, by the words round it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.chat.quoting import Quoted

_VERB = (
    r"cut|boost|raise|lower|reduce|increase|decrease|add|remove|set|try|aim|push|pull|drive|bring|turn|put|use|apply|"
    r"high-?pass|low-?pass|filter|notch|dip|attenuate|trim|side-?chain|duck|compress|export|fade|shorten|lengthen|keep|"
    r"start|drop|shelve|roll|tighten|back|nudge|shift|delay|widen|narrow|take|give|make|pan|place|dial|scoop|tame|"
    r"soften|lift|move|leave|render|automate|gate|clip|saturate|come|go|sweep|master|convert|re-?limit|"
    r"let|ride|tuck|shave|pitch|carve|ease|calm|tune|fine-?tune|retune|detune|transpose|re-?export"
)
_PLAIN_VERB = "set|dial(?: in)?|use|apply|try|add|boost|raise|lower|reduce|trim|sweep|cut by"
"""What is an order wherever it stands right before an amount."""
_LEAD = (
    r"so|then|and|or|first|next|also|just|instead|you|could|can|should|might|may|want|to|need|let|please|now|consider|"
    r"simply|maybe|perhaps|there|here|carefully|gently|if|that|helps|i|would|we|finally|by|i'd|it|must"
)
_COMMAND = re.compile(
    r"^(?:[^:]{1,40}:|\s*In (?:an?|your) (?:[\w-]+ ){1,2})?"
    rf"(?:[\s*_\-\d.)]|(?:{_LEAD})\b|On T\d+,?)*\b(?:{_VERB})\b(?!:)",
    re.IGNORECASE,
)
_MODAL = "should|could|can|might|must|to|need to|try|try to|consider|by|i'd|recommend|suggest"
_GERUND = "cutting|boosting|raising|lowering|reducing|adding|setting|pushing|pulling|trimming|backing"
_HOPE = (
    r"\b(?:i'd|i would|you'd|you would|you) (?:want|like|look for|aim for)\b"
    r"|\b(?:aim(?:ing)? for|ideally|i like to see|get (?:the|your|it|this))\b"
    r"|\b(?:should|ought to|would) (?:be|need|sit|stay|lie)\b"
)
_WISH = re.compile(
    rf"\b(?:{_MODAL})\s+(?:\w+ly\s+)?(?:{_VERB})(?:ting|ing|ding)?\b|\b(?:{_GERUND})\b(?!:)|{_HOPE}", re.IGNORECASE
)
_NOUN = (
    r"notch(?:es)?|bell|shelf|boost|(?<!is )(?<!was )(?<!gets )(?<!are )cut|dip|fade(?:[- ](?:in|out))?|high-?pass|"
    r"low-?pass|ceiling|threshold|attack|release|filter|crossfade|reduction|gate|compressor|expander|limiter|lookahead"
)
_TOOL = re.compile(
    rf"\b(?:{_NOUN})\b(?:\s\w+){{0,2}}?\s(?:of|at|to|by|around|from|near|under|below)"
    r"\s*(?:about|around|roughly)?[\s*_]*$"
    r"|\b(?:notch|bell|(?:high |low |high-|low-)?shelf|fade(?:[- ](?:in|out))?)(?: it)?[:,(]*\s*$|\bceiling[: ]*\(?$"
    r"|\bpulled (?:\w+ )?(?:by )?$|\b(?:don't|do not)\s+(?:\w+\s+){0,4}$"
    rf"|\b(?:fix|remedy|cure|moves?|eq):\s*$|(?:→|->)\s*(?:(?:{_VERB})\s+(?:by\s+)?)?$|\b(?:eq|de-?esser) at $|"
    r"\b(?:say|anything (?:at|from|between|in)),?\s*$"
    rf"|\b(?:{_PLAIN_VERB})\s+(?:it |this |that )?(?:to |by |at )?(?:about |around |roughly )?$",
    re.IGNORECASE,
)
_TOOL_BEHIND = re.compile(
    r"^\s*\**\s*(?:(?:of|in)\s+)?(?:attack|release|fade|lookahead|pre-?delay|crossfade|notch|bell|shelf|more|extra|"
    r"limiting|(?:gain )?reduction|compression|monitor)\b"
    r"|^\** is (?:the|a good) (?:goal|target|aim)\b"
    r"|^\W*with an? [\w -]{0,24}\b(?:bell|shelf|notch|filter)\b|^\W*helps\b"
    r"|^\W*(?:into|through) (?:a|the|your)\b[^.;,]{0,24}\blimiter\b"
    r"|^[^.;,]{0,24}\b(?:would|will|should) (?:help|do|be enough)\b",
    re.IGNORECASE,
)
_OR_MORE = re.compile(r"^\** or (?:lower|less|more|higher)\b[^.;,]{0,12}\b(?:safe|fine|enough)\b", re.IGNORECASE)
"""Behind a bound that one may go past, as in "-12 dB or lower is safe"."""
_SAID_AGAIN = re.compile(
    r"\bdB (?:at|around|near) (?:about |roughly )?$|^\s*(?:that's|that is|i\.e\.) (?:about |roughly )?$", re.IGNORECASE
)
"""The place of an amount, as in "-4 dB at 300 Hz", or the same in other words: "to C, that's about 65 Hz"."""
_ADVISED = re.compile(
    r"\b(?:suggested|recommended|advised|proposed)\b|\ba CD\b|\b(?:usually|typically|usual)\b|\bguides?\b"
    r"|\b(?:common rule|rule of thumb)\b|\b(?:many|most) (?:engineers|people|mixers)\b"
    r"|\bthe (?:human )?ear\b|\banything (?:\w+ than|with|under|below|over|above)\b"
    r"|\b(?:won't|doesn't|never) (?:push|let|raise|lift)\b[^.;]*$"
    r"|\ban? (?:decent|clean|good|typical|normal) [a-z ]{3,24}? (?:stays?|has|have|sits?|keeps?)\b",
    re.IGNORECASE,
)
_WIDENED = re.compile(r"\bwiden\w*\b[^.;]*$", re.IGNORECASE)
_WIDTH = re.compile(r"\bwidth (?:to |at |of )?(?:about |around )?$", re.IGNORECASE)
"""What a percentage behind it is a device's setting of."""
_ECHO = re.compile(
    r"\b(?:echo|feedback|de-?esser|(?<!track )delay)\b[^.;\d]{0,48}$|\b(?:broadcast|cinema|radio)\b[^.;\d]{0,12}$",
    re.IGNORECASE,
)
"""What a report measures nothing of."""
_FULL_SCALE = re.compile(r"\b(?:above|over|past|beyond|under|below|north of)\s*$", re.IGNORECASE)
_KNOWN_BEHIND = re.compile(
    r"^[\s*_]*(?:that|which|is|as) [^.;,]{0,24}\b(?:usual(?:ly)?|common|guides?|i'd call|drums|mixes"
    r"|rule of thumb|people)\b"
    r"|^[\s*_]*(?:that )?\w+(?: music)? (?:asks?|wants?|recommends?|suggests?)\b",
    re.IGNORECASE,
)
_IN_THEORY = re.compile(r"^\W*of (?:dynamic )?range\b", re.IGNORECASE)
_OF_FULL_SCALE = frozenset({"dBFS", "dBTP"})
_BITS_DB = frozenset({96.0, 98.0, 144.0, 146.0})
"""The range of 16 and 24 bits, about 6.02 dB a bit."""
_HEADED = re.compile(
    r"\b(?:moves?|do|fix|action|advice|suggest\w*|recommend\w*|try|setting|remedy|cure)\b", re.IGNORECASE
)
"""The head of a column of amounts that are recommended."""
_PITCH = re.compile(
    r"\b[A-G](?:b|#|♭|♯|[- ](?:flat|sharp))?\d?(?: fundamental)? (?:sits|lives|is|lies|falls) (?:at|near|around) $"
)
"""The frequency of a note, which is known without a measurement."""
_GOES_ON = re.compile(r"^\s*(?:to|by|around|of|at|about|or|in|from|for|until|between|up|down)?\s*$", re.IGNORECASE)
_MEASURED = re.compile(r"\b(?:will|won't|already|currently)\b|(?<!\bi )(?<!\byou )(?<!\bwe )\bwould\b", re.IGNORECASE)
_STATE = re.compile(
    r"\b(?:is|are|was|were|sits?|reads?|measures?|shows?|comes?|hits?|reach(?:es)?|has|have|stands?|lies?|at|over|under|"
    r"above|below|than|loses?|costs?|peaks?)\b|n't\b|'re\b|'s\b",
    re.IGNORECASE,
)


def _is_known(quoted: Quoted) -> bool:
    """Tell whether a figure is known without a measurement: a note, full scale, the range of 16 bits, a custom."""
    figure = quoted.figures[0]
    is_full_scale = figure.value == 0 and figure.unit in _OF_FULL_SCALE and _FULL_SCALE.search(quoted.before)
    is_range = figure.value in _BITS_DB and _IN_THEORY.search(quoted.after)
    return bool(is_full_scale or is_range or _PITCH.search(quoted.before) or _KNOWN_BEHIND.search(quoted.after))


def _is_setting(quoted: Quoted) -> bool:
    """Tell whether a device of which nothing is measured is set to a figure."""
    said = quoted.sentence_before + quoted.before
    is_width = _WIDTH.search(quoted.before) is not None and not _STATE.search(quoted.before)
    is_percentage = quoted.figures[0].unit == "%" and (is_width or _WIDENED.search(said) is not None)
    return is_percentage or _ECHO.search(said) is not None


class Advice:
    """Reads the quotes of one answer in their order, since an order goes on to the next amount of its sentence."""

    def __init__(self) -> None:
        """Begin an answer."""
        self._said: dict[str, bool] = {}
        self._sentence_start = -1
        self._end = 0
        self._was_advised = False

    def is_advised(self, quoted: Quoted) -> bool:
        """Tell whether a quote is an amount that is recommended."""
        start = quoted.start - len(quoted.before) - len(quoted.sentence_before)
        goes_on = start == self._sentence_start and self._was_advised
        since = self._unread(quoted.before, quoted.start)
        found = (
            self._is_order(quoted)
            or self._was_ordered(quoted)
            or (goes_on and (_SAID_AGAIN.search(quoted.before) is not None or not _STATE.search(since)))
        )
        self._said[quoted.sentence_before + quoted.before] = found
        self._sentence_start, self._was_advised, self._end = start, found, quoted.end
        return found

    def _unread(self, text: str, end: int) -> str:
        """Return what of a text that ends there stands behind the last quote."""
        return text[max(0, len(text) - (end - self._end)) :]

    def _was_ordered(self, quoted: Quoted) -> bool:
        """Tell whether an order stands before the clause: "export longer, around 2 s", "give pads or guitars +2 dB"."""
        said = self._unread(quoted.sentence_before, quoted.start - len(quoted.before))
        is_open = _GOES_ON.match(quoted.before) is not None or said.endswith((" or ", " and "))
        lead = said.rpartition(": ")[2]
        return is_open and _COMMAND.search(lead) is not None and not _STATE.search(lead + quoted.before)

    def _is_order(self, quoted: Quoted) -> bool:
        before = quoted.before
        named = before if before.strip() else quoted.sentence_before
        if _is_known(quoted) or _is_setting(quoted) or _HEADED.search(quoted.heading):
            return True
        if _ADVISED.search(before) or _OR_MORE.match(quoted.after + quoted.sentence_after):
            return True
        if _SAID_AGAIN.search(before) and _COMMAND.search(quoted.sentence_before):
            return True
        if _COMMAND.search(before) or _WISH.search(named) or _TOOL.search(named) or _TOOL_BEHIND.search(quoted.after):
            return not _MEASURED.search(before.rpartition(": ")[2])
        if not _GOES_ON.match(before):
            return False
        return any(said for text, said in self._said.items() if quoted.sentence_before.startswith(text[:40]) and text)
