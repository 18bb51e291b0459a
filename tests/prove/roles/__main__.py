"""Be the role that is named.

A file of its own, as the product has: multiprocessing imports any other main module again in every child.
"""

from __future__ import annotations

import sys

from tests.prove.roles import main

main(sys.argv[1])
