"""The guards of the promise are awake: each is turned red by the change that it is there for.

The product is copied, one file of the copy is changed as somebody in a hurry would, and the
suite's own test is run there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from app.settings import ROOT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.sqlite_only

COPIED = ("app", "docs", "static", "templates", "tests", "piccolo_migrations")
FILES = ("policy.toml", "pyproject.toml", "piccolo_conf.py", "README.md")
PROMISES = "tests/unit/privacy/test_promises.py"


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one file, and the test that must notice it."""

    file: str
    old: str
    new: str
    guard: str


CHANGES = {
    "cookie": Change(
        "app/kernel/html/headers.py",
        "        if https:\n",
        '        headers.add("Set-Cookie", "visitor=1; Path=/")\n        if https:\n',
        "tests/web/test_routes.py::test_the_only_cookie_is_the_session",
    ),
    "foreign host": Change(
        "templates/kernel/base.html",
        '<meta charset="utf-8">',
        '<meta charset="utf-8"><link rel="stylesheet" href="https://fonts.example.net/a.css">',
        f"{PROMISES}::test_nobody_else_is_told_anything",
    ),
    "mail kind": Change(
        "app/accounts/letters.py",
        "class MailKind(StrEnum):\n",
        'class MailKind(StrEnum):\n    NEWSLETTER = "newsletter"\n',
        f"{PROMISES}::test_each_list_of_the_page_is_complete",
    ),
    "retention class": Change(
        "app/kernel/personal.py",
        "class Retention(StrEnum):\n",
        'class Retention(StrEnum):\n    FOREVER = "forever"\n',
        f"{PROMISES}::test_each_list_of_the_page_is_complete",
    ),
    "table without a class": Change(
        "app/privacy/tables.py",
        "class Announcement(",
        'class Profile(Table, tablename="profile"):\n    """What a person likes."""\n\n\nclass Announcement(',
        f"{PROMISES}::test_every_table_says_whose_it_is_and_when_it_goes",
    ),
    "sentence outside a clause": Change(
        "templates/privacy/policy.html",
        "</article>",
        "<p>We may share data with partners.</p></article>",
        f"{PROMISES}::test_every_sentence_is_a_clause",
    ),
    "sentence without a line": Change(
        "app/privacy/clauses.py",
        '        "Nothing is sold, rented or shared for marketing.",\n',
        '        "Nothing is sold, rented or shared for marketing.",\n        "Partners get a copy.",\n',
        f"{PROMISES}::test_every_clause_has_a_line_and_every_line_a_test",
    ),
    "sentence under the same version": Change(
        "app/privacy/clauses.py",
        "Nothing is sold, rented or shared for marketing.",
        "Hardly anything is sold, rented or shared for marketing.",
        f"{PROMISES}::test_a_page_that_changed_has_a_new_version",
    ),
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the product, with its tests."""
    folder = tmp_path_factory.mktemp("planted")
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "proofs"))
    for name in FILES:
        shutil.copyfile(ROOT / name, folder / name)
    return folder


def run(folder: Path, *tests: str) -> subprocess.CompletedProcess[str]:
    """Run some of the suite's tests on the copy."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PICCOLO_"))}
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", *tests)
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_an_unchanged_copy_is_green(copy: Path) -> None:
    """The guards hold on what is shipped, so that a red one below is the change's doing."""
    found = run(copy, *{change.guard for change in CHANGES.values()})
    assert found.returncode == 0, found.stdout[-2000:]
    assert f"{len({change.guard for change in CHANGES.values()})} passed" in found.stdout


@pytest.mark.parametrize("name", CHANGES)
def test_a_planted_change_turns_its_guard_red(copy: Path, name: str) -> None:
    """The change is there, the guard fails and says so."""
    change = CHANGES[name]
    file = copy / change.file
    before = file.read_text("utf-8")
    assert change.old in before
    file.write_text(before.replace(change.old, change.new, 1), "utf-8")
    try:
        found = run(copy, change.guard)
    finally:
        file.write_text(before, "utf-8")
    assert found.returncode == pytest.ExitCode.TESTS_FAILED, found.stdout[-2000:]
    assert "1 failed" in found.stdout
