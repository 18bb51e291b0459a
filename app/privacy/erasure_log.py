"""Which accounts were erased, told by nothing but salted hashes, so that a restored backup forgets them again.

A file beside the database, not a table in it: a backup that is put back must not take the log
along. It is written and synced before the first row goes. A line is a random salt and the
SHA-256 of salt and account identifier (itself 122 random bits), and goes when no backup is old
enough to know the account. Web, worker and commands write it, one at a time.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from uuid import UUID

NAME = "erasures.log"


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One erasure."""

    at: datetime
    salt: str
    digest: str

    def names(self, account_id: UUID) -> bool:
        """Tell whether this account is meant."""
        return secrets.compare_digest(self.digest, _digest(self.salt, account_id))


class ErasureLog:
    """The log of one data folder."""

    def __init__(self, folder: Path, *, term: timedelta) -> None:
        """Make nothing yet; ``term`` is how long a backup is kept."""
        self.path = folder / NAME
        self._term = term

    def add(self, account_id: UUID, now: datetime) -> None:
        """Note an erasure durably; noted twice it is noted once."""
        salt = secrets.token_hex(16)
        line = msgspec.json.encode(Line(at=now, salt=salt, digest=_digest(salt, account_id)))
        with self._alone():
            if self.has(account_id):
                return
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "ab") as file:
                file.write(line + b"\n")
                file.flush()
                os.fsync(file.fileno())

    def has(self, account_id: UUID) -> bool:
        """Tell whether an account was erased."""
        return any(line.names(account_id) for line in self.lines())

    def among(self, account_ids: Iterable[UUID]) -> list[UUID]:
        """Return which of these accounts were erased."""
        lines = self.lines()
        return [account_id for account_id in account_ids if any(line.names(account_id) for line in lines)]

    def lines(self) -> list[Line]:
        """Read the log; a last line that a death cut short names nobody whose rows had begun to go."""
        return read_lines(self.path)

    def merge(self, lines: Iterable[Line]) -> None:
        """Take over the lines of another copy of the log."""
        with self._alone():
            both = {line.digest: line for line in (*self.lines(), *lines)}
            self._replace(sorted(both.values(), key=lambda line: line.at))

    def remove_due(self, now: datetime) -> int:
        """Forget the erasures that no backup is old enough to know; tell how many."""
        if not self.path.exists():
            return 0
        with self._alone():
            lines = self.lines()
            # A day more than a backup is kept, since a backup is pruned by the day.
            held = [line for line in lines if now - line.at < self._term + timedelta(days=1)]
            if len(held) != len(lines):
                self._replace(held)
        return len(lines) - len(held)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep every other writer out: a line that is added while the log is written anew would be lost."""
        lock = os.open(self.path.with_suffix(".lock"), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _replace(self, lines: Iterable[Line]) -> None:
        new = self.path.with_suffix(".new")
        new.unlink(missing_ok=True)
        new.touch(mode=0o600)
        new.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
        new.replace(self.path)


def read_lines(path: Path) -> list[Line]:
    """Read a copy of the log."""
    if not path.exists():
        return []
    return [line for text in path.read_bytes().splitlines() if (line := _line(text)) is not None]


def _digest(salt: str, account_id: UUID) -> str:
    return hashlib.sha256(f"{salt}:{account_id}".encode()).hexdigest()


def _line(text: bytes) -> Line | None:
    try:
        return msgspec.json.decode(text, type=Line)
    except msgspec.MsgspecError:
        return None
