#!/bin/sh
# The whole suite: everything on SQLite, then on a real PostgreSQL what touches a database.
# Arguments go to both runs of pytest. Exit code 0 only if every run is green.
set -u
cd "$(dirname "$0")/.." || exit 1
python=${PYTHON:-.venv/bin/python}
# Tests wait for processes more than they compute: three at a time keep two cores busy.
workers=${WORKERS:-3}

find_chromium() {
  for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
    [ -n "$name" ] && command -v "$name" && return
  done
  return 1
}

if ! find_chromium >/dev/null; then
  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    echo "Chromium is missing and is installed from the system's packages."
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium; } >/dev/null || true
  fi
  if ! find_chromium >/dev/null; then
    echo "The browser tests need Chromium: install it (Debian: apt install chromium), or name it with CHROMIUM=/path/to/chromium." >&2
    exit 1
  fi
fi

on_postgres=
for folder in tests/integration tests/web tests/worker tests/e2e; do
  [ -d "$folder" ] && on_postgres="$on_postgres $folder"
done

echo "== SQLite: the whole suite"
DATABASE_URL=sqlite:///test "$python" -m pytest -n "$workers" --dist loadgroup "$@"
sqlite=$?

echo "== PostgreSQL: what touches a database"
# shellcheck disable=SC2086 # folders without spaces, one word each
"$python" -m tests.services.postgres "$python" -m pytest -n "$workers" --dist loadgroup \
  -m "not sqlite_only" $on_postgres "$@"
postgres=$?

verdict() { if [ "$1" -eq 0 ]; then echo green; else echo "red (exit $1)"; fi; }
echo "== SQLite $(verdict $sqlite), PostgreSQL $(verdict $postgres)"
[ "$sqlite" -eq 0 ] && [ "$postgres" -eq 0 ]
