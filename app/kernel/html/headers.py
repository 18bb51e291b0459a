"""Headers of every answer. One strict policy for all pages; nothing inline, nothing foreign."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar.datastructures import Headers, MutableScopeHeaders

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from litestar.types import Message, Scope

    from app.kernel.journal import Journal

SOURCES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "media-src": "'self' blob:",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
CONTENT_SECURITY_POLICY = "; ".join(f"{name} {value}" for name, value in SOURCES.items())

ALWAYS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
TRANSPORT_SECURITY = "max-age=63072000; includeSubDomains"
BROWSER_MAX = 200
UNLOGGED = ("/static/", "/health/")
FOR_EVER = "public, max-age=31536000, immutable"


def security_headers(*, https: bool) -> Callable[[Message, Scope], Awaitable[None]]:
    """Return the hook that completes every answer, error pages included."""

    async def complete(message: Message, scope: Scope) -> None:
        if message["type"] != "http.response.start":
            return
        headers = MutableScopeHeaders.from_message(message)
        for name, value in ALWAYS.items():
            headers[name] = value
        if https:
            headers["Strict-Transport-Security"] = TRANSPORT_SECURITY
        if scope["path"].startswith("/static/"):
            if message["status"] == 200:
                headers["Cache-Control"] = FOR_EVER
        else:
            headers["Cache-Control"] = "no-store"
            headers["Vary"] = "Cookie, HX-Request"

    return complete


def access_log(journal: Journal) -> Callable[[Message, Scope], Awaitable[None]]:
    """Return the hook that writes a line for each answer: who asked when for which route, and the status.

    The route stands for the address, since the address of a link carries its secret.
    """

    async def write(message: Message, scope: Scope) -> None:
        if message["type"] != "http.response.start" or scope["path"].startswith(UNLOGGED):
            return
        agent = Headers.from_scope(scope).get("user-agent", "")
        client = scope.get("client")
        journal.write(
            address=client[0] if client else "",
            browser=agent[:BROWSER_MAX],
            method=str(scope.get("method", "")),
            route=str(scope.get("path_template", "")),
            status=message["status"],
        )

    return write
