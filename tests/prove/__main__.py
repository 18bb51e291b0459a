"""The command: prove one figure, print its result, tell by the exit code whether it is as it must be."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import random
import sys
from pathlib import Path
from typing import Any

import structlog

from tests.prove.figure import Figure, Size, run
from tests.prove.registry import FIGURES


def main(arguments: list[str] | None = None) -> int:
    """Return 0 when the figure holds, or with ``--mutant`` when it does not."""
    asked = _parser().parse_args(arguments)
    figure = FIGURES[asked.name.lower()]
    seed = asked.seed if asked.seed is not None else random.SystemRandom().randrange(2**31)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    sys.stderr.write(f"{figure.name}: seed {seed}\n")
    found = asyncio.run(run(figure, Size.FULL if asked.full else Size.SMALL, seed, mutant=asked.mutant))
    text = json.dumps(found, indent=2, ensure_ascii=False)
    sys.stdout.write(text + "\n")
    if asked.out:
        _keep(asked.out, figure, found, text)
    return 0 if found["holds"] is not asked.mutant else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.prove", description="Prove one figure.")
    parser.add_argument("name", choices=sorted(FIGURES), type=str.lower, help="which figure")
    parser.add_argument("--full", action="store_true", help="the size that counts, under ten minutes")
    parser.add_argument("--mutant", action="store_true", help="the weakened variant, which must fail")
    parser.add_argument("--seed", type=int, help="repeat a run")
    parser.add_argument("--out", type=Path, help="folder that keeps the result as JSON")
    return parser


def _keep(folder: Path, figure: Figure, found: dict[str, Any], text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    kind = "-mutant" if found["mutant"] else ""
    database = "-postgresql" if os.environ.get("DATABASE_URL", "").startswith("postgres") else ""
    (folder / f"{figure.name}-{found['size']}{database}{kind}.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    # The forked children of a figure's processes load this module too, and must not begin anew.
    sys.exit(main())
