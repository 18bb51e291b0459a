"""Importing this module makes a process the warm parent of children: engine and reader of sets are loaded.

A child that is confined opens no file any more, so that nothing is left for it to import.
"""

from __future__ import annotations

import app.analyses.measuring
import app.analyses.set_document
import app.audio.warm
import app.kernel.isolate
import app.liveset.document
import app.liveset.sets  # noqa: F401
