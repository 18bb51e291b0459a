"""The processes that proofs start: ``python -m tests.prove.roles web|worker|forker``.

A forker has everything loaded and forks a worker, one life of an analysis or of a message, or
one move of the ledger, for each line that it reads, so that hundreds can be killed in minutes;
it answers with the process's number.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app import server, worker
from app.settings import Settings
from tests.prove.life import hear, live, move_and_die
from tests.prove.parts import PARTS, die_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.bootstrap import Parts

PARTS_NAME = "PROVE_PARTS"


def main(role: str) -> None:
    """Be a web process, a worker, or a forker of them."""
    if role == "forker":
        _fork_by_order()
    else:
        _be({"role": role, "parts": os.environ[PARTS_NAME]})


def _be(order: Mapping[str, Any]) -> None:
    settings, parts = Settings.from_environment(), _parts_of(order)
    if order["role"] == "web":
        server.run(settings, parts=parts)
    elif order["role"] == "worker":
        worker.run(settings, parts=parts)
    elif order["role"] == "message":
        asyncio.run(hear(settings, parts, order["body"], order["signature"]))
    elif order["role"] == "ledger":
        asyncio.run(move_and_die(settings, order["account"], order["deed"], Path(order["mark"])))
    else:
        asyncio.run(live(settings, parts, order["account"]))


def _parts_of(order: Mapping[str, Any]) -> Parts:
    parts = PARTS[order["parts"]]
    if "waypoint" in order:
        return replace(parts, reached=die_at(order["waypoint"], Path(order["mark"])))
    return parts


def _fork_by_order() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _be_forked(order)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


def _be_forked(order: Mapping[str, Any]) -> None:
    code = 1
    try:
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(os.open(os.devnull, os.O_RDWR), 0)
        os.dup2(2, 1)
        _be(order)
        code = 0
    finally:
        os._exit(code)
