"""``python -m tests.mutants``: tell what ``mutmut run`` found, and write what survived into docs/mutants.md."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS, REPORT = ROOT / "mutants", ROOT / "docs" / "mutants.md"
KILLED = frozenset({1, 3, 24, -24, 36, 152, 255})
"""A test failed, or the mutant did not come to an end."""
GOAL = 0.9
HEAD = """# Mutants

`make mutants` changes what lets people in, counts attempts and refuses foreign pages, one place at a time, and runs
the tests of it. A change that no test sees is a survivor. This page is written by that command.

| file | mutants | killed | share |
|---|---|---|---|
"""


def verdicts() -> dict[str, dict[str, int | None]]:
    """Return the exit code of each mutant's tests, by file; none where it was not tried."""
    return {
        str(meta.relative_to(RESULTS)).removesuffix(".meta"): json.loads(meta.read_text("utf-8"))["exit_code_by_key"]
        for meta in sorted(RESULTS.rglob("*.meta"))
    }


def change_of(mutant: str) -> str:
    """Return the lines that a mutant changes."""
    command = [str(Path(sys.executable).with_name("mutmut")), "show", mutant]
    shown = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    changed = [line for line in shown.splitlines() if line[:1] in "+-" and line[:3] not in {"+++", "---"}]
    return "\n".join(" ".join(line.split()) for line in changed)


def main() -> int:
    """Write the page; return 0 when enough was killed."""
    found = {file: codes for file, codes in verdicts().items() if codes}
    every = [code for codes in found.values() for code in codes.values()]
    killed = sum(code in KILLED for code in every)
    lines = [HEAD.rstrip("\n")]
    for file, codes in found.items():
        dead = sum(code in KILLED for code in codes.values())
        lines.append(f"| `{file}` | {len(codes)} | {dead} | {dead / len(codes):.1%} |")
    lines += [f"| all | {len(every)} | {killed} | {killed / len(every):.1%} |", "", "## Survivors", ""]
    for codes in found.values():
        for mutant in (name for name, code in codes.items() if code not in KILLED):
            lines += [f"`{mutant}`", "", "```diff", change_of(mutant), "```", ""]
    REPORT.write_text("\n".join(lines).rstrip() + "\n", "utf-8")
    sys.stdout.write(f"{killed} of {len(every)} mutants killed ({killed / len(every):.1%}); survivors: {REPORT}\n")
    return 0 if killed / len(every) >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
