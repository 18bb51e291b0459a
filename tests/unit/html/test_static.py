"""What is served as it lies: vendored scripts, stylesheets, modules, templates."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import pytest

from app.settings import ROOT

if TYPE_CHECKING:
    from pathlib import Path

STATIC = ROOT / "static"
VENDOR = STATIC / "vendor"
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))
OWN_TEXTS = sorted([*STATIC.glob("css/*.css"), *STATIC.glob("js/*.js")])


def test_vendored_files_are_those_of_the_checksums() -> None:
    """Every vendored file has its sha256, and none is there without."""
    lines = [line.split() for line in (VENDOR / "CHECKSUMS").read_text("ascii").splitlines()]
    listed = {name: digest for digest, name in lines}
    found = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "CHECKSUMS"
    }
    assert found == listed


@pytest.mark.parametrize("path", OWN_TEXTS, ids=lambda path: path.name)
def test_nothing_of_ours_names_another_host(path: Path) -> None:
    """No stylesheet or module reaches out."""
    assert not re.search(r"https?://|//[a-z]+\.", path.read_text("utf-8"))


@pytest.mark.parametrize("path", OWN_TEXTS, ids=lambda path: path.name)
def test_our_scripts_need_no_eval_and_set_no_style(path: Path) -> None:
    """The content security policy holds without an exception."""
    assert not re.search(r"\beval\(|new Function|\.style\b|setAttribute\(\"style", path.read_text("utf-8"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_are_short_and_escape_everything(path: Path) -> None:
    """A template ends in .html, has a hundred lines at most and never marks text as safe."""
    text = path.read_text("utf-8")
    assert path.suffix == ".html"
    assert len(text.splitlines()) <= 100
    assert not re.search(r"\|\s*safe|autoescape|hx-on|javascript:|js:", text)


def test_colours_stand_in_the_tokens_only() -> None:
    """No other stylesheet names a colour of its own, but the white of paper in print."""
    for path in STATIC.glob("css/*.css"):
        if path.name != "tokens.css":
            plain = path.read_text("utf-8").replace("--paper: #fff; --raised: #fff; --sunk: #f3f3f1;", "")
            assert not re.search(r"#[0-9a-f]{3,8}\b(?=[;,\s)])|oklch|rgb\(", plain), path.name
