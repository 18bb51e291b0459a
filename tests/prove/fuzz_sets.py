"""``python -m tests.prove.fuzz_sets SECONDS SEED DEPTH FOLDER``: coverage-guided fuzzing of the reader of sets.

A process of its own, since libFuzzer ends the process that it runs in. It writes how often what came
out to ``counts.json`` in the folder, and the input that broke it to a file of its own there.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import atheris

from tests.prove.spoil_sets import NAMES, VALUES, seeds, spoil

with atheris.instrument_imports(include=["app.liveset"]):
    from app.liveset.errors import Limits
    from tests.prove.one_set import outcome_of

LONGEST_BYTES = 1 << 17
TELL_EVERY = 500
LONGEST_S = 10


def main(seconds: int, seed: int, depth: int, folder: Path) -> None:
    """Fuzz for so long, with the limit of the depth as it is given."""
    limits = replace(Limits(), depth=depth)
    counts: Counter[str] = Counter()
    slowest_s = 0.0

    def try_one(data: bytes) -> None:
        nonlocal slowest_s
        began = time.perf_counter()
        counts[outcome_of(data, limits)] += 1
        slowest_s = max(slowest_s, time.perf_counter() - began)
        if counts.total() % TELL_EVERY == 1:
            said = {"outcomes": dict(counts), "slowest_s": slowest_s}
            (folder / "counts.json").write_text(json.dumps(said), "utf-8")

    def change(data: bytes, most: int, seed: int) -> bytes:
        chance = random.Random(seed)  # noqa: S311 - repeatable, no secret
        changed = spoil(data, chance) if chance.random() < 0.85 else atheris.Mutate(data, most)
        return bytes(changed[:most])

    corpus, words = folder / "corpus", folder / "words"
    corpus.mkdir()
    for number, content in enumerate(seeds()):
        (corpus / str(number)).write_bytes(content)
    words.write_text("".join(_entry(word) for word in (*NAMES, *VALUES) if 0 < len(word) < 60), "ascii")
    options = (
        f"-max_total_time={seconds}",
        f"-seed={seed}",
        f"-max_len={LONGEST_BYTES}",
        f"-timeout={LONGEST_S}",
        "-rss_limit_mb=1024",
        f"-artifact_prefix={folder}/broke-",
        f"-dict={words}",
        "-print_final_stats=1",
    )
    atheris.Setup([sys.argv[0], *options, str(corpus)], try_one, custom_mutator=change)
    atheris.Fuzz()


def _entry(word: bytes) -> str:
    """Write a word as libFuzzer reads its dictionaries."""
    return '"' + "".join(rf"\x{byte:02x}" for byte in word) + '"\n'


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
