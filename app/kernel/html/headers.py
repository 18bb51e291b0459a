"""Headers of every answer. One strict policy for all pages; nothing inline, nothing foreign."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar.datastructures import MutableScopeHeaders

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from litestar.types import Message, Scope

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
