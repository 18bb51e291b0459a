"""Walking folders that others change meanwhile."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def files_under(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder, nothing else; ``Path.rglob`` fails where a folder goes under its hands."""
    for parent, _, names in os.walk(folder):
        yield from (file for name in names if (file := Path(parent, name)).is_file())
