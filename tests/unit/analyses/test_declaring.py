"""What is declared is checked by name and size before a byte, and by its first bytes after."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analyses.declaring import check_head, declared_file, read_choices
from app.analyses.rules import FileKind
from app.audio.formats import AUDIO_FORMATS, FORMATS, HEAD_BYTES, Format
from app.kernel.errors import AppError, Invalid, TooLarge, UnsupportedFormat
from tests.making.audio import ENCODINGS, encoded
from tests.making.files import FFCONCAT, M4A, TEXT, live_set

MOST = 500 * 1024 * 1024
ENDINGS = [(kind, ending) for kind in AUDIO_FORMATS for ending in FORMATS[kind].extensions]


@pytest.mark.parametrize(("kind", "ending"), sorted(ENDINGS))
def test_every_accepted_ending_is_taken_in_any_case(kind: Format, ending: str) -> None:
    """The ending of a name tells the format, whatever its case."""
    for name in (f"Night Bus{ending}", f"Night.Bus{ending.upper()}"):
        declared = declared_file(FileKind.BOUNCE, name, 1000, max_bytes=MOST)
        assert (declared.format, declared.name, declared.size_bytes) == (kind, name, 1000)


def test_a_set_and_a_mix_do_not_stand_in_for_each_other() -> None:
    """A Live set is none of the mixes, and a mix is no Live set."""
    assert declared_file(FileKind.LIVE_SET, "a.als", 1, max_bytes=MOST).format is Format.LIVE_SET
    for kind, name in ((FileKind.BOUNCE, "a.als"), (FileKind.LIVE_SET, "a.wav"), (FileKind.LIVE_SET, "als")):
        with pytest.raises(UnsupportedFormat):
            declared_file(kind, name, 1, max_bytes=MOST)


@pytest.mark.parametrize(
    ("name", "way_out"),
    [
        ("a.m4a", "Bounce a WAV from your project instead."),
        ("a.mp4", "Bounce a WAV from your project instead."),
        ("a.zip", "Unpack it and drop the audio file itself."),
        ("a.mid", "Bounce the audio that it plays."),
        ("a.xyz", "Bounce WAV, AIFF, FLAC, MP3 or OGG."),
        ("wav", "Bounce WAV, AIFF, FLAC, MP3 or OGG."),
        (".wav", "Bounce WAV, AIFF, FLAC, MP3 or OGG."),
        ("a.wav.exe", "Bounce WAV, AIFF, FLAC, MP3 or OGG."),
    ],
)
def test_a_refusal_tells_the_way_out(name: str, way_out: str) -> None:
    """Whoever drops something else learns what to do."""
    with pytest.raises(UnsupportedFormat) as refused:
        declared_file(FileKind.BOUNCE, name, 1000, max_bytes=MOST)
    assert refused.value.way_out == way_out
    assert refused.value.sentence.startswith(name)


def test_size_is_more_than_nothing_and_at_most_the_cap() -> None:
    """One byte and the cap itself are taken; none, fewer and one more are not."""
    for size in (1, MOST):
        assert declared_file(FileKind.BOUNCE, "a.wav", size, max_bytes=MOST).size_bytes == size
    for size in (0, -1):
        with pytest.raises(Invalid, match="empty"):
            declared_file(FileKind.BOUNCE, "a.wav", size, max_bytes=MOST)
    with pytest.raises(TooLarge, match="500 MB"):
        declared_file(FileKind.BOUNCE, "a.wav", MOST + 1, max_bytes=MOST)


@pytest.mark.parametrize("encoding", ENCODINGS, ids=lambda encoding: encoding.label)
def test_a_true_head_passes_and_a_false_name_is_told(encoding: object) -> None:
    """Each encoded file passes under its own format and is named under every other."""
    from tests.making.audio import Encoding

    assert isinstance(encoding, Encoding)
    head = encoded(encoding, 1.0)[:HEAD_BYTES]
    own = Format(encoding.report_format)
    check_head(own, FileKind.BOUNCE, encoding.name, head)
    for other in AUDIO_FORMATS - {own}:
        with pytest.raises(UnsupportedFormat, match=FORMATS[own].label) as refused:
            check_head(other, FileKind.BOUNCE, encoding.name, head)
        assert refused.value.way_out == f"Rename it to end in {FORMATS[own].extensions[0]} and drop it again."


@pytest.mark.parametrize("head", [TEXT, FFCONCAT, M4A, b"", b"\x00" * HEAD_BYTES, b"RIFF", live_set()])
@pytest.mark.parametrize("kind", sorted(AUDIO_FORMATS))
def test_a_head_that_is_no_audio_is_refused(head: bytes, kind: Format) -> None:
    """No accepted name makes audio of what is none."""
    with pytest.raises(UnsupportedFormat):
        check_head(kind, FileKind.BOUNCE, "mix", head[:HEAD_BYTES])


def test_the_head_of_a_set_is_checked() -> None:
    """A Live set begins as one; audio and text under its name are refused."""
    check_head(Format.LIVE_SET, FileKind.LIVE_SET, "a.als", live_set())
    for head in (TEXT, encoded(ENCODINGS[0], 1.0)[:HEAD_BYTES], b"\x1f\x8c"):
        with pytest.raises(UnsupportedFormat, match=r"a\.als is no Ableton Live set"):
            check_head(Format.LIVE_SET, FileKind.LIVE_SET, "a.als", head)


@given(st.text(max_size=300), st.integers(-(10**18), 10**18))
def test_any_name_and_size_is_taken_or_refused_with_a_sentence(name: str, size: int) -> None:
    """Whatever is declared, the answer is a file or a refusal, never a fault."""
    try:
        declared = declared_file(FileKind.BOUNCE, name, size, max_bytes=MOST)
    except AppError as error:
        refused = error
    else:
        assert 0 < declared.size_bytes <= MOST
        assert declared.format in AUDIO_FORMATS
        return
    assert refused.sentence
    assert refused.way_out


def test_choices_have_defaults_and_no_guesses() -> None:
    """What is not chosen is the default; what is not offered is an error."""
    nothing = {"track_id": None, "track_name": "", "target": "general-streaming", "stage": "master", "joined_to": None}
    assert read_choices({}) == nothing
    track = uuid4()
    chosen = read_choices({"track": str(track), "track_name": "x" * 5000, "stage": "premaster"})
    assert (chosen["track_id"], chosen["stage"]) == (track, "premaster")
    assert isinstance(chosen["track_id"], UUID)
    assert len(chosen["track_name"]) <= 400
    for form in (
        {"genre": "polka"},
        {"destination": "moon"},
        {"stage": "demo"},
        {"track": "7"},
        {"track": "' OR 1=1 --"},
    ):
        with pytest.raises(Invalid) as refused:
            read_choices(form)
        assert refused.value.code == "choice"
