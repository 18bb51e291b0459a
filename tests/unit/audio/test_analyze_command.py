"""The command that measures files without a server."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from click.testing import CliRunner

from app.analyses.cli import analyze
from tests.making.sets import small_set
from tests.unit.audio.signals import both, drum_loop, write

if TYPE_CHECKING:
    from pathlib import Path


def test_documents_come_in_the_order_of_the_files(tmp_path: Path) -> None:
    """A refused file has its own line and makes the exit code 3."""
    empty = tmp_path / "empty.wav"
    empty.write_bytes(b"")
    good = write(tmp_path, "good.wav", both(drum_loop(120.0, 6.0)), 44_100)
    missing = tmp_path / "missing.wav"
    outcome = CliRunner().invoke(analyze, ["--json", str(empty), str(good), str(missing)])
    assert outcome.exit_code == 3
    first, second, third = (json.loads(line) for line in outcome.stdout.splitlines())
    assert first["file"] == {"name": "empty.wav"}
    assert first["refused"]["code"] == "empty"
    assert second["file"]["name"] == "good.wav"
    assert second["loudness"]["integrated_lufs"] < 0
    assert third["refused"]["code"] == "cannot_open"


def test_people_get_a_table(tmp_path: Path) -> None:
    """The first figures, and exit code 0."""
    good = write(tmp_path, "good.wav", both(drum_loop(120.0, 6.0)), 44_100)
    outcome = CliRunner().invoke(analyze, [str(good), "--target", "techno", "--stage", "premaster"])
    assert outcome.exit_code == 0
    assert "Integrated loudness" in outcome.stdout
    assert "BPM, 4/4" in outcome.stdout


def test_a_set_goes_with_its_mix(tmp_path: Path) -> None:
    """It stands in the document as it was saved; one that cannot be read is a note and exit code 3."""
    good = write(tmp_path, "good.wav", both(drum_loop(120.0, 6.0)), 44_100)
    project = tmp_path / "good.als"
    project.write_bytes(small_set("Kick", 86.222626))
    outcome = CliRunner().invoke(analyze, ["--json", str(good), "--als", str(project)])
    document = json.loads(outcome.stdout)
    assert outcome.exit_code == 0
    assert document["live_set"]["tempo_bpm"] == 86.222626
    assert document["loudness"]["integrated_lufs"] < 0
    project.write_bytes(b"<Ableton />")
    refused = CliRunner().invoke(analyze, ["--json", str(good), "--als", str(project)])
    document = json.loads(refused.stdout)
    assert refused.exit_code == 3
    assert document["live_set"] is None
    assert "not_a_live_set" in {note["code"] for note in document["notes"] if note["path"] == "live_set"}


def test_wrong_usage_is_exit_code_2() -> None:
    """No file, or a stage that does not exist."""
    assert CliRunner().invoke(analyze, []).exit_code == 2
    assert CliRunner().invoke(analyze, ["a.wav", "--stage", "demo"]).exit_code == 2
    assert CliRunner().invoke(analyze, ["a.wav", "b.wav", "--als", "a.als"]).exit_code == 2
