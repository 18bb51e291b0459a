"""The figures, by name."""

from __future__ import annotations

from tests.prove import g01_fuzz, g02_bombs, g05_kills, g07_redis, g20_sandbox

FIGURES = {figure.name: figure for figure in (g01_fuzz.FIGURE, g02_bombs.FIGURE, g05_kills.FIGURE, g07_redis.FIGURE, g20_sandbox.FIGURE)}
