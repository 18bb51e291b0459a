"""Nothing calls home: a whole analysis opens no connection and writes no file outside its own."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.making.audio import wav
from tests.services.processes import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.sqlite_only

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
def environment() -> Iterator[dict[str, str]]:
    """Lend an environment in which no library believes that it is being tested.

    Its folders have short names: a socket's path has 108 characters at most.
    """
    kept = {name: value for name, value in os.environ.items() if name not in {"CI", "ORT_DISABLE_TELEMETRY"}}
    with tempfile.TemporaryDirectory() as passing, tempfile.TemporaryDirectory() as home:
        yield {**kept, "TMPDIR": passing, "HOME": home, "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6", "AF_NETLINK"])
def test_who_reaches_for_the_network_is_seen(family: str) -> None:
    """The instrument works: whoever asks for a socket is dead."""
    reach = f"make_network_deadly(); socket.socket(socket.{family})"
    assert _under_deadly_network(f"import socket; {reach}").returncode == -signal.SIGSYS


def test_a_child_that_reaches_for_the_network_is_seen(tmp_path: Path) -> None:
    """Confinement alone would tell it no, and nobody of it."""
    reach = f"""
        import asyncio
        from pathlib import Path
        from tests.prove import g20_sandbox as g20

        async def main():
            runner = g20.Isolator(g20.escapes.__name__)
            bounds = g20.Bounds(30, 2**30, g20.Limits(2**32, 30))
            return await g20._outcome(runner, "TCP socket", Path({str(tmp_path)!r}), bounds)

        if __name__ == "__main__":
            make_network_deadly()
            print(asyncio.run(main()))
    """
    assert _under_deadly_network(textwrap.dedent(reach)).stdout == "ended, crashed\n"


def test_an_analysis_lives_where_the_network_is_deadly(mix: Path, environment: dict[str, str]) -> None:
    """Neither the worker's side nor its fork server nor the child asks for a socket, not even in vain."""
    command = (*COMMAND, str(mix), "--without-network")
    assert subprocess.run(command, cwd=ROOT, env=environment, check=False, timeout=240).returncode == 0


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace sees system calls, those that write files too")
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
    left = [path for name in ("TMPDIR", "HOME") for path in Path(environment[name]).rglob("*")]
    assert left == []


def _under_deadly_network(code: str) -> subprocess.CompletedProcess[str]:
    begin = "from tests.prove.deadly_network import make_network_deadly\n"
    command = (sys.executable, "-c", begin + code)
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


def _changed_paths(line: str) -> list[str]:
    found = OPENED_TO_WRITE.search(line) or CHANGED.search(line)
    return [found[1]] if found else []


def _is_its_own(path: str, environment: dict[str, str]) -> bool:
    """Allow what passes: its folder, the fork server's own socket, the null device, numba's trial of its cache."""
    passing = (environment["TMPDIR"], "listener-")
    return path.startswith(passing) or path == os.devnull or path.endswith("/__pycache__")
