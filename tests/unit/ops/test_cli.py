"""The command line is quick to answer and clear about what is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from app.cli import COMMANDS, tracksensei
from tests.services.processes import own_command

if TYPE_CHECKING:
    from pathlib import Path

HEAVY = ("litestar", "piccolo", "numpy", "redis", "structlog")


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``tracksensei`` as a process."""
    command = own_command(*arguments)
    return subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)


def command_of(name: str) -> click.Command:
    """Import a command of the list."""
    command = tracksensei.get_command(click.Context(tracksensei), name)
    assert command is not None
    return command


def test_help_lists_every_command_with_its_line() -> None:
    """The list tells what each command does."""
    shown = CliRunner().invoke(tracksensei, ["--help"]).output
    for name, place in COMMANDS.items():
        assert name in shown
        assert place.summary.split()[0] in shown


@pytest.mark.parametrize("name", [name for name in COMMANDS if hasattr(command_of(name), "commands")])
def test_the_help_of_a_group_cuts_no_sentence(name: str) -> None:
    """What a command does is said whole, without calling its own help."""
    shown = CliRunner().invoke(tracksensei, [name, "--help"]).output
    assert "..." not in shown.partition("Commands:")[2]


def test_help_imports_nothing_heavy() -> None:
    """Listing the commands loads neither framework nor engine."""
    code = (
        "import sys\nfrom app.cli import tracksensei\n"
        "tracksensei(['--help'], standalone_mode=False)\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_can_be_imported(name: str) -> None:
    """Each place in the list holds a command that describes itself."""
    assert command_of(name).help


@pytest.mark.parametrize(("typed", "code"), [(b"n\n", 5), (b"\x04", 5), (b"y\n", 0)])
def test_somebody_at_a_terminal_is_asked(tmp_path: Path, typed: bytes, code: int) -> None:
    """A no and the end of what is typed do nothing and have the same exit code; a yes does it."""
    ours, theirs = os.openpty()
    environment = {**os.environ, "DATA_DIR": str(tmp_path), "SECRET_KEY": ""}
    command = own_command("keys", "rotate")
    with subprocess.Popen(
        command,
        env=environment,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        os.close(theirs)
        assert process.stdout is not None
        asked = process.stdout.read(len("Make a new signing key"))
        os.write(ours, typed)
        said, wrong = process.communicate()
    os.close(ours)
    assert asked == b"Make a new signing key"
    assert process.returncode == code, wrong
    assert (b"There is a new signing key" in said) is (code == 0)
    assert (tmp_path / "secret.previous.key").exists() is (code == 0)


def test_an_unknown_command_is_a_usage_error() -> None:
    """A wrong name is told with exit code 2."""
    done = CliRunner().invoke(tracksensei, ["frobnicate"])
    assert done.exit_code == 2
    assert "No such command" in done.output


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "70000"),
        ("SITE_URL", "example.com"),
        ("SECRET_KEY", "short"),
        ("MADMOM_MODELS", "perhaps"),
        ("DATABASE_URL", "mysql://localhost/x"),
        ("POLICY_FILE", "/nowhere/policy.toml"),
    ],
)
def test_a_wrong_setting_is_one_sentence_that_names_it(tmp_path: Path, name: str, value: str) -> None:
    """A setting that cannot be used ends every command with one sentence and exit code 2."""
    done = run("doctor", **{"DATA_DIR": str(tmp_path), name: value})
    assert done.returncode == 2
    assert name in done.stderr
    assert done.stderr.count("\n") == 1


def test_payment_with_unlicensed_models_is_refused(tmp_path: Path) -> None:
    """With a Stripe key, somebody has to say what the models may be used for."""
    done = run(
        "web", DATA_DIR=str(tmp_path), STRIPE_API_KEY="sk_test_1", MADMOM_MODELS="", REDIS_URL="redis://127.0.0.1:1"
    )
    assert done.returncode == 2
    assert "MADMOM_MODELS" in done.stderr


def test_a_policy_that_is_no_policy_is_one_sentence(tmp_path: Path) -> None:
    """A policy file with a wrong value is told with the name of the value."""
    policy = tmp_path / "policy.toml"
    policy.write_text('[uploads]\nmax_mib = "many"\n')
    done = run("doctor", DATA_DIR=str(tmp_path), POLICY_FILE=str(policy))
    assert done.returncode == 2
    assert "POLICY_FILE" in done.stderr
    assert done.stderr.count("\n") == 1
