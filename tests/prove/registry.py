"""The figures, by name."""

from __future__ import annotations

from tests.prove import (
    g01_fuzz,
    g02_bombs,
    g03_sets,
    g04_uploads,
    g05_kills,
    g06_points,
    g07_redis,
    g08_messages,
    g08_quota,
    g09_limits,
    g10_messages,
    g11_tokens,
    g12_matrix,
    g13_enumeration,
    g14_markup,
    g15_prompt,
    g16_retention,
    g17_erasure,
    g18_export,
    g20_sandbox,
    g21_headers,
    g23_asvs,
)

FIGURES = {
    figure.name: figure
    for figure in (
        g01_fuzz.FIGURE,
        g02_bombs.FIGURE,
        g03_sets.FIGURE,
        g04_uploads.FIGURE,
        g05_kills.FIGURE,
        g06_points.FIGURE,
        g07_redis.FIGURE,
        g08_quota.FIGURE,
        g08_messages.FIGURE,
        g09_limits.FIGURE,
        g10_messages.FIGURE,
        g11_tokens.FIGURE,
        g12_matrix.FIGURE,
        g13_enumeration.FIGURE,
        g14_markup.FIGURE,
        g15_prompt.FIGURE,
        g16_retention.FIGURE,
        g17_erasure.FIGURE,
        g18_export.FIGURE,
        g20_sandbox.FIGURE,
        g21_headers.FIGURE,
        g23_asvs.FIGURE,
    )
}
