"""The figures, by name."""

from __future__ import annotations

from tests.prove import g20_sandbox

FIGURES = {figure.name: figure for figure in (g20_sandbox.FIGURE,)}
