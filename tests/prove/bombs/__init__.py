"""Files made by hand to cost a decoder its memory, its time or its head; a module a format."""

from __future__ import annotations

from tests.prove.bombs import aiff, flac, mp3, ogg, wav

ALL = {"wav": wav.bombs, "aiff": aiff.bombs, "flac": flac.bombs, "mp3": mp3.bombs, "ogg": ogg.bombs}
"""Each returns a name and content by label; the name's ending is the format's."""
