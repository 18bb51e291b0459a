"""A form is read as a stream, in whatever pieces it arrives, and a broken one is the sender's fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.analyses.multipart import MAX_FIELD_BYTES, MAX_PARTS, FormStream
from app.kernel.errors import BadRequest
from tests.making.people import form_body

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

CONTENT = bytes(range(256)) * 40 + b"\r\n--xXxBOUNDARYxX not quite\r\n"


async def pieces(body: bytes, size: int) -> AsyncIterator[bytes]:
    """Hand out a body in pieces, an empty one among them."""
    yield b""
    for start in range(0, len(body), size):
        yield body[start : start + size]


async def read(body: bytes, kind: str, size: int = 1000) -> list[tuple[str, str | None, bytes]]:
    """Read a form to its end."""
    form = FormStream(kind, pieces(body, size))
    found: list[tuple[str, str | None, bytes]] = []
    async for part in form.parts():
        if part.filename is None:
            found.append((part.name, None, (await form.field()).encode()))
        else:
            found.append((part.name, part.filename, b"".join([block async for block in form.content()])))
    return found


@pytest.mark.parametrize("size", [1, 2, 7, 64, 1000, 100_000])
async def test_a_form_comes_back_whole_however_it_is_cut(size: int) -> None:
    """Fields keep their text and files their bytes in pieces of any size."""
    body, kind = form_body({"_csrf": "t" * 64, "track_name": "Nächtlich"}, [("bounce", "Mix 1.wav", CONTENT)])
    assert await read(body, kind, size) == [
        ("_csrf", None, b"t" * 64),
        ("track_name", None, "Nächtlich".encode()),
        ("bounce", "Mix 1.wav", CONTENT),
    ]


async def test_a_part_that_nobody_reads_is_passed_over() -> None:
    """The next part's head comes even if the content before it was not asked for."""
    body, kind = form_body({"a": "1"}, [("bounce", "", b""), ("live_set", "x.als", CONTENT)])
    form = FormStream(kind, pieces(body, 100))
    assert [part.name async for part in form.parts()] == ["a", "bounce", "live_set"]


async def test_a_part_is_known_before_its_content_has_come() -> None:
    """The first field can be checked while the rest of the body is still on its way."""
    body, kind = form_body({"_csrf": "t"}, [("bounce", "mix.wav", CONTENT)])
    given = 0

    async def counted() -> AsyncIterator[bytes]:
        nonlocal given
        for start in range(0, len(body), 50):
            given += 50
            yield body[start : start + 50]

    form = FormStream(kind, counted())
    first = await anext(aiter(form.parts()))
    assert first.name == "_csrf"
    assert await form.field() == "t"
    assert given < 200


@pytest.mark.parametrize(
    "kind",
    ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "multipart/mixed; boundary=x"],
)
def test_another_kind_of_body_is_refused_unread(kind: str) -> None:
    """Only a form with a boundary is a form."""
    with pytest.raises(BadRequest):
        FormStream(kind, pieces(b"", 1))


@pytest.mark.parametrize("end", [1, 4, 20, 60, 200, 5000, -40, -5])
async def test_a_form_that_ends_early_is_refused(end: int) -> None:
    """Without its closing line a form is broken, wherever it stops."""
    body, kind = form_body({"_csrf": "t"}, [("bounce", "mix.wav", CONTENT)])
    with pytest.raises(BadRequest):
        await read(body[:end], kind)


async def test_a_form_has_so_many_parts_and_so_long_fields() -> None:
    """One part or one byte too many is refused; as many as allowed are read."""
    fields = [(f"f{number}", "v") for number in range(MAX_PARTS)]
    body, kind = form_body(fields)
    assert len(await read(body, kind)) == MAX_PARTS
    body, _ = form_body([*fields, ("one_more", "v")])
    with pytest.raises(BadRequest):
        await read(body, kind)
    body, _ = form_body({"field": "x" * MAX_FIELD_BYTES})
    assert len((await read(body, kind))[0][2]) == MAX_FIELD_BYTES
    body, _ = form_body({"field": "x" * (MAX_FIELD_BYTES + 1)})
    with pytest.raises(BadRequest):
        await read(body, kind)


async def test_a_field_that_is_no_text_is_refused() -> None:
    """Fields are UTF-8."""
    body, kind = form_body({"field": "MARK"})
    with pytest.raises(BadRequest):
        await read(body.replace(b"MARK", b"\xff\xfe"), kind)
