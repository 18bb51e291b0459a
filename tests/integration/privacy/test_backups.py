"""A backup is closed to everybody but the operator, keeps nothing too long, and forgets the erased again."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pyrage
import pytest

from app.accounts.tables import Account, Consent
from app.kernel.clock import utc_now
from app.kernel.errors import Conflict
from app.tracks.tables import Track
from tests.integration.privacy.test_audit import an_account
from tests.services.settings import make_settings

if TYPE_CHECKING:
    from pathlib import Path

    from app.bootstrap import Services
    from app.settings import Settings


@pytest.fixture
def identity(tmp_path: Path) -> Path:
    """Lend an operator's identity, as age-keygen writes it."""
    key = pyrage.x25519.Identity.generate()
    path = tmp_path / "identity.txt"
    path.write_text(f"# public key: {key.to_public()}\n{key}\n")
    return path


@pytest.fixture
def settings(data_dir: Path, database_url: str, redis_url: str, identity: Path) -> Settings:
    """Lend settings with the operator's public key."""
    public = identity.read_text().split()[3]
    return make_settings(data_dir, database_url=database_url, redis_url=redis_url, port=1, backup_recipient=public)


async def test_the_erased_stay_erased_after_a_restore(services: Services, identity: Path) -> None:
    """Of two accounts one is erased after the backup; put back, only the other is there."""
    gone, stays = await an_account(email="gone@example.com"), await an_account(email="stays@example.com")
    now = utc_now()
    for owner, name, days in ((stays, "long", 20), (stays, "short", 3), (gone, "gone", 20)):
        await Track.insert(
            Track(id=uuid4(), account=owner.id, name=name, created_at=now, expires_at=now + timedelta(days=days))
        )
    await Consent.insert(Consent(id=uuid4(), account=stays.id, kind="ai", version="1", given_at=now))
    path, count, _ = await services.backups.make()
    assert count == 5  # the short one is due before the backup is pruned
    sealed = path.read_bytes()
    assert b"example.com" not in sealed
    assert path.stat().st_mode & 0o077 == 0
    await services.rights.erasing.erase(gone.id)
    with pytest.raises(Conflict):
        await services.backups.restore(path, identity)
    await Account.delete(force=True)
    back = await services.backups.restore(path, identity)
    assert (back.rows, back.erased) == (5, 1)
    assert [row["email"] for row in await Account.select(Account.email)] == ["stays@example.com"]
    assert [row["name"] for row in await Track.select(Track.name)] == ["long"]
    assert await Consent.count() == 1


async def test_a_backup_opens_for_its_identity_only(services: Services, tmp_path: Path) -> None:
    """Another key opens nothing, and the database stays empty."""
    await an_account()
    path, _, _ = await services.backups.make()
    await Account.delete(force=True)
    other = tmp_path / "other.txt"
    other.write_text(f"{pyrage.x25519.Identity.generate()}\n")
    with pytest.raises(Conflict):
        await services.backups.restore(path, other)
    assert await Account.count() == 0


async def test_old_backups_are_pruned(services: Services) -> None:
    """The eighth day takes a backup away; a fresh one stays."""
    path, _, _ = await services.backups.make()
    old = path.with_name(f"tracksensei-old{''.join(path.suffixes[-3:])}")
    old.write_bytes(b"x")
    week_ago = (utc_now() - timedelta(days=7, minutes=1)).timestamp()
    os.utime(old, (week_ago, week_ago))
    assert services.backups.prune() == 1
    assert path.exists()
