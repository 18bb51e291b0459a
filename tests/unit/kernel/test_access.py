"""Who may call a route, and what a form may be."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from litestar import Request
from litestar.handlers import HTTPRouteHandler

from app.kernel.errors import BadRequest, ClientGone, Forbidden, NotProved, NotSignedIn
from app.kernel.html import access
from app.kernel.html.access import (
    ACCOUNT,
    MAX_FIELDS,
    OPERATOR,
    OWNER,
    PUBLIC,
    TOKEN_IN_FIRST_FIELD,
    VERIFIED,
    WEBHOOK,
    form_of,
    needs_own_page,
    needs_proof,
    needs_session,
    password_first,
)
from app.kernel.html.csrf import token_of

if TYPE_CHECKING:
    from app.settings import Settings

SITE = "https://tracksensei.example"
KEY, SESSION = b"k" * 48, UUID(int=7)
NOW = datetime(2030, 1, 31, 12, tzinfo=UTC)
TERM = timedelta(minutes=15)
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who is logged in."""

    session_id: UUID = SESSION
    is_verified: bool = True
    proved_at: datetime = NOW


@dataclass(frozen=True, slots=True)
class Site:
    """The two settings that the guard reads."""

    site_url: str = SITE
    signing_keys: tuple[bytes, ...] = (KEY,)


def handler(*opts: dict[str, Any]) -> HTTPRouteHandler:
    """Make a route with these options."""
    merged = {name: value for opt in opts for name, value in opt.items()}
    return HTTPRouteHandler("/", http_method="POST", request_max_body_size=65536, opt=merged)


def request(
    body: bytes = b"", *, viewer: Viewer | None = None, method: str = "POST", is_cut: bool = False, **headers: str
) -> Request[Any, Any, Any]:
    """Make a request; a name's underscores stand for hyphens."""
    messages = [{"type": "http.request", "body": body, "more_body": is_cut}, {"type": "http.disconnect"}]

    async def receive() -> Any:
        return messages.pop(0)

    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope: Any = {"type": "http", "method": method, "path": "/", "headers": named, "user": viewer, "query_string": b""}
    scope["route_handler"] = handler(PUBLIC)
    return Request(scope, receive=receive)


@pytest.mark.parametrize("opt", [PUBLIC, WEBHOOK, OPERATOR])
def test_what_is_open_lets_strangers_in(opt: dict[str, Any]) -> None:
    """Nobody needs a session there, and a session does no harm."""
    needs_session(request(), handler(opt))
    needs_session(request(viewer=Viewer()), handler(opt))


@pytest.mark.parametrize("opt", [ACCOUNT, OWNER, {}, {"access": "nonsense"}])
def test_everything_else_needs_a_session(opt: dict[str, Any]) -> None:
    """Also a route that says nothing, or something that is no class."""
    with pytest.raises(NotSignedIn) as refused:
        needs_session(request(), handler(opt))
    assert refused.value.sentence == "This page is for people who are logged in."
    assert refused.value.way_out == "Log in and come back."
    needs_session(request(viewer=Viewer()), handler(opt))


def test_what_costs_work_needs_a_confirmed_address() -> None:
    """Only where the route says so, and a stranger hears of the session first."""
    unconfirmed = request(viewer=Viewer(is_verified=False))
    with pytest.raises(Forbidden) as refused:
        needs_session(unconfirmed, handler(ACCOUNT, VERIFIED))
    assert refused.value.code == "unverified"
    assert refused.value.sentence == "Your address is not confirmed yet, and nothing was stored or counted."
    assert refused.value.way_out == "Follow the link in our mail; the page of your account sends another."
    needs_session(unconfirmed, handler(ACCOUNT))
    needs_session(request(viewer=Viewer()), handler(ACCOUNT, VERIFIED))
    needs_session(request(), handler(PUBLIC, VERIFIED))


def test_a_proof_holds_for_its_whole_term_and_not_longer() -> None:
    """The error names the page to come back to; routes that do not hurt ask for nothing."""
    hurts = handler(ACCOUNT, password_first("/account/erase"))
    guard = needs_proof(lambda: NOW + TERM, TERM)
    guard(request(viewer=Viewer()), hurts)
    late = needs_proof(lambda: NOW + TERM + timedelta(microseconds=1), TERM)
    with pytest.raises(NotProved) as refused:
        late(request(viewer=Viewer()), hurts)
    assert refused.value.page == "/account/erase"
    late(request(viewer=Viewer()), handler(ACCOUNT))
    late(request(), hurts)


async def ask(*opts: dict[str, Any], **about: Any) -> None:
    """Let the guard of forms look at a request."""
    settings: Settings = Site()  # type: ignore[assignment]
    guard: Any = needs_own_page(settings)
    await guard(request(**about), handler(*opts))


async def refused_as(code: str, *opts: dict[str, Any], **about: Any) -> bool:
    """Tell whether the guard refuses a request for this reason."""
    with pytest.raises(Forbidden) as refused:
        await ask(*opts, **about)
    return refused.value.code == code


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
async def test_a_look_needs_no_token(method: str) -> None:
    """What changes nothing may come from anywhere."""
    await ask(ACCOUNT, method=method, viewer=Viewer(), origin="https://evil.example")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "WHATEVER"])
async def test_a_change_comes_from_our_own_page(method: str) -> None:
    """A stranger's too; only a webhook is another server's."""
    await ask(PUBLIC, method=method, origin=SITE)
    await ask(WEBHOOK, method=method)
    assert await refused_as("foreign_origin", PUBLIC, method=method)
    assert await refused_as("foreign_origin", ACCOUNT, method=method, viewer=Viewer(), origin="https://evil.example")
    assert await refused_as("foreign_origin", OPERATOR, method=method)


async def test_a_session_sends_its_token_in_the_header_or_in_the_form() -> None:
    """The header wins; a route that checks it itself is left to do so."""
    right, about = token_of(KEY, SESSION), {"viewer": Viewer(), "origin": SITE}
    field = {"content_type": FORM, "body": f"_csrf={right}".encode()}
    await ask(ACCOUNT, **about, x_csrf_token=right)
    await ask(ACCOUNT, **about, **field)
    await ask(ACCOUNT, TOKEN_IN_FIRST_FIELD, **about)
    assert await refused_as("csrf_token", ACCOUNT, **about)
    assert await refused_as("csrf_token", ACCOUNT, **about, content_type=FORM, body=b"_csrf=")
    assert await refused_as("csrf_token", ACCOUNT, **about, **field, x_csrf_token="")
    assert await refused_as("csrf_token", ACCOUNT, **about, content_type="text/plain", body=f"_csrf={right}".encode())
    assert await refused_as("csrf_token", PUBLIC, **about)


@pytest.mark.parametrize("kind", [FORM, FORM.upper(), f"{FORM}; charset=utf-8", f" {FORM} ;x"])
async def test_a_form_is_read_by_its_fields(kind: str) -> None:
    """The last value of a name counts, empty ones are there, and a NUL is not."""
    found = await form_of(request(b"a=1&a=2&b=&c=%00x%00&d=%C3%A9+%26", content_type=kind))
    assert found == {"a": "2", "b": "", "c": "x", "d": "\u00e9 &"}


@pytest.mark.parametrize("kind", ["", "application/json", "text/plain", "multipart/form-data; boundary=x", f"x;{FORM}"])
async def test_what_is_no_form_has_no_fields(kind: str) -> None:
    """Nothing is guessed from a body of another type."""
    assert await form_of(request(b"a=1", content_type=kind)) == {}
    assert await form_of(request(b"a=1")) == {}


async def test_a_form_has_a_limit_of_fields() -> None:
    """So many are read, one more is refused."""
    body = b"&".join(b"f%d=1" % number for number in range(MAX_FIELDS))
    assert len(await form_of(request(body, content_type=FORM))) == MAX_FIELDS
    assert await is_unreadable(body + b"&one=more")


@pytest.mark.parametrize("body", [b"a=%ff", b"\xff=1", b"a=\xff"])
async def test_a_form_that_is_no_text_is_refused(body: bytes) -> None:
    """Nothing is replaced silently."""
    assert await is_unreadable(body)


async def is_unreadable(body: bytes) -> bool:
    """Tell whether a form is refused with its sentence."""
    with pytest.raises(BadRequest) as refused:
        await form_of(request(body, content_type=FORM))
    said = (refused.value.sentence, refused.value.way_out)
    return said == ("The form could not be read.", "Load the page again and repeat.")


async def test_a_form_that_is_cut_is_nobodys(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that ends before its form does is not a failure of ours; one that hangs has a deadline."""
    with pytest.raises(ClientGone) as gone:
        await form_of(request(b"a=", is_cut=True, content_type=FORM))
    assert gone.value.sentence == "The connection was cut before all had come."
    monkeypatch.setattr(access, "FORM_DEADLINE_S", 0.05)

    async def silence() -> Any:
        await asyncio.Event().wait()

    hanging = request(content_type=FORM)
    hanging.receive = silence
    with pytest.raises(BadRequest) as refused:
        await form_of(hanging)
    assert refused.value.sentence == "Not all arrived in time."
    assert refused.value.way_out == "Load the page again and repeat."
