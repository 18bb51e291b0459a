"""The command that reads Live sets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from click.testing import CliRunner

from app.analyses.liveset_cli import liveset

if TYPE_CHECKING:
    from pathlib import Path

SET = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<Ableton MajorVersion="5" MinorVersion="10.0_370" Creator="Ableton Live 10.0.6"><LiveSet><Tracks>'
    '<AudioTrack Id="1"><Name><EffectiveName Value="[red]Vocals" /></Name></AudioTrack>'
    "</Tracks></LiveSet></Ableton>"
)


def test_each_file_has_a_line_and_a_refusal_its_sentence(tmp_path: Path) -> None:
    """A set and a file that is none give a document and a refusal, in the order of the files."""
    good, bad = tmp_path / "good.als", tmp_path / "bad.als"
    good.write_text(SET, "utf-8")
    bad.write_bytes(b"junk!")
    result = CliRunner().invoke(liveset, [str(good), str(bad), "--json"])
    first, second = (json.loads(line) for line in result.output.splitlines())
    assert first["live_set"]["tracks"][0]["name"] == "[red]Vocals"
    assert second["refused"]["code"] == "not_a_live_set"
    assert result.exit_code == 3


def test_a_name_is_shown_as_it_is(tmp_path: Path) -> None:
    """What looks like markup in a track's name is text."""
    good = tmp_path / "good.als"
    good.write_text(SET, "utf-8")
    result = CliRunner().invoke(liveset, [str(good)])
    assert result.exit_code == 0
    assert "[red]Vocals" in result.output
