"""A whole analysis beside an encoder that is real, hostile, hanging or deaf: it is done, and nothing is left."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from app.analyses.encoding import encoders
from app.analyses.measuring import FUNCTION, PRELOAD
from app.kernel.confine import MIB, Limits
from app.kernel.isolate import Bounds, Isolator, Task
from app.kernel.programs import can_run
from app.policy import Policy
from app.settings import Settings, SettingsError, find_ffmpeg
from tests.making.audio import wav
from tests.making.people import member
from tests.making.programs import DEAF, ESCAPES, HANGS, compiled
from tests.services.site import running_worker
from tests.services.waiting import eventually
from tests.unit.kernel.test_isolate import engines

if TYPE_CHECKING:
    from pathlib import Path

    from tests.services.site import Site

FAILED = "AAC was tried, but ffmpeg gave no usable answer within its limits."
NAMES = ["MP3", "Ogg Vorbis", "Opus"]
needs_layers = pytest.mark.skipif(not can_run(), reason="this kernel cannot confine a program (Landlock, seccomp)")
needs_ffmpeg = pytest.mark.skipif(not find_ffmpeg(), reason="no ffmpeg on this machine: real AAC is not tried")


@pytest.fixture(scope="module")
async def engine(anyio_backend: str) -> Isolator:
    """Lend an isolator with the engine loaded."""
    warm = Isolator(PRELOAD)
    await warm.warm()
    return warm


async def report_of(engine: Isolator, folder: Path, ffmpeg: str, *, encoder_s: float = 10.0) -> dict[str, Any]:
    """Measure a short mix as a worker does."""
    policy = Policy.read().analysis
    mix = folder / "mix.wav"
    mix.write_bytes(wav(2.0))
    limits = {"duration_s": 60.0, "channels": 2, "min_rate_hz": 8000, "max_rate_hz": 192_000}
    arguments = {"name": "mix.wav", "limits": limits, "uses_models": False, "encoder_s": encoder_s}
    bounds = Bounds(60.0, policy.memory_mib * MIB, Limits(policy.address_space_mib * MIB, policy.cpu_seconds))
    task = Task(FUNCTION, mix, arguments, encoders(ffmpeg, policy))
    messages = [message async for message in engine.run(task, bounds)]
    await eventually(lambda: not engines())
    document: dict[str, Any] = json.loads(messages[-1]["document"])
    return document


def codecs_and_reason(document: dict[str, Any]) -> tuple[list[str], str]:
    """Return which codecs a report has, and why not AAC."""
    reasons = [note["reason"] for note in document["notes"] if note["path"] == "codecs.aac"]
    return [row["name"] for row in document["codecs"]], " ".join(reasons)


@needs_layers
@needs_ffmpeg
async def test_a_real_encoder_adds_aac(engine: Isolator, tmp_path: Path) -> None:
    """Measured inside the confined child, from what a confined ffmpeg gave back."""
    document = await report_of(engine, tmp_path, find_ffmpeg())
    assert codecs_and_reason(document) == ([*NAMES, "AAC"], "")
    found = document["codecs"][-1]
    assert found["bitrate_kbps"] == 256
    assert -30.0 < found["true_peak_dbtp"] < 3.0
    assert [path.name for path in tmp_path.iterdir()] == ["mix.wav"]


async def test_without_an_encoder_a_note_says_so(engine: Isolator, tmp_path: Path) -> None:
    """Nothing else is missing."""
    document = await report_of(engine, tmp_path, "")
    assert codecs_and_reason(document) == (NAMES, "AAC was not tried: no ffmpeg is set up to encode it.")


@needs_layers
async def test_an_encoder_that_hangs_is_ended(engine: Isolator, tmp_path: Path) -> None:
    """It is waited for so long and no longer; the report is there, and the program is gone."""
    hangs = compiled(HANGS, tmp_path / "ffmpeg")
    async with asyncio.timeout(20):
        document = await report_of(engine, tmp_path, hangs, encoder_s=0.5)
    assert codecs_and_reason(document) == (NAMES, FAILED)


@needs_layers
@pytest.mark.parametrize("source", [DEAF, ESCAPES], ids=["deaf", "hostile"])
async def test_an_encoder_that_is_none_costs_aac_alone(engine: Isolator, tmp_path: Path, source: str) -> None:
    """It answers nothing, or tries the network and the disk; it gets none of it."""
    (tmp_path / "secret").write_text("another's upload")
    document = await report_of(engine, tmp_path, compiled(source, tmp_path / "ffmpeg"))
    assert codecs_and_reason(document) == (NAMES, FAILED)
    assert (tmp_path / "secret").read_text() == "another's upload"
    assert {path.name for path in tmp_path.iterdir()} == {"secret", "ffmpeg", "ffmpeg.c", "mix.wav"}


@needs_layers
@needs_ffmpeg
async def test_an_upload_is_measured_with_aac(live_site: Site, settings: Settings) -> None:
    """The page and the copy to keep show it as the others, and no note says that it was not tried."""
    async with running_worker(replace(settings, ffmpeg=find_ffmpeg())), member(live_site) as person:
        analysis_id = await person.upload("mix.wav", wav(8.0))
        await person.until(analysis_id, "done")
        pages = [(await person.client.get(f"/analyses/{analysis_id}{kind}")).text for kind in ("", "/report.html")]
    for page in pages:
        assert "AAC 256" in page
        assert "AAC was not tried" not in page


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
