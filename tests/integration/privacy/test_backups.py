"""A backup is closed to everybody but the operator, keeps nothing too long, and forgets the erased again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pyrage
import pytest

from app.accounts.tables import Account, Consent, Outbox
from app.kernel.clock import utc_now
from app.kernel.errors import Conflict
from app.tracks.tables import Track
from tests.integration.privacy.test_audit import an_account
from tests.making.traces import services_after
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


async def test_old_backups_go_with_the_sweep(services: Services) -> None:
    """After its days a backup goes, and one that a death left half written, without anybody making another."""
    path, _, _ = await services.backups.make()
    half, other = path.with_suffix(".new"), path.with_name("notes.txt")
    for file in (half, other):
        file.touch()
    async with services_after(services.settings, timedelta(days=6, hours=23)) as later:
        assert (await later.sweeper.sweep()).backups == 0
    async with services_after(services.settings, timedelta(days=7, minutes=1)) as later:
        assert (await later.sweeper.sweep()).backups == 2
    assert [file.exists() for file in (path, half, other)] == [False, False, True]


async def test_a_backup_of_which_erasures_are_forgotten_is_not_put_back(services: Services, identity: Path) -> None:
    """Kept elsewhere for longer than its days, it would bring back who was erased meanwhile."""
    gone = await an_account(email="gone@example.com")
    path, _, _ = await services.backups.make()
    kept = path.rename(path.with_name("elsewhere.age"))
    await services.rights.erasing.erase(gone.id)
    async with services_after(services.settings, timedelta(days=9)) as later:
        await later.sweeper.sweep()
        assert later.rights.erasures.lines() == []
        with pytest.raises(Conflict, match="not known any more"):
            await later.backups.restore(kept, identity)
    assert await Account.count() == 0


async def test_a_restore_that_dies_serves_nobody_who_was_erased(services: Services, identity: Path) -> None:
    """Between the rows and the repeated erasure nobody of the log is let in, and the next sweep finishes it."""
    gone = await an_account(email="gone@example.com")
    path, _, _ = await services.backups.make()
    await services.rights.erasing.erase(gone.id)
    services.rights.erasures.path.rename(identity.with_name("erasures.log"))  # another machine, with a copy of the log
    (services.settings.data_dir / "backups").rename(services.settings.data_dir / "elsewhere")
    await Outbox.delete(force=True)

    class Died(Exception):
        """A death after the rows."""

    class Dying:
        async def replay(self) -> int:
            raise Died

    services.backups._erasing = Dying()  # type: ignore[assignment]
    backup = services.settings.data_dir / "elsewhere" / path.name
    with pytest.raises(Died):
        await services.backups.restore(backup, identity, identity.with_name("erasures.log"))
    assert await services.accounts.by_email("gone@example.com") is None
    assert await Account.count() == 1
    assert (await services.sweeper.sweep()).accounts == 1
    assert await Account.count() == 0
