"""Importing this makes a parent whose children find every meter's loops compiled; no networks are loaded."""

from __future__ import annotations

import tempfile

from app.audio.errors import Limits
from tests.making.audio import encode, music
from tests.prove.decoding import WAYS

RATES_HZ = (8_000, 44_100, 48_000, 96_000, 192_000)

for _rate_hz in RATES_HZ:
    for _channels in (1, 2):
        with tempfile.TemporaryFile() as _file:
            _file.write(encode(music(0.6)[:, :_channels], _rate_hz))
            _file.flush()
            WAYS["gate"](_file.fileno(), "warm.wav", Limits())
