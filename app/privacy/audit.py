"""The promises, measured on what is really there: rows, files, logs, mails, Redis.

Each check names the clause of the privacy page that it measures. It counts and dates; nothing
personal is in its answer, so that the same answer is a public page and a set of metrics.
"""

from __future__ import annotations

import asyncio
import stat
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
from redis.exceptions import RedisError

from app.accounts.tables import Account, Outbox
from app.analyses.rules import FileState, State
from app.analyses.tables import Upload
from app.kernel.db import table_names
from app.kernel.html.numbers import time_left
from app.kernel.queue import QUEUE
from app.kernel.storage import older_files
from app.privacy import holdings
from app.privacy.promises import MAIL_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from pathlib import Path

    from arq import ArqRedis
    from piccolo.engine.base import Engine

    from app.accounts.office import Office
    from app.kernel.clock import Clock
    from app.kernel.personal import PersonalData
    from app.kernel.storage import LocalStorage
    from app.privacy.erasure_log import ErasureLog
    from app.settings import Settings

LOG_FIELDS = {
    "access": frozenset({"at", "address", "browser", "method", "route", "status"}),
    "security": frozenset({"at", "event", "account", "address"}),
}
OTHERS = 0o077
UUID_LENGTH = 36


@dataclass(frozen=True, slots=True)
class Finding:
    """One promise with what was measured."""

    clause: str
    promise: str
    measured: str
    breaches: int

    @property
    def is_kept(self) -> bool:
        """Whether nothing breaks it."""
        return self.breaches == 0


class Auditor:
    """Measures every promise that can be measured here."""

    def __init__(  # noqa: PLR0913 - the composition root hands over its parts by name
        self,
        settings: Settings,
        *,
        entries: Sequence[PersonalData],
        engine: Engine[Any],
        clock: Clock,
        redis: ArqRedis,
        storage: LocalStorage,
        office: Office,
        erasures: ErasureLog,
    ) -> None:
        """Keep the parts."""
        self._settings = settings
        self._policy = settings.policy
        self._entries = entries
        self._engine = engine
        self._clock = clock
        self._redis = redis
        self._storage = storage
        self._office = office
        self._erasures = erasures

    async def audit(self) -> list[Finding]:
        """Measure everything."""
        checks = (
            self._old_uploads, self._needless_uploads, self._lost_files, self._overdue_rows, self._ownerless_rows,
            self._undeclared_tables, self._exports, self._backups, self._logs, self._mails, self._redis_keys,
            self._passwords, self._unconfirmed, self._closing, self._erased, self._modes,
        )  # fmt: skip
        return [await check() for check in checks]

    @property
    def _late(self) -> datetime:
        """The moment before which what is due must be gone: one sweep and a bit ago."""
        return self._clock() - 2 * timedelta(seconds=self._policy.retention.sweep_seconds)

    async def _old_uploads(self) -> Finding:
        rows = await Upload.select(Upload.created_at, Upload.delete_after).where(Upload.state != FileState.DELETED)
        oldest = min((row["created_at"] for row in rows), default=None)
        age = f"the oldest is {time_left(self._clock(), oldest)} old" if oldest else "there is none"
        late = sum(row["delete_after"] <= self._late for row in rows)
        hours = self._policy.retention.failed_upload_hours
        longer = sum(row["delete_after"] > row["created_at"] + self._policy.retention.failed_upload for row in rows)
        return Finding("uploads-4", f"no upload is kept for more than {hours} hours", age, late + longer)

    async def _needless_uploads(self) -> Finding:
        count = await Upload.count().where(
            (Upload.state != FileState.DELETED)
            & (Upload.analysis.state == State.DONE)
            & (Upload.analysis.finished_at <= self._late)
        )
        return Finding("uploads-3", "no file outlives its report", f"{count} files with a report", count)

    async def _lost_files(self) -> Finding:
        """Look for bytes that no row stands for: said to be deleted, or never known; temporary ones too."""
        gone = {row["id"] for row in await Upload.select(Upload.id).where(Upload.state == FileState.DELETED)}
        known = {row["id"] for row in await Upload.select(Upload.id).where(Upload.state != FileState.DELETED)}
        before = self._late - self._policy.retention.orphan_file
        files = [file async for file in self._storage.files()]
        lost = [file for file in files if file.key in gone or (file.key not in known and file.changed_at < before)]
        strange = await asyncio.to_thread(_strange, self._settings.uploads_dir, before)
        measured = f"{len(files)} files, {len(lost)} without a row, {strange} of another kind"
        return Finding("uploads-5", "every file has its row", measured, len(lost) + strange)

    async def _overdue_rows(self) -> Finding:
        rows = [entry for entry in self._entries if entry.freed_by is None]
        counts = {entry.name: await holdings.overdue(entry, self._late) for entry in rows}
        late = {name: count for name, count in counts.items() if count}
        dated = sum(bool(entry.deadline) for entry in rows)
        return Finding(
            "kept-enforced",
            "nothing is there past its deadline",
            f"{dated} tables with deadlines, overdue: {_counted(late)}",
            sum(late.values()),
        )

    async def _ownerless_rows(self) -> Finding:
        counts = {entry.name: await holdings.ownerless(entry) for entry in self._entries}
        lost = {name: count for name, count in counts.items() if count}
        return Finding("right-access", "every row has an owner", f"without one: {_counted(lost)}", sum(lost.values()))

    async def _undeclared_tables(self) -> Finding:
        there = await table_names(self._engine)
        unknown = sorted(there - {entry.name for entry in self._entries} - {"migration"})
        measured = f"{len(there)} tables, undeclared: {', '.join(unknown) or 'none'}"
        return Finding("kept-live", "every table declares whose it is and when it goes", measured, len(unknown))

    async def _exports(self) -> Finding:
        term = self._policy.privacy.export
        late = await asyncio.to_thread(_older, self._settings.exports_dir, "*", self._late - term)
        minutes = self._policy.privacy.export_minutes
        return Finding("kept-export", f"no export waits longer than {minutes} minutes", f"{late} too old", late)

    async def _backups(self) -> Finding:
        folder, days = self._settings.backups_dir, self._policy.privacy.backup_days
        late = await asyncio.to_thread(_older, folder, "*", self._late - self._policy.privacy.backup)
        there = await asyncio.to_thread(lambda: len(list(folder.glob("*"))))
        return Finding("deletion-2", f"no backup is older than {days} days", f"{there} backups, {late} too old", late)

    async def _logs(self) -> Finding:
        accounts, today = self._policy.accounts, self._clock().date()
        terms = {"access": accounts.access_log_days, "security": accounts.security_log_days}
        late, strange = await asyncio.to_thread(_log_faults, self._settings.logs_dir, terms, today)
        measured = f"{late} days too many, {strange} lines with more than they may have"
        return Finding("logs-1", "logs end in time and hold what they may", measured, late + strange)

    async def _mails(self) -> Finding:
        before = self._late - self._policy.privacy.last_mail
        old = await asyncio.to_thread(_older, self._settings.outbox_dir, "*.eml", before)
        kinds = {row["kind"] for row in await Outbox.select(Outbox.kind)}
        other = len(kinds - {kind.value for kind in MAIL_WORDS})
        measured = f"{old} files too old, {other} kinds that are not promised"
        return Finding("mail-none", "mails are of the promised kinds, and go", measured, old + other)

    async def _redis_keys(self) -> Finding:
        try:
            lasting = [key async for key in self._redis.scan_iter(count=1000) if await self._stays(key)]
        except (RedisError, OSError):
            return Finding("kept-live", "what is in Redis expires", "Redis is away", 0)
        measured = f"{await self._redis.dbsize()} keys, {len(lasting)} without an end"
        return Finding("kept-live", "what is in Redis expires", measured, len(lasting))

    async def _stays(self, key: bytes) -> bool:
        return not key.startswith(QUEUE.encode()) and await self._redis.ttl(key) == -1

    async def _passwords(self) -> Finding:
        count = await Account.count().where(Account.password_hash.not_like("$argon2id$%"))
        return Finding("account-2", "passwords are kept as argon2id hashes", f"{count} of another kind", count)

    async def _unconfirmed(self) -> Finding:
        before = self._late - self._policy.accounts.unverified
        count = await Account.count().where(Account.verified_at.is_null() & (Account.created_at <= before))
        days = self._policy.accounts.unverified_days
        promise = f"no account waits for its confirmation for more than {days} days"
        return Finding("account-5", promise, f"{count} too old", count)

    async def _closing(self) -> Finding:
        before = self._clock() - self._policy.privacy.erasure
        closing = await self._office.closing()
        late = sum(record.closing_at is not None and record.closing_at <= before for record in closing)
        seconds = self._policy.privacy.erasure_seconds
        promise = f"a deleted account is gone within {seconds} seconds"
        return Finding("deletion-1", promise, f"{len(closing)} on their way, {late} late", late)

    async def _erased(self) -> Finding:
        known = [record.id for record in await self._office.everyone() if record.closing_at is None]
        back = len(await asyncio.to_thread(self._erasures.among, known))
        measured = f"{len(self._erasures.lines())} erasures kept in mind, {back} back"
        return Finding("deletion-3", "nobody who was erased is back", measured, back)

    async def _modes(self) -> Finding:
        folders = [self._settings.data_dir, self._settings.uploads_dir, self._settings.exports_dir]
        open_ones = sum(stat.S_IMODE(folder.stat().st_mode) & OTHERS != 0 for folder in folders if folder.exists())
        return Finding("security-3", "files are open to the service only", f"{open_ones} folders open", open_ones)


def metrics(findings: Iterable[Finding]) -> str:
    """Return the findings in Prometheus's text format."""
    lines = [
        "# HELP tracksensei_promise_breaches What breaks a promise of the privacy page now.",
        "# TYPE tracksensei_promise_breaches gauge",
    ]
    totals: dict[str, int] = {}
    for finding in findings:
        totals[finding.clause] = totals.get(finding.clause, 0) + finding.breaches
    lines += [f'tracksensei_promise_breaches{{clause="{clause}"}} {count}' for clause, count in totals.items()]
    return "\n".join(lines) + "\n"


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "none"


def _older(folder: Path, pattern: str, before: datetime) -> int:
    return len(older_files(folder, pattern, before))


def _strange(folder: Path, before: datetime) -> int:
    """Count what lies in a folder under no name of ours."""
    return sum(len(entry.name) != UUID_LENGTH for entry in older_files(folder, "*", before))


def _log_faults(folder: Path, terms: dict[str, int], today: date) -> tuple[int, int]:
    """Count days that should be gone, and lines that say more than a line of their log may."""
    late = strange = 0
    for name, days in terms.items():
        for file in folder.glob(f"{name}-*.log"):
            late += date.fromisoformat(file.stem[-10:]) < today - timedelta(days=days)
            strange += sum(not _fields(line) <= LOG_FIELDS[name] for line in file.read_bytes().splitlines())
    return late, strange


def _fields(line: bytes) -> set[str]:
    try:
        return set(msgspec.json.decode(line, type=dict[str, Any]))
    except msgspec.MsgspecError:
        return {"no JSON"}
