"""An export comes back into a fresh account by the page, and nothing else does."""

from __future__ import annotations

import secrets
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from app.analyses.tables import Analysis
from app.privacy.copying import is_sealed, seal
from app.privacy.tables import Export
from tests.making.people import form_body, member
from tests.making.reports import finished
from tests.unit.advice.documents import with_changes

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from tests.making.people import Person
    from tests.services.site import Site


async def export_of(person: Person) -> bytes:
    """Order an export, let it be made, and fetch its bytes."""
    await person.client.post("/data/export", data={"_csrf": person.token})
    rights = person.site.app.dependencies["rights"].dependency()  # type: ignore[union-attr]
    assert await rights.exports.make_due() == 1
    (row,) = await Export.select(Export.id).where(Export.account.email == person.email)
    answer = await person.client.post(f"/data/export/{row['id']}", data={"_csrf": person.token})
    assert answer.status_code == 200, answer.text
    return answer.content


async def analyses_of(person: Person) -> list[dict[str, Any]]:
    """Return somebody's analyses as they stand in the database."""
    return await Analysis.select().where(Analysis.account.email == person.email)


async def bring(person: Person, content: bytes, **fields: str) -> httpx.Response:
    """Send the form of the page."""
    body, kind = form_body(fields or {"_csrf": person.token}, [("export", "export.zip", content)])
    return await person.client.post("/data/import", content=body, headers={"Content-Type": kind})


async def test_an_export_comes_back_into_a_fresh_account_by_the_page(live_site: Site) -> None:
    """The report of another address is there, read by the same page, once."""
    async with member(live_site) as person, member(live_site, "bob") as fresh:
        await finished(person, with_changes(loudness__integrated_lufs=-9.7), name="Night Bus.wav")
        content = await export_of(person)
        answer = await bring(fresh, content)
        assert answer.headers["location"] == "/data?done=imported", answer.text
        assert "Night Bus" in (await fresh.client.get("/tracks")).text
        (back,), (before,) = await analyses_of(fresh), await analyses_of(person)
        assert back["expires_at"] == before["expires_at"]
        assert "−9.7" in (await fresh.client.get(f"/analyses/{back['id']}")).text
        again = await bring(fresh, content)
        assert again.status_code == 409
        assert "has results already" in again.text
        assert not list(live_site.settings.exports_dir.glob("*.import"))


@pytest.mark.parametrize("change", ["a byte", "the seal", "another key", "no ZIP", "nothing"])
async def test_what_was_not_exported_here_is_refused_unopened(live_site: Site, tmp_path: Path, change: str) -> None:
    """A changed byte, a changed seal, another service's seal, anything else: 422, and nothing is there."""
    async with member(live_site) as person, member(live_site, "bob") as fresh:
        await finished(person, with_changes(), name="Night Bus.wav")
        content = await export_of(person)
        other = tmp_path / "other.zip"
        other.write_bytes(content)
        if change == "another key":
            seal(other, secrets.token_bytes(32))
        changed = {
            "a byte": content[:200] + bytes([content[200] ^ 1]) + content[201:],
            "the seal": content[:-1] + (b"0" if content[-1:] != b"0" else b"1"),
            "another key": other.read_bytes(),
            "no ZIP": b"PK" + secrets.token_bytes(500),
            "nothing": b"",
        }[change]
        answer = await bring(fresh, changed)
        assert answer.status_code == 422, answer.text
        assert await analyses_of(fresh) == []
        assert list(live_site.settings.exports_dir.glob("*.import")) == []


async def test_an_import_wants_the_token_first(live_site: Site) -> None:
    """Without it, or after the file, the form is refused."""
    async with member(live_site) as person:
        assert (await bring(person, b"x", other="1")).status_code == 403
        assert (await bring(person, b"x", _csrf="0" * 64)).status_code == 403


def test_a_seal_is_over_every_byte(tmp_path: Path) -> None:
    """Each byte that is changed is noticed, and the key before the last still holds."""
    path, key = tmp_path / "some.zip", secrets.token_bytes(32)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a", "b")
    seal(path, key)
    assert zipfile.ZipFile(path).read("a") == b"b"
    assert is_sealed(path, [secrets.token_bytes(32), key])
    content = path.read_bytes()
    for place in range(len(content)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        assert not is_sealed(path, [key])
