"""``python -m tests.sbom FILE``: what is shipped, as a CycloneDX list, the same for the same locks.

The Python packages come from requirements.lock with their hashes, the browser's files from what is
vendored under static.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def packages() -> dict[str, Any]:
    """Return the list of the Python packages."""
    command = [str(Path(sys.executable).with_name("cyclonedx-py")), "requirements", "--output-reproducible"]
    options = ["--pyproject", "pyproject.toml", "--short-PURLs", "requirements.lock"]
    done = subprocess.run([*command, *options], cwd=ROOT, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def vendored() -> list[dict[str, Any]]:
    """List the files of others that the pages load; the folder names package and version."""
    return [
        {
            "type": "file",
            "bom-ref": str(file.relative_to(ROOT)),
            "name": file.name,
            "group": file.parent.name.rpartition("-")[0],
            "version": file.parent.name.rpartition("-")[2],
            "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(file.read_bytes()).hexdigest()}],
        }
        for file in sorted((ROOT / "static" / "vendor").rglob("*.js"))
    ]


def main(target: Path) -> None:
    """Write both into one list."""
    listed = packages()
    listed["components"] += vendored()
    target.write_text(json.dumps(listed, indent=2) + "\n", "utf-8")
    sys.stdout.write(f"{len(listed['components'])} components: {target}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
