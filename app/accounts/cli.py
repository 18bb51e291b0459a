"""The operator's command for the signing keys."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import click

from app.kernel.console import JSON, YES, Done, Group, confirm, tell
from app.settings import KEY, PREVIOUS_KEY, Settings

if TYPE_CHECKING:
    from pathlib import Path


@click.group(cls=Group)
def keys() -> None:
    """Look after the keys that sign sessions and forms."""


@keys.command()
@JSON
@YES
def rotate(*, as_json: bool, is_sure: bool) -> None:
    """Make a new signing key; what the one before signed still holds, so that nobody is logged out.

    Restart web and worker afterwards. A second rotation ends the sessions of the key before the
    last one, so rotate again after the longest session's term.
    """
    settings = Settings.from_environment()
    confirm("Make a new signing key, and end what the key before this one signed?", is_sure=is_sure)
    fresh = secrets.token_urlsafe(48)
    if not settings.keeps_key:
        said = "The keys are in the environment. Set these two, then restart web and worker:"
        named = f"SECRET_KEY={fresh}\nSECRET_KEY_PREVIOUS={settings.signing_key.decode()}"
        tell(Done(f"{said}\n{named}"), as_json=as_json)
        return
    _write(settings.data_dir / PREVIOUS_KEY, settings.signing_key)
    _write(settings.data_dir / KEY, fresh.encode())
    said = "There is a new signing key, and the one before still holds. Restart web and worker."
    tell(Done(said), as_json=as_json)


def _write(path: Path, key: bytes) -> None:
    """Replace a key file in one step; nobody ever reads half a key."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    new.write_bytes(key)
    new.replace(path)
