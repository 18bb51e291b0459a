"""A whole analysis beside an encoder that is real, hostile, hanging or deaf: it is done, and nothing is left."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any

import pytest

from app.kernel.programs import can_run
from app.settings import Settings, SettingsError, find_ffmpeg
from tests.making.audio import wav
from tests.making.measured_beside import NO_ENCODER
from tests.making.people import member
from tests.making.programs import DEAF, ESCAPES, HANGS, compiled
from tests.services.processes import ROOT
from tests.services.site import running_worker

if TYPE_CHECKING:
    from pathlib import Path

    from tests.services.site import Site

MODULE = "tests.making.measured_beside"
DEADLINE_S = 60.0
HANGS_FOR_S = 3.0
"""An encoder that never answers is waited for to its end; those that do may have to share this machine."""
PROGRAMS = {"hangs": HANGS, "deaf": DEAF, "hostile": ESCAPES}
FAILED = "{} was tried, but ffmpeg gave no usable answer within its limits."
NOT_TRIED = "{} was not tried: no ffmpeg is set up to encode it."
NAMES, FOREIGN = ["MP3", "Ogg Vorbis"], ["AAC", "Opus"]
needs_layers = pytest.mark.skipif(not can_run(), reason="this kernel cannot confine a program (Landlock, seccomp)")
needs_ffmpeg = pytest.mark.skipif(
    not find_ffmpeg(), reason="no ffmpeg on this machine: real AAC and Opus are not tried"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lend a folder with a short mix, programs that may stand for ffmpeg, and somebody's secret."""
    made = tmp_path_factory.mktemp("encoders")
    (made / "secret").write_text("another's upload")
    (made / "mix.wav").write_bytes(wav(2.0))
    for name, source in PROGRAMS.items():
        compiled(source, made / name)
    return made


@pytest.fixture(scope="module")
def reports(folder: Path) -> dict[str, Any]:
    """Measure the mix beside each of them, in one process that has the engine."""
    named = {name: str(folder / name) for name in PROGRAMS if can_run()}
    asked = {"none": NO_ENCODER, **named, **({"ffmpeg": find_ffmpeg()} if find_ffmpeg() else {})}
    given = [(path, str(HANGS_FOR_S if name == "hangs" else DEADLINE_S)) for name, path in asked.items()]
    command = (sys.executable, "-m", MODULE, str(folder / "mix.wav"), *chain.from_iterable(given))
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=240)
    return dict(zip(asked, json.loads(done.stdout), strict=True))


def codecs_and_reasons(document: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Return which codecs a report has, and why not the others."""
    reasons = [note["reason"] for note in document["notes"] if note["path"].startswith("codecs.")]
    return [row["name"] for row in document["codecs"]], reasons


@needs_layers
@needs_ffmpeg
def test_a_real_encoder_adds_opus_and_aac(reports: dict[str, Any]) -> None:
    """Measured inside the confined child, from what a confined ffmpeg gave back."""
    assert codecs_and_reasons(reports["ffmpeg"]) == ([*NAMES, "Opus", "AAC"], [])
    found = reports["ffmpeg"]["codecs"][2:]
    assert [row["bitrate_kbps"] for row in found] == [128, 256]
    assert all(-30.0 < row["true_peak_dbtp"] < 3.0 for row in found)


def test_without_an_encoder_a_note_says_so(reports: dict[str, Any]) -> None:
    """Nothing else is missing."""
    assert codecs_and_reasons(reports["none"]) == (NAMES, [NOT_TRIED.format(name) for name in FOREIGN])


@needs_layers
@pytest.mark.parametrize("name", PROGRAMS)
def test_an_encoder_that_is_none_costs_its_codecs_alone(reports: dict[str, Any], folder: Path, name: str) -> None:
    """It hangs and is ended, answers nothing, or tries the network and the disk, and gets none of it."""
    assert codecs_and_reasons(reports[name]) == (NAMES, [FAILED.format(codec) for codec in FOREIGN])
    assert (folder / "secret").read_text() == "another's upload"
    sources = {f"{program}.c" for program in PROGRAMS}
    assert {path.name for path in folder.iterdir()} == {"secret", "mix.wav", *PROGRAMS, *sources}


@needs_layers
@needs_ffmpeg
async def test_an_upload_is_measured_with_every_codec(live_site: Site, settings: Settings) -> None:
    """The page and the copy to keep show it as the others, and no note says that it was not tried."""
    async with running_worker(replace(settings, ffmpeg=find_ffmpeg())), member(live_site) as person:
        analysis_id = await person.upload("mix.wav", wav(8.0))
        await person.until(analysis_id, "done")
        pages = [(await person.client.get(f"/analyses/{analysis_id}{kind}")).text for kind in ("", "/report.html")]
    for page in pages:
        assert "AAC 256" in page
        assert "Opus 128" in page
        assert "was not tried" not in page


def test_ffmpeg_is_named_found_or_off(tmp_path: Path) -> None:
    """A path that cannot be run is a wrong setting, no silent loss."""
    program = tmp_path / "ffmpeg"
    program.write_text("")
    program.chmod(0o755)
    assert find_ffmpeg({"PATH": str(tmp_path)}) == str(program)
    assert find_ffmpeg({"PATH": "/nonexistent"}) == ""
    assert find_ffmpeg({"PATH": "/nonexistent", "FFMPEG": str(program)}) == str(program)
    assert find_ffmpeg({"PATH": str(tmp_path), "FFMPEG": "off"}) == ""
    with pytest.raises(SettingsError, match="FFMPEG"):
        find_ffmpeg({"PATH": str(tmp_path), "FFMPEG": "/nonexistent/ffmpeg"})
