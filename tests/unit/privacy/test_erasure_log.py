"""The log of erasures loses none, however many processes write it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from app.privacy.erasure_log import ErasureLog, Line

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
WEEK = timedelta(days=7)


def test_an_erasure_is_not_lost_while_old_ones_are_forgotten(tmp_path: Path) -> None:
    """Two erase accounts while two others write the log anew, each with a view of its own of the file."""
    erased = [uuid4() for _ in range(100)]

    def erase(accounts: list[UUID]) -> None:
        log = ErasureLog(tmp_path, term=WEEK)
        for account in accounts:
            log.add(account, NOW)

    def forget() -> int:
        log = ErasureLog(tmp_path, term=WEEK)
        count = 0
        for number in range(100):
            log.merge([Line(at=NOW - timedelta(days=9), salt="", digest=str(number))])
            count += log.remove_due(NOW)
        return count

    with ThreadPoolExecutor(4) as pool:
        erasing = [pool.submit(erase, erased[start::2]) for start in range(2)]
        forgetting = [pool.submit(forget) for _ in range(2)]
        for work in erasing:
            work.result()
        assert sum(work.result() for work in forgetting) >= 100
    log = ErasureLog(tmp_path, term=WEEK)
    assert set(log.among(erased)) == set(erased)
    assert {file.name for file in tmp_path.iterdir()} == {"erasures.log", "erasures.lock"}
    assert all(file.stat().st_mode & 0o077 == 0 for file in tmp_path.iterdir())
