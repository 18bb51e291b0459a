"""Likely roles by names."""

from __future__ import annotations

import pytest

from app.liveset.model.tracks import Role
from app.liveset.roles import role_in


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("1-Kick", Role.KICK),
        ("Bass Drum", Role.KICK),
        ("BD 909", Role.KICK),
        ("Sub Bass", Role.SUB),
        ("ReeseBass2", Role.BASS),
        ("Vocal chop pad", Role.PAD),
        ("LeadVox", Role.VOCAL),
        ("Drum Buss", Role.DRUMS),
        ("Hi-Hats", Role.HATS),
        ("Riser 04", Role.EFFECTS),
        ("808", Role.BASS),
        ("808 slide 2", Role.BASS),
        ("808 Hat", Role.HATS),
        ("TR-808", Role.DRUMS),
        ("TB303 line", Role.BASS),
        ("BVs left", Role.VOCAL),
        ("Sine 1", Role.SUB),
        ("7-Audio", None),
        ("", None),
    ],
)
def test_a_name_says_a_role(text: str, role: Role | None) -> None:
    """The last word that says one decides, pairs of words before it."""
    assert role_in(text) is role
