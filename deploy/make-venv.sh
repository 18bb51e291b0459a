#!/bin/sh
# Make the virtual environment with a Python from 3.11 to 3.13, or say in one sentence what is missing.
set -eu
venv=$1
usable() { "$1" -c 'import sys; raise SystemExit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1; }
python=
for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
  if usable "$candidate"; then python=$candidate; break; fi
done
if [ -z "$python" ]; then
  echo "TrackSensei needs Python 3.11, 3.12 or 3.13: install one, or name it with PYTHON=/path/to/python make." >&2
  exit 1
fi
if ! command -v cc >/dev/null 2>&1 && ! command -v gcc >/dev/null 2>&1; then
  echo "One dependency (madmom) is built from source: install a C compiler (Debian: apt install build-essential python3-dev; macOS: xcode-select --install)." >&2
  exit 1
fi
if ! "$python" -c 'import os, sysconfig; raise SystemExit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))'; then
  echo "One dependency (madmom) is built from source: install the headers of this Python (Debian: apt install python3-dev)." >&2
  exit 1
fi
"$python" -m venv "$venv"
# Older pips do not see that a pin of `package[extra]` pins the package too.
"$venv/bin/python" -m pip --quiet --quiet --disable-pip-version-check install --require-hashes -r "$(dirname "$0")/pip.lock"
