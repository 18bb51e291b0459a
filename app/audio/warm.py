"""Importing this module makes the process a warm parent for forked children.

For `multiprocessing.set_forkserver_preload`: everything is loaded and has run once, on one
thread, so that a child starts in a few hundredths of a second and imports nothing.
"""

from __future__ import annotations

import os

# Threads do not survive a fork, and another number of BLAS threads gives other last digits.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[_name] = "1"
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

from app.audio.engine import preload  # noqa: E402  numpy reads the environment when imported

preload()
