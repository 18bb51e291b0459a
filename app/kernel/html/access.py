"""Who may call a route: each declares it, and a request is checked before its handler runs."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from litestar.exceptions import InternalServerException

from app.kernel.errors import BadRequest, ClientGone, Forbidden, NotProved, NotSignedIn
from app.kernel.html import csrf

if TYPE_CHECKING:
    from datetime import timedelta

    from litestar import Request
    from litestar.connection import ASGIConnection
    from litestar.handlers.base import BaseRouteHandler
    from litestar.types import Guard

    from app.kernel.clock import Clock
    from app.settings import Settings

FORM_TYPE = "application/x-www-form-urlencoded"
MAX_FIELDS = 50
FORM_DEADLINE_S = 20.0


class Access(StrEnum):
    """The classes of routes; a route without one is a defect that a test finds."""

    PUBLIC = "public"
    """Anybody."""
    ACCOUNT = "account"
    """Whoever is logged in; shows only their own."""
    OWNER = "owner"
    """Names one thing in its path; anybody else's is a 404."""
    WEBHOOK = "webhook"
    """Another service's server, which signs what it sends: the handler checks that before anything else."""
    OPERATOR = "operator"
    """For the machine that watches the service."""


PUBLIC = {"access": Access.PUBLIC}
ACCOUNT = {"access": Access.ACCOUNT}
OWNER = {"access": Access.OWNER}
WEBHOOK = {"access": Access.WEBHOOK}
OPERATOR = {"access": Access.OPERATOR}
OPEN = frozenset({Access.PUBLIC, Access.WEBHOOK, Access.OPERATOR})
"""Every other class needs a session, and a route that forgot its class too."""
VERIFIED = {"needs_verified": True}
"""For what costs us work: the account's address must be confirmed."""
TOKEN_IN_FIRST_FIELD = {"csrf": "first field"}
"""For the one form whose body is streamed: its handler checks the token before the first file."""


def needs_session(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Refuse strangers where a session is needed, and unconfirmed addresses where one is."""
    viewer = connection.scope.get("user")
    if handler.opt.get("access") not in OPEN and viewer is None:
        raise NotSignedIn("This page is for people who are logged in.", way_out="Log in and come back.")
    if handler.opt.get("needs_verified") and viewer is not None and not viewer.is_verified:
        raise Forbidden(
            "Your address is not confirmed yet, and nothing was stored or counted.",
            way_out="Follow the link in our mail; the page of your account sends another.",
            code="unverified",
        )


def password_first(page: str) -> dict[str, str]:
    """Let a route that hurts ask for the password again.

    In the route's decorator: ``opt=ACCOUNT | password_first("/account/erase")``. Whoever gave their
    password in this session within ``accounts.proof_minutes`` of policy.toml, by logging in or on
    the page that asks for it, is let through. Everybody else is sent to that page and from there to
    ``page``, the GET route of the form or of the link; what was posted is not repeated. Mark the page
    and what its form calls alike, so that nobody fills in a form that is then refused. The handler
    itself checks nothing.
    """
    return {"password_first": page}


def needs_proof(clock: Clock, term: timedelta) -> Guard:
    """Return the guard of :func:`password_first`."""

    def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        page, viewer = handler.opt.get("password_first"), connection.scope.get("user")
        if page is not None and viewer is not None and clock() - viewer.proved_at > term:
            raise NotProved(page)

    return guard


def needs_own_page(settings: Settings) -> Guard:
    """Return the guard that refuses what another site's page sends, and forms without their token."""

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        if connection.scope.get("method") in csrf.SAFE_METHODS or handler.opt.get("access") == Access.WEBHOOK:
            return
        csrf.check_origin(connection.headers, settings.site_url)
        viewer = connection.scope.get("user")
        if viewer is None or handler.opt.get("csrf"):
            return
        given = connection.headers.get(csrf.HEADER)
        if given is None:
            given = (await form_of(connection)).get(csrf.FIELD, "")  # type: ignore[arg-type]
        csrf.check_token(settings.signing_keys, viewer.session_id, given)

    return guard


async def whole_body(request: Request[Any, Any, Any]) -> bytes:
    """Read a body that is small; its sender may be slow, gone or neither."""
    try:
        async with asyncio.timeout(FORM_DEADLINE_S):
            return await request.body()
    except InternalServerException as error:  # Litestar's name for a connection that was cut
        raise ClientGone("The connection was cut before all had come.") from error
    except TimeoutError as error:
        raise BadRequest("Not all arrived in time.", way_out="Load the page again and repeat.") from error


async def form_of(request: Request[Any, Any, Any]) -> dict[str, str]:
    """Read a plain form; the last value of a name counts."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM_TYPE:
        return {}
    body = await whole_body(request)
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except ValueError as error:
        raise BadRequest("The form could not be read.", way_out="Load the page again and repeat.") from error
    # PostgreSQL keeps no NUL in a text, and no person types one.
    return {name: value.replace("\0", "") for name, value in pairs}
