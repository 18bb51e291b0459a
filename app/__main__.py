"""``python -m app`` is the ``tracksensei`` command."""

from __future__ import annotations

from app.cli import main

main()
