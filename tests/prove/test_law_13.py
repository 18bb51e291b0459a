"""Nothing calls home: a whole analysis opens no connection and writes no file outside its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.making.audio import wav
from tests.services.processes import ROOT

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.sqlite_only, pytest.mark.timeout(300)]

COMMAND = (sys.executable, "-m", "tests.prove.one_analysis")
CALLS = "network,openat,openat2,open,creat,mkdir,mkdirat,rename,renameat2,unlink,unlinkat,symlink,link"
OPENED_TO_WRITE = re.compile(r'open\w*\([^"]*"([^"]*)"[^)]*O_(?:WRONLY|RDWR|CREAT)')
CHANGED = re.compile(r'(?:creat|mkdir|rename|unlink|symlink|link)\w*\([^"]*"([^"]*)"')
FAMILY = re.compile(r"AF_\w+|sa_family=\w+")
SECONDS = 8.0


@pytest.fixture
def mix(tmp_path: Path) -> Path:
    """Lend music that is long enough for tempo and key."""
    path = tmp_path / "mix.wav"
    path.write_bytes(wav(SECONDS))
    return path


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Lend an environment in which no library believes that it is being tested."""
    for name in ("tmp", "home"):
        (tmp_path / name).mkdir()
    kept = {name: value for name, value in os.environ.items() if name not in {"CI", "ORT_DISABLE_TELEMETRY"}}
    own = {"TMPDIR": str(tmp_path / "tmp"), "HOME": str(tmp_path / "home"), "PYTHONDONTWRITEBYTECODE": "1"}
    return {**kept, **own}


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace sees system calls")
def test_an_analysis_connects_to_nothing_and_writes_nothing(
    mix: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    """Every system call of the worker's side, of its fork server and of the child is looked at."""
    trace = tmp_path / "trace"
    watching = ("strace", "-f", "-qq", "-s", "400", "-e", f"trace={CALLS}", "-o", str(trace))
    watched = subprocess.run((*watching, *COMMAND, str(mix)), cwd=ROOT, env=environment, check=False, timeout=240)
    assert watched.returncode == 0
    lines = trace.read_text("utf-8", "replace").splitlines()
    assert {family.removeprefix("sa_family=") for line in lines for family in FAMILY.findall(line)} <= {"AF_UNIX"}
    written = {path for line in lines if " = -1 " not in line for path in _changed_paths(line)}
    assert [path for path in sorted(written) if not _is_its_own(path, environment)] == []


def test_an_analysis_leaves_nothing_behind(mix: Path, environment: dict[str, str]) -> None:
    """Neither in the folder for passing files nor in the home."""
    done = subprocess.run((*COMMAND, str(mix)), cwd=ROOT, env=environment, check=False, timeout=240)
    assert done.returncode == 0
    left = [path for name in ("tmp", "home") for path in (mix.parent / name).rglob("*")]
    assert left == []


def _changed_paths(line: str) -> list[str]:
    found = OPENED_TO_WRITE.search(line) or CHANGED.search(line)
    return [found[1]] if found else []


def _is_its_own(path: str, environment: dict[str, str]) -> bool:
    """Allow what passes: its folder, the fork server's own socket, the null device, numba's trial of its cache."""
    passing = (environment["TMPDIR"], "listener-")
    return path.startswith(passing) or path == os.devnull or path.endswith("/__pycache__")
