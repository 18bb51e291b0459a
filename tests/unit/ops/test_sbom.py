"""What is shipped is listed whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.licences import locked_packages
from tests.sbom import main
from tests.services.processes import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def test_the_list_of_what_is_shipped_is_whole(tmp_path: Path) -> None:
    """Every locked package with its version, every vendored file with its checksum, twice the same."""
    main(tmp_path / "one.json")
    main(tmp_path / "two.json")
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()
    listed = json.loads((tmp_path / "one.json").read_text())
    parts = listed["components"]
    packages = {part["name"].lower().replace("_", "-") for part in parts if part["type"] == "library"}
    assert packages == locked_packages((ROOT / "requirements.lock").read_text())
    assert all(part["version"] for part in parts)
    files = {part["name"]: part for part in parts if part["type"] == "file"}
    assert set(files) == {"htmx.min.js", "hx-sse.min.js"}
    checksums = (ROOT / "static" / "vendor" / "CHECKSUMS").read_text()
    assert all(part["hashes"][0]["content"] in checksums for part in files.values())
