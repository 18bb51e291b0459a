"""The files that are kept: nothing of one machine, and nothing that does not belong."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.licences import locked_packages, offending
from tests.services.processes import ROOT

TOP_LEVEL = {
    "app", "templates", "static", "piccolo_migrations", "tests", "docs", "deploy",
    "piccolo_conf.py", "pyproject.toml", "policy.toml", "requirements.lock", "requirements-dev.lock",
    "README.md", "CHANGELOG.md", "LICENSE", "NOTICE", "Makefile",
    ".ci", ".gitignore", ".gitattributes", ".editorconfig",
}  # fmt: skip
TEXT = {".py", ".toml", ".md", ".sh", ".lock", ".html", ".css", ".js", ".txt", ".yml", ".yaml", ".json", ".service", ""}
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+)/")
LOCKS = ("requirements.lock", "requirements-dev.lock")


def tracked_files() -> list[Path]:
    """Name what git keeps."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("this is no clone")
    listed = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [Path(name) for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_every_top_level_name_has_its_place() -> None:
    """Nothing lies at the top but what the design names."""
    assert {path.parts[0] for path in tracked_files()} <= TOP_LEVEL


def test_no_file_names_a_path_of_one_machine() -> None:
    """What works here works elsewhere."""
    here = Path(__file__).relative_to(ROOT)
    found = [
        str(path)
        for path in tracked_files()
        if path != here and path.suffix in TEXT and MACHINE_PATHS.search((ROOT / path).read_text("utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_files_name_no_place_to_download_from(lock: str) -> None:
    """Packages come from wherever pip is set up to look."""
    text = (ROOT / lock).read_text("utf-8")
    assert "://" not in text
    assert "--index-url" not in text
    assert "--find-links" not in text


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_a_hash(lock: str) -> None:
    """No package is installed that was not seen before."""
    text = (ROOT / lock).read_text("utf-8").replace("\\\n", " ")
    pinned = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert pinned
    assert [line.split()[0] for line in pinned if "--hash=sha256:" not in line] == []


def test_the_tests_lock_extends_the_products() -> None:
    """Tests run on the very versions that are shipped."""
    product, tests = ((ROOT / lock).read_text("utf-8") for lock in LOCKS)
    without_extras = [re.sub(r"\[\S+?\]==", "==", lock) for lock in (product, tests)]
    pins = [set(re.findall(r"^(\S+==\S+)", lock, re.MULTILINE)) for lock in without_extras]
    assert pins[0] <= pins[1]


@pytest.mark.parametrize("module", ["app.asgi", "app.worker", "app.server"])
def test_the_event_loops_never_load_the_engine(module: str) -> None:
    """Web and worker start without numpy: only the child that measures loads it."""
    code = f"import {module}, sys; print([n for n in ('numpy', 'scipy', 'numba', 'soundfile') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_every_mention_of_a_licence_is_noticed() -> None:
    """A package under a copyleft licence is refused unless it is a named exception."""
    packages = [
        {"Name": "free", "Version": "1", "License": "MIT"},
        {"Name": "viral", "Version": "1", "License": "GPL-3.0-or-later"},
        {"Name": "affero", "Version": "1", "License": "GNU Affero General Public License v3"},
        {"Name": "soxr", "Version": "1", "License": "LGPL-2.1-or-later"},
        {"Name": "unlocked", "Version": "1", "License": "GPL-2.0"},
    ]
    found = offending(packages, {"free", "viral", "affero", "soxr"})
    assert found == ["viral 1: GPL-3.0-or-later", "affero 1: GNU Affero General Public License v3"]


def test_lock_lines_are_read_with_their_extras() -> None:
    """A package is found by its plain name."""
    assert locked_packages("redis[hiredis]==5.3.1 \\\n    --hash=x\nSome_Name==1 ; y") == {"redis", "some-name"}


@pytest.mark.parametrize("script", ["deploy/make-venv.sh", "tests/run.sh", ".ci/run"])
def test_shell_scripts_are_well_formed(script: str) -> None:
    """A script that cannot be read fails here, not on a fresh machine."""
    shell = "bash" if "bash" in (ROOT / script).read_text("utf-8").splitlines()[0] else "sh"
    subprocess.run([shutil.which(shell) or shell, "-n", str(ROOT / script)], check=True)


def test_a_python_that_does_not_fit_is_told_in_one_sentence(tmp_path: Path) -> None:
    """Without a usable Python nothing is made and one sentence says what is needed."""
    done = subprocess.run(
        ["/bin/sh", str(ROOT / "deploy" / "make-venv.sh"), str(tmp_path / "venv")],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "3.11, 3.12 or 3.13" in done.stderr
    assert not (tmp_path / "venv").exists()


def test_a_machine_without_a_compiler_is_told_in_one_sentence(tmp_path: Path) -> None:
    """Without a C compiler one sentence says what to install."""
    (tmp_path / "python3").symlink_to(sys.executable)
    done = subprocess.run(
        ["/bin/sh", str(ROOT / "deploy" / "make-venv.sh"), str(tmp_path / "venv")],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "C compiler" in done.stderr
